/** A disk of a few MiB, as only root can make one: others skip what needs it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs `action` with a directory on a disk of `size` (as mount(8) takes it). */
export async function onSmallDisk(
  size: string,
  action: (directory: string) => Promise<void> | void,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'small-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', directory]);
  try {
    if (mounted.status === 0) await action(directory);
    else process.stderr.write('skipped: a disk cannot be mounted here\n');
  } finally {
    spawnSync('umount', ['-l', directory]);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Leaves no room there; the file that takes it. */
export function fillDisk(directory: string): string {
  const ballast = join(directory, 'ballast');
  spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=4k'], { stdio: 'ignore' });
  return ballast;
}
