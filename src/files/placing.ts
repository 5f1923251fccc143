/**
 * The target of a copy: a file, or a tree of them, in its place. What is there already is left
 * alone; what is not is written beside its place and put there as a whole.
 */
import { basename, dirname, join } from 'node:path';
import type { Directory, FileSystem, PartFile } from '../ports/file-system.ts';
import { DagentError } from '../protocol/errors.ts';
import type { Change, Entry, FileItem, Item } from '../protocol/file.ts';
import { FILE_ENTRIES_AT_ONCE, FILE_LIST_BYTES_MAX } from '../protocol/limits.ts';
import type { Attributing } from './attributing.ts';
import { hashOf } from './blocks.ts';
import { namesOf, within } from './directories.ts';
import { readList } from './list.ts';
import { contentOf } from './offers.ts';
import { type ReceptionComponents, receive, receiveBytes } from './reception.ts';

/** Parts that are being written, or were left to be gone on with. */
export interface Parts {
  /** Takes a path for one copy. Throws E_COPY_BUSY. */
  open(path: string): void;
  close(path: string, isKept: boolean): void;
}

export interface PlaceComponents extends ReceptionComponents {
  readonly files: FileSystem;
  readonly attributing: Attributing;
  readonly parts: Parts;
  /** Distinguishes parts of several nodes in one directory. */
  readonly node: string;
  /** Whether nobody will go on with what was begun. */
  isDiscarded(): boolean;
}

export interface Placement {
  readonly item: Item;
  /** Absolute. */
  readonly path: string;
  /** What it is called in a directory; undefined: its entries go into it themselves. */
  readonly name: string | undefined;
}

export interface Placed {
  readonly path: string;
  readonly change: Change;
  readonly files: number;
  readonly bytes: number;
}

function refuse(path: string, reason: string): DagentError {
  return new DagentError('E_CANNOT_WRITE', { path, reason });
}

/** Whether a part may be gone on with after this error. */
function isWorthKeeping(error: unknown): boolean {
  return error instanceof DagentError && (error.code === 'E_COPY_CANCELLED' || error.isRetryable);
}

class Placer {
  readonly #components: PlaceComponents;
  readonly #changes = new Set<Change>();
  fileCount = 0;
  byteCount = 0;

  constructor(components: PlaceComponents) {
    this.#components = components;
  }

