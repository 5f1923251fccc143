/** The list of a tree, as it comes from another node: nothing in it leads beyond the tree. */
import { DagentError } from '../protocol/errors.ts';
import { type Entry, parseEntry } from '../protocol/file.ts';
import { FILE_ENTRIES_MAX } from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';

function invalid(reason: string): DagentError {
  return new DagentError('E_LIST_INVALID', { reason });
}

/**
 * The entries, each directory before what is in it. `name` is what the tree is called; without it
 * its entries go into the directory themselves. Throws E_LIST_INVALID.
 */
export function readList(bytes: Buffer, name: string | undefined): Entry[] {
  const { entries } = unpackMap(bytes);
  if (!Array.isArray(entries)) throw invalid('it is none');
  if (entries.length > FILE_ENTRIES_MAX) throw invalid(`it has ${entries.length} entries`);
  const directories = new Set<string>();
  const seen = new Set<string>();
  return entries.map((each) => {
    const entry = parseEntry(each);
    if (entry === undefined) throw invalid('an entry has a name that leads elsewhere, or no sense');
    const path = [name, entry.path].filter((part) => part !== undefined && part !== '').join('/');
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const isBelow = above === '' || directories.has(above);
    if (path === '' || seen.has(path) || !isBelow) throw invalid('its order makes no sense');
    seen.add(path);
    if (entry.kind === 'directory') directories.add(path);
    return { ...entry, path };
  });
}
