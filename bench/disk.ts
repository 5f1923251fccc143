/** What the disk takes for one flush: the least that anything can take that is to survive. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nowMs } from './clock.ts';

const PAGE = Buffer.alloc(4_096, 1);

/**
 * Milliseconds of each of `count` writes of 4 KiB with an fdatasync. The file has its size before:
 * nothing but the data changes.
 */
export function measureSync(directory: string, count: number): number[] {
  const path = join(directory, 'probe');
  const file = openSync(path, 'w');
  try {
    writeSync(file, Buffer.alloc(count * PAGE.length, 1));
    fdatasyncSync(file);
    return Array.from({ length: count }, (_, index) => {
      const startMs = nowMs();
      writeSync(file, PAGE, 0, PAGE.length, index * PAGE.length);
      fdatasyncSync(file);
      return nowMs() - startMs;
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
