/**
 * Who a node is: an id that it keeps for ever, and the number of its run. That must be larger than
 * any former one, else the others take what the node says for old; so the last one is kept, in case
 * the clock was set back.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { writing } from '../adapters/files.ts';
import { type NodePaths, readJson, writeJsonInPlace } from '../adapters/home.ts';
import { readId } from './options.ts';
import type { Keep } from './unwritten.ts';

export interface Identity {
  readonly id: string;
  readonly incarnation: number;
}

/** The number of the last run; 0 when there is none, or a crash has torn it. */
function readLast(path: string): number {
  try {
    const last = readJson(path);
    return Number.isSafeInteger(last) ? Number(last) : 0;
  } catch {
    return 0;
  }
}

/**
 * Draws the incarnation of this run, and keeps it: the wall clock (milliseconds since the epoch),
 * or the number after that of the last run. Throws what `keep` throws.
 */
export function drawIncarnation(
  paths: Pick<NodePaths, 'dataDir'>,
  wallMs: number,
  keep: Keep = writing,
): number {
  const path = join(paths.dataDir, 'incarnation.json');
  const incarnation = Math.max(Math.floor(wallMs), readLast(path) + 1);
  keep(path, () => writeJsonInPlace(path, incarnation));
  return incarnation;
}

/**
 * The identity of a node for the run that begins at `wallMs`. Throws E_STATE_BROKEN, and what
 * `keep` throws.
 */
export function identify(paths: NodePaths, wallMs: number, keep: Keep): Identity {
  const id = readId(paths.config) ?? randomBytes(8).toString('hex');
  return { id, incarnation: drawIncarnation(paths, wallMs, keep) };
}
