/** Reading the small files in which Linux tells about itself. */
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

/** The value of `ask`; undefined where the system refuses. Only a mistake of ours has no errno. */
function orUndefined<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
    return undefined;
  }
}

/**
 * A small file of the kernel's, or undefined. Synchronous: it never waits, and a thread costs more.
 */
export function readKernelFile(path: string): string | undefined {
  return orUndefined(() => readFileSync(path, 'utf8'));
}

/** Names in a folder of the kernel's, in no order; none when there is no folder. */
export function listKernelFolder(path: string): readonly string[] {
  return orUndefined(() => readdirSync(path)) ?? [];
}

/** Attribute of a device: its text without the blanks around it, or null when it has none. */
export async function readAttribute(path: string): Promise<string | null> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    return text === '' ? null : text;
  } catch (error) {
    // An attribute may be missing, for root only, or refuse (EINVAL for the speed of a link that is
    // down): all of it means that the device does not tell. Only a mistake of ours has no errno.
    if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
    return null;
  }
}

/** As {@link readAttribute}, for a whole number. */
export async function readNumber(path: string): Promise<number | null> {
  const text = await readAttribute(path);
  return text !== null && /^-?\d+$/.test(text) ? Number(text) : null;
}

/**
 * Names in a folder, sorted as people count (`sda2` before `sda10`); none when there is no folder.
 */
export async function listNames(path: string): Promise<string[]> {
  try {
    const names = await readdir(path);
    // With numbers padded they sort as numbers; the collator that can do so costs 5 ms and 3 MB.
    const keys = new Map(names.map((name) => [name, name.replace(/\d+/g, padNumber)]));
    const keyOf = (name: string): string => keys.get(name) ?? name;
    return names.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return [];
  }
}

function padNumber(digits: string): string {
  return digits.padStart(8, '0');
}
