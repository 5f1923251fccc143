/** Writes what is on the screen into a file. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DagentError } from '../protocol/errors.ts';

/**
 * Writes a new file, which only its owner can read. Returns its whole path. Throws E_CANNOT_WRITE,
 * also when there is a file of that name.
 */
export async function saveText(path: string, text: string): Promise<string> {
  const whole = resolve(path);
  try {
    await writeFile(whole, text, { flag: 'wx', mode: 0o600 });
    return whole;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EEXIST' ? 'there is such a file already' : (code ?? message);
    throw new DagentError('E_CANNOT_WRITE', { path: whole, reason });
  }
}
