/** The source of a copy: one file, or a list of directories and files with what they contain. */
import { basename } from 'node:path';
import type { Directory, FileFacts, FileSystem, ReadableFile } from '../ports/file-system.ts';
import { DagentError } from '../protocol/errors.ts';
import { type Entry, type FileItem, type Item, isEntryPath, type Owner } from '../protocol/file.ts';
import { FILE_ENTRIES_MAX, FILE_LIST_BYTES_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import { namesOf, within } from './directories.ts';
import type { Offers, ReadingOptions } from './offers.ts';

export interface CollectComponents extends ReadingOptions {
  readonly files: FileSystem;
  readonly offers: Offers;
  /** Whether directories are taken with all that is in them. */
  readonly isRecursive: boolean;
  /** Whether owners go along, by name. */
  readonly tellsOwner: boolean;
}

export interface Collected {
  readonly item: Item;
  /** Symbolic links, sockets, devices: they are left out. */
  readonly leftOut: readonly string[];
  /** Bytes of all files. */
  readonly bytes: number;
}

/** A file or directory that is to be copied, and what its entries begin with. */
interface Source {
  readonly path: string;
  readonly as: string;
}

class Collector {
  readonly entries: Entry[] = [];
  readonly leftOut: string[] = [];
  readonly #components: CollectComponents;
  /** Owners that were looked up. */
  readonly #owners = new Map<string, Promise<Owner>>();

  constructor(components: CollectComponents) {
    this.#components = components;
  }

  async #ownerOf(facts: FileFacts): Promise<Owner> {
    const { files, tellsOwner } = this.#components;
    if (!tellsOwner) return {};
    const key = `${facts.uid}:${facts.gid}`;
    const known = this.#owners.get(key) ?? files.nameOwner(facts);
    this.#owners.set(key, known);
    return await known;
  }

  async file(path: string, facts: FileFacts, open: () => Promise<ReadableFile>): Promise<FileItem> {
    const content = await this.#components.offers.addFile(path, open, this.#components);
    return { kind: 'file', content, mode: facts.mode, ...(await this.#ownerOf(facts)) };
  }

  #add(entry: Entry): void {
    if (!isEntryPath(entry.path)) {
      throw new DagentError('E_CANNOT_READ', { path: entry.path, reason: 'its name is too long' });
    }
    if (this.entries.length >= FILE_ENTRIES_MAX) {
      throw new DagentError('E_TOO_MANY_ENTRIES', { max: FILE_ENTRIES_MAX });
    }
    this.entries.push(entry);
  }

  /** Adds a source with all below it. */
  async add({ path, as }: Source): Promise<void> {
    const { files, isRecursive } = this.#components;
    const facts = await files.look(path);
    if (facts?.kind !== 'directory') {
      const open = () => files.read(path);
      return this.#add({ path: as, ...(await this.#readFile(path, open)) });
    }
    if (!isRecursive) {
      throw new DagentError('E_CANNOT_READ', { path, reason: 'it is a directory (say -r)' });
    }
    const { mode } = facts;
    this.#add({ path: as, kind: 'directory', mode, ...(await this.#ownerOf(facts)) });
    const root = await files.open(path);
    try {
      await this.#descend(root, { path, as }, '');
    } finally {
      await root.close();
    }
  }

  async #readFile(path: string, open: () => Promise<ReadableFile>): Promise<FileItem> {
    const file = await open();
    await file.close();
    return this.file(path, file.facts, open);
  }

  /** What is in a directory; `below` is its path from that of the source. */
  async #descend(directory: Directory, source: Source, below: string): Promise<void> {
    const { files } = this.#components;
    for (const name of (await directory.list()).sort()) {
      const facts = await directory.look(name);
      const [path, as] = [`${below}/${name}`.replace(/^\//, ''), source.as];
      const entryPath = as === '' ? path : `${as}/${path}`;
      if (facts?.kind === 'directory') {
        const { mode } = facts;
        const owner = await this.#ownerOf(facts);
        this.#add({ path: entryPath, kind: 'directory', mode, ...owner });
        await within(directory, [name], (next) => this.#descend(next, source, path));
      } else if (facts?.kind === 'file') {
        const open = () => openBelow(files, source.path, path);
        const item = await this.file(`${directory.path}/${name}`, facts, open);
        this.#add({ path: entryPath, ...item });
      } else if (facts !== undefined) {
        this.leftOut.push(`${directory.path}/${name}`);
      }
    }
  }
}

/** Opens a file below a directory, through no symbolic link. */
async function openBelow(files: FileSystem, root: string, path: string): Promise<ReadableFile> {
  const names = namesOf(path);
  const directory = await files.open(root);
  try {
    return await within(directory, names.slice(0, -1), (at) => at.read(names.at(-1) ?? ''));
  } finally {
    await directory.close();
  }
}

/** The entries as a content. Throws E_TOO_LARGE. */
function listContent(entries: readonly Entry[], offers: Offers): Item {
  const bytes = pack({ entries });
  if (bytes.length > FILE_LIST_BYTES_MAX) {
    const values = { what: 'the list of files', bytes: bytes.length, max: FILE_LIST_BYTES_MAX };
    throw new DagentError('E_TOO_LARGE', values);
  }
  return { kind: 'tree', content: offers.addBytes(bytes) };
}

/**
 * Offers what is at `paths`. One file is itself; one directory is a tree; several are a tree of
 * what is called as they are. Throws E_CANNOT_READ, E_TOO_LARGE, E_TOO_MANY_ENTRIES,
 * E_FILE_CHANGED, E_COPY_CANCELLED.
 */
export async function collect(
  paths: readonly string[],
  components: CollectComponents,
): Promise<Collected> {
  const collector = new Collector(components);
  const isOne = paths.length === 1;
  for (const path of paths) await collector.add({ path, as: isOne ? '' : basename(path) });
  const { entries, leftOut } = collector;
  const sizes = entries.map((entry) => (entry.kind === 'file' ? entry.content.size : 0));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const [first] = entries;
  if (isOne && first?.kind === 'file') {
    const { path: _, ...item } = first;
    return { item, leftOut, bytes };
  }
  return { item: listContent(entries, components.offers), leftOut, bytes };
}
