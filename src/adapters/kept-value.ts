/** A value in a JSON file that is replaced as a whole, and synced. */
import { renameSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeptValue } from '../ports/kept-value.ts';
import { syncDirectory, writing } from './files.ts';
import { readJson } from './home.ts';

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** The value in the file `path`. One writes at a time. */
export function openKeptValue(path: string): KeptValue {
  return {
    read: () => readJson(path),
    setAside() {
      const aside = `${path}.broken`;
      writing(aside, () => renameSync(path, aside));
      return aside;
    },
    async write(value) {
      try {
        await replaceFile(path, `${JSON.stringify(value)}\n`);
      } catch (error) {
        rmSync(`${path}.tmp`, { force: true });
        writing(path, () => {
          throw error;
        });
      }
    },
  };
}
