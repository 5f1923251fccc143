/** What `dagent top` keeps from one time to the next: in the home, so that each has its own. */
import { memoryPathOf, readJson, resolveHome, writeMemory } from '../adapters/home.ts';

const MEMORY = 'top';

/** What was kept; undefined when nothing was, or what is there cannot be read. */
export function recallTop(home: string | undefined): unknown {
  try {
    return readJson(memoryPathOf(resolveHome(home, process.env), MEMORY));
  } catch {
    // How it looked the last time is nothing to fail for.
    return undefined;
  }
}

/** Keeps `settings`. A home that cannot be written in is one without a memory. */
export function rememberTop(home: string | undefined, settings: object): void {
  try {
    writeMemory(resolveHome(home, process.env), MEMORY, settings);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
  }
}