  get change(): Change {
    if (this.#changes.has('copied')) return 'copied';
    return this.#changes.has('attributes') ? 'attributes' : 'unchanged';
  }

  noteChange(change: Change): void {
    this.#changes.add(change);
  }

  async #isThere(directory: Directory, name: string, { content }: FileItem): Promise<boolean> {
    const file = await directory.read(name);
    try {
      const { hash } = await contentOf(file, name, { signal: this.#components.signal });
      return hash === content.hash;
    } catch (error) {
      // It is being written by others just now.
      if (error instanceof DagentError && error.code === 'E_FILE_CHANGED') return false;
      throw error;
    } finally {
      await file.close();
    }
  }

  /** Puts one file in its place. */
  async file(
    directory: Directory,
    name: string,
    item: FileItem,
    failed?: AbortSignal,
  ): Promise<void> {
    const { attributing, onBytes } = this.#components;
    const path = join(directory.path, name);
    const there = await directory.look(name);
    if (there?.kind === 'directory') throw refuse(path, 'it is a directory');
    if (there?.kind === 'other') throw refuse(path, 'it is no regular file');
    const attributes = await attributing.attributesOf(item);
    const { size } = item.content;
    this.fileCount++;
    this.byteCount += size;
    const isAlike = there?.kind === 'file' && there.size === size;
    if (!isAlike || !(await this.#isThere(directory, name, item))) {
      await this.#write(directory, name, item, failed);
      return this.noteChange('copied');
    }
    onBytes(size, false);
    if (!attributing.differ(there, attributes)) return this.noteChange('unchanged');
    await directory.setAttributes(name, attributes);
    this.noteChange('attributes');
  }

  async #write(
    directory: Directory,
    name: string,
    item: FileItem,
    failed: AbortSignal | undefined,
  ): Promise<void> {
    const { node, parts } = this.#components;
    const { content } = item;
    const path = join(directory.path, name);
    // The same for who goes on with it, and for nobody else.
    const key = hashOf(Buffer.from(`${node}\0${path}\0${content.hash}`)).slice(0, 24);
    const part = `.dagent-${key}.part`;
    const partPath = join(directory.path, part);
    parts.open(partPath);
    let isKept = false;
    try {
      const file = await directory.write(part, name);
      try {
        await this.#fill(file, item, failed);
      } catch (error) {
        isKept = isWorthKeeping(error) && !this.#components.isDiscarded();
        await file.abandon(isKept);
        throw error;
      }
    } finally {
      parts.close(partPath, isKept);
    }
  }

  async #fill(file: PartFile, item: FileItem, failed: AbortSignal | undefined): Promise<void> {
    const { content } = item;
    const { signal } = this.#components;
    const ends = failed === undefined ? signal : AbortSignal.any([signal, failed]);
    await receive(content, file, { ...this.#components, signal: ends });
    await file.finish(content.size, await this.#components.attributing.attributesOf(item));
  }
}

/**
 * Works on so many at a time. The first that fails ends the others, and is thrown when they have
 * ended.
 */
async function inTurns<T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T, failed: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const left = all.values();
  const worker = async (): Promise<void> => {
    for (const one of left) {
      if (failed.signal.aborted) return;
      await work(one, failed.signal);
    }
  };
  const fail = (error: unknown): void => failed.abort(error);
  await Promise.all(Array.from({ length: atOnce }, () => worker().catch(fail)));
  if (failed.signal.aborted) throw failed.signal.reason;
}

/** Makes the directories, then the files, then sets what the new directories are to be. */
async function placeTree(
  placer: Placer,
  root: Directory,
  entries: readonly Entry[],
  components: PlaceComponents,
): Promise<void> {
  const { attributing } = components;
  const made: Entry[] = [];
  const inParent = <T>({ path }: Entry, action: (at: Directory, name: string) => Promise<T>) =>
    within(root, namesOf(path).slice(0, -1), (at) => action(at, namesOf(path).at(-1) ?? ''));
  for (const entry of entries) {
    if (entry.kind !== 'directory') continue;
    await inParent(entry, async (at, name) => {
      const there = await at.look(name);
      if (there?.kind === 'directory') return;
      if (there !== undefined) throw refuse(join(at.path, name), 'it is no directory');
      await at.make(name);
      made.push(entry);
    });
  }
  if (made.length > 0) placer.noteChange('copied');
  const files = entries.filter((entry) => entry.kind === 'file');
  await inTurns(files, FILE_ENTRIES_AT_ONCE, (entry, signal) =>
    inParent(entry, (at, name) => placer.file(at, name, entry, signal)),
  );
  for (const entry of made.reverse()) {
    const attributes = await attributing.attributesOf(entry);
    await inParent(entry, (at, name) => at.setAttributes(name, attributes));
  }
}

interface Destination {
  /** The directory that it goes into. */
  readonly directory: string;
  /** What it is called there; undefined: its entries go there themselves. */
  readonly name: string | undefined;
}

async function locate(files: FileSystem, { path, name }: Placement): Promise<Destination> {
  const there = await files.look(path);
  if (there?.kind === 'directory') return { directory: path, name };
  if (name === undefined || path.endsWith('/')) {
    const reason = there === undefined ? 'there is no such directory' : 'it is no directory';
    throw refuse(path, reason);
  }
  return { directory: dirname(path), name: basename(path) };
}

async function placeItem(
  placer: Placer,
  item: Item,
  destination: { readonly directory: Directory; readonly name: string | undefined },
  components: PlaceComponents,
): Promise<void> {
  const { directory, name } = destination;
  if (item.kind === 'file') return await placer.file(directory, name ?? '', item);
  const { size } = item.content;
  if (size > FILE_LIST_BYTES_MAX) {
    const values = { what: 'the list of files', bytes: size, max: FILE_LIST_BYTES_MAX };
    throw new DagentError('E_TOO_LARGE', values);
  }
  const list = readList(await receiveBytes(item.content, components), name);
  await placeTree(placer, directory, list, components);
}

/**
 * Puts an item in its place. Throws E_CANNOT_WRITE, E_CANNOT_READ, E_COPY_BUSY, E_LIST_INVALID,
 * E_ACCOUNT_UNKNOWN, E_COPY_CANCELLED, and what the source says.
 */
export async function place(placement: Placement, components: PlaceComponents): Promise<Placed> {
  const { files } = components;
  const { directory: path, name } = await locate(files, placement);
  if ((await files.look(path))?.kind !== 'directory') {
    throw refuse(path, 'there is no such directory');
  }
  const directory = await files.open(path);
  const placer = new Placer(components);
  try {
    await placeItem(placer, placement.item, { directory, name }, components);
  } finally {
    await directory.close();
  }
  const { change, fileCount, byteCount } = placer;
  return { path: join(path, name ?? ''), change, files: fileCount, bytes: byteCount };
}
