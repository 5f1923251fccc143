/** What LMDB or the system say when they cannot write, as an error of ours. */
import { statfsSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import type { ErrorCode, ErrorData } from '../protocol/errors.ts';

/** MDB_MAP_FULL of LMDB. */
const MAP_FULL_CODE = -30792;
/** Errors of the system (errno) and of LMDB that mean that there is no room. */
const FULL_CODES: readonly unknown[] = [
  28 /* ENOSPC */,
  122 /* EDQUOT */,
  MAP_FULL_CODE,
  'ENOSPC',
  'EDQUOT',
];
/** What LMDB says when the disk took a part of a write only (EIO): mostly it is full then. */
const IO_ERROR_CODES: readonly unknown[] = [5, 'EIO'];
const ROOM_BYTES_MIN = 1_048_576;

/** Why something was not written. */
export interface Failure {
  readonly code: unknown;
  readonly message: string;
}

/** What LMDB or the system threw, wherever they put it. */
export async function findCause(thrown: unknown): Promise<Failure> {
  const { commitError } = thrown as { commitError?: Promise<never> };
  const cause = commitError === undefined ? thrown : await commitError.catch((why: unknown) => why);
  const { code, message } = cause as { code?: unknown; message?: string };
  return { code, message: (message ?? String(cause)).split('\n', 1)[0] ?? '' };
}

/** Whether LMDB finds no store of its own, rather than the system no room. */
export function isDamage({ code }: Failure): boolean {
  return typeof code === 'number' && code < 0 && !FULL_CODES.includes(code);
}

/** Whether the disk of a directory has room to begin a store on. */
export function hasRoom(directory: string): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize >= ROOM_BYTES_MIN;
}

/** For people, by the code: what LMDB says of a write is of use to those who write LMDB. */
function reasonOf({ code, message }: Failure, isFull: boolean): string {
  if (code === MAP_FULL_CODE) return 'the store is as large as it may be';
  if (code === 122 || code === 'EDQUOT') return 'the quota is used up';
  if (isFull) return 'no space left on device';
  if (typeof code === 'number' && code > 0) return getSystemErrorName(-code);
  return typeof code === 'string' ? code : message;
}

/** Why the directory of a store takes nothing: E_STORE_FULL, E_STORE_WRITE. */
export function describeFailure(path: string, failure: Failure): ErrorData {
  const { code } = failure;
  const isFull = FULL_CODES.includes(code) || (IO_ERROR_CODES.includes(code) && !hasRoom(path));
  const name: ErrorCode = isFull ? 'E_STORE_FULL' : 'E_STORE_WRITE';
  return { code: name, values: { path, reason: reasonOf(failure, isFull) } };
}
