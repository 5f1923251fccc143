/** What is copied and what became of it: the words of `file.put`, `file.offer`, `file.block`. */
import { type Address, isNodeName, parseAddress } from './address.ts';
import type { Verdict } from './exec.ts';
import { VERDICTS } from './exec.ts';
import { FILE_BYTES_MAX, FILE_PATH_LENGTH_MAX } from './limits.ts';

/** Channel of the exchange on which a block comes, and that of the word to keep nothing. */
export const FileChannel = { BLOCK: 1, DISCARD: 2 } as const;

/** Bytes by what they are: the hash at the top of their tree of blocks, and how many they are. */
export interface Content {
  readonly hash: string;
  readonly size: number;
}

/** One block of a content: level 0 is the content itself, each above it hashes of the one below. */
export interface BlockAsk {
  readonly content: Content;
  readonly level: number;
  readonly index: number;
  /** The hash of the block. */
  readonly hash: string;
  /** `node:service` that has the content. */
  readonly origin: string;
  /** Nodes that it may still be passed on by. */
  readonly hops: number;
}

/** Whose a file is, by names: numbers mean something else on another host. */
export interface Owner {
  readonly user?: string | undefined;
  readonly group?: string | undefined;
}

/** A file; or, `list`, directories and files, which a content lists. */
export interface FileItem extends Owner {
  readonly kind: 'file';
  readonly content: Content;
  readonly mode: number;
}

export interface TreeItem {
  readonly kind: 'tree';
  readonly content: Content;
}

export type Item = FileItem | TreeItem;

/** An entry of a list: `path` is relative, with `/` between names; '' is the tree itself. */
export type Entry =
  | ({ readonly path: string } & FileItem)
  | ({ readonly path: string; readonly kind: 'directory'; readonly mode: number } & Owner);

export interface PutSpec {
  readonly item: Item;
  /** Where to, from the home directory of the daemon. */
  readonly path: string;
  /** What it is called in a directory; undefined: the entries go into it themselves. */
  readonly name: string | undefined;
  readonly origin: string;
  /** Instead of those of the source. */
  readonly mode: number | undefined;
  readonly owner: Owner | undefined;
}

/** What a copy changed. */
export const CHANGES = ['copied', 'attributes', 'unchanged'] as const;
export type Change = (typeof CHANGES)[number];

export interface CopyResult {
  readonly verdict: Verdict;
  readonly reason?: string;
  /** The name of the system's error, where it was one. */
  readonly errno?: string;
  readonly change?: Change;
  /** Where it is now. */
  readonly path?: string;
  readonly files: number;
  /** Bytes of all files, and those of them that had to come. */
  readonly bytes: number;
  readonly sentBytes: number;
  readonly ms: number;
}

/** How far a copy is. */
export interface CopyProgress {
  readonly doneBytes: number;
  readonly sentBytes: number;
}

const HASH = /^[0-9a-f]{64}$/;
const NAME_BYTES_MAX = 255;

type Values = Readonly<Record<string, unknown>>;

function toValues(value: unknown): Values {
  return typeof value === 'object' && value !== null ? (value as Values) : {};
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max;
}

/** Whether it names one entry of a directory, and nothing beyond. */
export function isEntryName(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value !== '.' &&
    value !== '..' &&
    !/[/\0]/.test(value) &&
    Buffer.byteLength(value) <= NAME_BYTES_MAX
  );
}

/** Whether it is the path of an entry: names with `/` between, downwards only. */
export function isEntryPath(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > FILE_PATH_LENGTH_MAX) return false;
  return value === '' || value.split('/').every(isEntryName);
}

export function parseContent(value: unknown): Content | undefined {
  const { hash, size } = toValues(value);
  if (typeof hash !== 'string' || !HASH.test(hash)) return undefined;
  return isCount(size, FILE_BYTES_MAX) ? { hash, size } : undefined;
}

/** The address of an origin: it names a node. */
export function parseOrigin(value: unknown): Address | undefined {
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  return address !== undefined && isNodeName(address.node) ? address : undefined;
}

export function parseBlockAsk(value: unknown): BlockAsk | undefined {
  const { content, level, index, hash, origin, hops } = toValues(value);
  const whole = parseContent(content);
  if (whole === undefined || typeof hash !== 'string' || !HASH.test(hash)) return undefined;
  if (parseOrigin(origin) === undefined || !isCount(hops, 255)) return undefined;
  if (!isCount(level, 8) || !isCount(index, FILE_BYTES_MAX)) return undefined;
  return { content: whole, level, index, hash, origin: origin as string, hops };
}

export function parseMode(value: unknown): number | undefined {
  return isCount(value, 0o7777) ? value : undefined;
}

/** Whose a file is to be; names that are none are left out. */
export function parseOwner(value: unknown): Owner {
  const { user, group } = toValues(value);
  const isName = (each: unknown): each is string => typeof each === 'string' && each !== '';
  return {
    ...(isName(user) ? { user } : {}),
    ...(isName(group) ? { group } : {}),
  };
}

function parseFile(value: unknown): FileItem | undefined {
  const { kind, content, mode } = toValues(value);
  const [whole, bits] = [parseContent(content), parseMode(mode)];
  if (kind !== 'file' || whole === undefined || bits === undefined) return undefined;
  return { kind, content: whole, mode: bits, ...parseOwner(value) };
}

export function parseItem(value: unknown): Item | undefined {
  const { kind, content } = toValues(value);
  const whole = parseContent(content);
  if (kind === 'tree' && whole !== undefined) return { kind, content: whole };
  return parseFile(value);
}

export function parseEntry(value: unknown): Entry | undefined {
  const { path, kind, mode } = toValues(value);
  if (!isEntryPath(path)) return undefined;
  if (kind === 'file') {
    const file = parseFile(value);
    return file === undefined ? undefined : { path, ...file };
  }
  const bits = parseMode(mode);
  if (kind !== 'directory' || bits === undefined) return undefined;
  return { path, kind, mode: bits, ...parseOwner(value) };
}

/** The result in a decoded value, or undefined when it is not one. */
export function parseCopyResult(value: unknown): CopyResult | undefined {
  const { verdict, reason, errno, change, path, files, bytes, sentBytes, ms } = toValues(value);
  if (!VERDICTS.includes(verdict as Verdict)) return undefined;
  const count = (each: unknown): number => (typeof each === 'number' ? each : 0);
  return {
    verdict: verdict as Verdict,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof errno === 'string' ? { errno } : {}),
    ...(CHANGES.includes(change as Change) ? { change: change as Change } : {}),
    ...(typeof path === 'string' ? { path } : {}),
    files: count(files),
    bytes: count(bytes),
    sentBytes: count(sentBytes),
    ms: count(ms),
  };
}

export function parseCopyProgress(value: unknown): CopyProgress | undefined {
  const { doneBytes, sentBytes } = toValues(value);
  if (typeof doneBytes !== 'number' || typeof sentBytes !== 'number') return undefined;
  return { doneBytes, sentBytes };
}
