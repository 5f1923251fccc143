/** What a caller asks `file.put` and `file.offer` for, checked. */
import { DagentError } from '../protocol/errors.ts';
import {
  isEntryName,
  type PutSpec,
  parseItem,
  parseMode,
  parseOrigin,
  parseOwner,
} from '../protocol/file.ts';
import { FILE_PATH_LENGTH_MAX } from '../protocol/limits.ts';

type Values = Readonly<Record<string, unknown>>;

function fail(method: string, reason: string): never {
  throw new DagentError('E_ARGUMENT_INVALID', { method, reason });
}

function readPath(method: string, path: unknown): string {
  if (typeof path !== 'string' || path.includes('\0')) return fail(method, 'path is not a text');
  if (path.length <= FILE_PATH_LENGTH_MAX) return path;
  const sizes = `${path.length} characters; at most ${FILE_PATH_LENGTH_MAX} are allowed`;
  return fail(method, `path has ${sizes}`);
}

/** Throws E_ARGUMENT_INVALID. */
export function readPutSpec(value: unknown): PutSpec {
  const method = 'file.put';
  const { item, path, name, origin, mode, owner } = (value ?? {}) as Values;
  const parsed = parseItem(item) ?? fail(method, 'item is none');
  if (parseOrigin(origin) === undefined) fail(method, 'origin is no address on a node');
  const isNamed = name !== undefined && name !== null;
  if (isNamed && !isEntryName(name)) fail(method, 'name leads elsewhere');
  if (!isNamed && parsed.kind === 'file') fail(method, 'a file has no name');
  const bits = parseMode(mode);
  if (mode !== undefined && mode !== null && bits === undefined) fail(method, 'mode is none');
  return {
    item: parsed,
    path: readPath(method, path),
    name: isNamed ? (name as string) : undefined,
    origin: origin as string,
    mode: bits,
    owner: owner === undefined || owner === null ? undefined : parseOwner(owner),
  };
}

/** Throws E_ARGUMENT_INVALID. */
export function readOfferSpec(value: unknown): {
  readonly path: string;
  readonly isRecursive: boolean;
} {
  const { path, isRecursive } = (value ?? {}) as Values;
  return { path: readPath('file.offer', path), isRecursive: isRecursive === true };
}
