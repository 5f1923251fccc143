/** What cannot be believed of a store is moved out of the way, reported, and kept for people. */
import { copyFileSync, existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { StoreHandlers } from '../ports/store.ts';
import { makeDirectory, writing } from './files.ts';
import { JOURNAL_FILES, type JournalContent } from './journal.ts';

export interface AsideOptions extends StoreHandlers {
  readonly directory: string;
  /** For the name of what is set aside, in milliseconds since the epoch. */
  readonly nowMs: number;
}

/** A name that nothing has. */
function asideName(path: string, nowMs: number): string {
  let name = `${path}.broken-${nowMs}`;
  while (existsSync(name)) name += '+';
  return name;
}

/** Reports what is missing between frames, and keeps the files for people. */
export function checkContent(
  { current, other }: JournalContent,
  after: number,
  options: AsideOptions,
): void {
  const last = current.at(-1)?.sequence ?? after;
  const missingCount = last - after - current.length - other.length;
  if (missingCount === 0) return;
  for (const name of JOURNAL_FILES) {
    const path = join(options.directory, name);
    writing(path, () => copyFileSync(path, asideName(path, options.nowMs)));
  }
  options.onBroken('journal', `${missingCount} of its entries are broken`);
}

/** Moves what cannot be a store out of the way, as a whole; it is kept for people. */
export function setAsideAll(options: AsideOptions, reason: string): void {
  const aside = asideName(options.directory, options.nowMs);
  writing(aside, () => renameSync(options.directory, aside));
  options.onBroken(aside, reason);
  makeDirectory(options.directory);
}
