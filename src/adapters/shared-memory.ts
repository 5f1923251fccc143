/** What the commands of a home remember, where several may change it at once. */
import { rmSync, writeFileSync } from 'node:fs';
import { makeDirectory } from './files.ts';
import { type Home, memoryPathOf, readJson, writeMemory } from './home.ts';

/** How long a program that changes a memory is waited for. Longer: it has died over it. */
const CHANGE_MS_MAX = 500;
const CHANGE_WAIT_MS = 10;

/** Waits until no other program has the file `path`, and has it. */
function takeLock(path: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; waitedMs < CHANGE_MS_MAX; waitedMs += CHANGE_WAIT_MS) {
    try {
      return writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      Atomics.wait(pause, 0, 0, CHANGE_WAIT_MS);
    }
  }
}

/**
 * Makes what is remembered what `change` makes of it, while no other program does the same. Throws
 * as {@link writeMemory}.
 */
export function changeMemory(home: Home, name: string, change: (kept: unknown) => unknown): void {
  makeDirectory(home.dataDir);
  const path = memoryPathOf(home, name);
  const lock = `${path}.lock`;
  takeLock(lock);
  try {
    writeMemory(home, name, change(readJsonOr(path)));
  } finally {
    rmSync(lock, { force: true });
  }
}

/** The value in a JSON file; undefined when there is none, or none that can be read. */
export function readJsonOr(path: string): unknown {
  try {
    return readJson(path);
  } catch {
    return undefined;
  }
}
