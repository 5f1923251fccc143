/**
 * From a node to here: it offers what it has, and its blocks are asked for and put in their place.
 */
import { basename, dirname, join } from 'node:path';
import { systemAccounts } from '../adapters/accounts.ts';
import { systemFiles } from '../adapters/file-system.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { Gate } from '../base/gate.ts';
import type { Asking } from '../endpoint/asking.ts';
import { Attributing, type WantedAttributes } from '../files/attributing.ts';
import { takeBlock } from '../files/block-stream.ts';
import { type Placement, place } from '../files/placing.ts';
import { BUILTIN_SERVICE, formatAddress, isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { type CopyProgress, type CopyResult, type Item, parseItem } from '../protocol/file.ts';
import {
  EXEC_SILENCE_MS,
  FILE_BLOCK_MS,
  FILE_GATHERED_AT_ONCE,
  HOPS_MAX,
  REQUEST_MS_MAX,
} from '../protocol/limits.ts';
import type { Client } from './client.ts';
import { type CopyOptions, persist } from './copy.ts';

export interface WantedFile {
  /** On the node. */
  readonly path: string;
  readonly isRecursive: boolean;
}

/** Where it goes, on this host, and what it is to be like there. */
export type LocalPlace = Omit<Placement, 'item'> & Omit<WantedAttributes, 'keepsOwner'>;

/** What a node offers, while `asking` is open. */
interface Offered {
  readonly item: Item;
  /** Symbolic links and the like that it has left out. */
  readonly leftOut: number;
}

/** Waits until the node says what it offers. Throws what it says instead, E_DEADLINE. */
function awaitOffer(asking: Asking, onWord: () => void): Promise<Offered> {
  const { promise, resolve, reject } = Promise.withResolvers<Offered>();
  const silent = (): void => {
    asking.cancel();
    asking.fail(new DagentError('E_DEADLINE', { to: asking.to, ms: EXEC_SILENCE_MS }));
  };
  let stop = systemClock.after(EXEC_SILENCE_MS, silent);
  asking.onProgress = (value) => {
    onWord();
    stop();
    const { item, leftOut } = (value ?? {}) as Record<string, unknown>;
    const parsed = parseItem(item);
    if (parsed !== undefined) {
      resolve({ item: parsed, leftOut: typeof leftOut === 'number' ? leftOut : 0 });
    }
    stop = systemClock.after(EXEC_SILENCE_MS, silent);
  };
  // Also after it has offered something: then it is of no use any more.
  asking.outcome.then(
    () => reject(new DagentError('E_NOT_OFFERED')),
    (error: DagentError) => reject(error),
  );
  void asking.outcome.finally(() => stop()).catch(() => undefined);
  return promise;
}

interface Gathering {
  readonly node: string;
  readonly wanted: WantedFile;
  readonly place: LocalPlace;
  onLeftOut(count: number): void;
}

async function attempt(
  client: Client,
  { node, wanted, place: to, onLeftOut }: Gathering,
  signal: AbortSignal,
  heard: (progress: CopyProgress) => void,
): Promise<CopyResult> {
  const asking = client.openCall(`${node}:`, 'file.offer', [wanted], REQUEST_MS_MAX);
  const cancel = (): void => {
    asking.cancel();
    asking.fail(new DagentError('E_COPY_CANCELLED'));
  };
  signal.addEventListener('abort', cancel);
  if (signal.aborted) cancel();
  let [doneBytes, sentBytes] = [0, 0];
  const tell = (): void => heard({ doneBytes, sentBytes });
  const ended = new AbortController();
  asking.outcome.catch((error: DagentError) => ended.abort(error));
  const origin = formatAddress({ node, service: BUILTIN_SERVICE });
  const startedAtMs = systemClock.monotonicMs();
  try {
    const { item, leftOut } = await awaitOffer(asking, tell);
    onLeftOut(leftOut);
    const placed = await place(
      { item, path: to.path, name: to.name },
      {
        clock: systemClock,
        files: systemFiles,
        // What is gathered belongs to who gathers it.
        attributing: new Attributing(systemAccounts, { ...to, keepsOwner: false }),
        node,
        parts: { open: () => undefined, close: () => undefined },
        signal: ended.signal,
        isDiscarded: () => signal.aborted,
        obtain(content, { level, index }, hash) {
          const ask = { content, level, index, hash, origin, hops: HOPS_MAX };
          return takeBlock(client.openCall(`${node}:`, 'file.block', [ask], FILE_BLOCK_MS), hash);
        },
        onBytes(bytes, hasCome) {
          doneBytes += bytes;
          if (hasCome) sentBytes += bytes;
          tell();
        },
      },
    );
    const ms = Math.round(systemClock.monotonicMs() - startedAtMs);
    return { verdict: 'ok', ...placed, sentBytes, ms };
  } catch (error) {
    // Why the node offers it no more tells more than that we stopped.
    throw ended.signal.aborted ? ended.signal.reason : error;
  } finally {
    signal.removeEventListener('abort', cancel);
    asking.cancel();
  }
}

/** Makes a directory here, unless it is there. Throws E_CANNOT_WRITE, E_CANNOT_READ. */
export async function makePlace(path: string): Promise<void> {
  if ((await systemFiles.look(path)) !== undefined) return;
  const above = await systemFiles.open(dirname(path));
  await above.make(basename(path)).finally(() => above.close());
}

/**
 * The directory of a node within `path`, which is made where it is not there; its path. Throws
 * E_NAME_INVALID, E_CANNOT_WRITE, E_CANNOT_READ.
 */
export async function makePlaceFor(path: string, node: string): Promise<string> {
  if (!isNodeName(node)) throw new DagentError('E_NAME_INVALID', { name: node });
  const directory = await systemFiles.open(path);
  try {
    if ((await directory.look(node)) === undefined) await directory.make(node);
    // A link there could lead anywhere.
    await (await directory.enter(node)).close();
  } finally {
    await directory.close();
  }
  return join(path, node);
}

/** What puts off a copy until fewer than FILE_GATHERED_AT_ONCE are under way. */
export function takeTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  const gate = new Gate(FILE_GATHERED_AT_ONCE);
  return async (work) => {
    while (!gate.tryEnter()) await gate.free();
    try {
      return await work();
    } finally {
      gate.leave();
    }
  };
}

/** Copies from a node to this host; its one result. Throws E_ADDRESS_INVALID, E_TOO_LARGE. */
export function copyIn(
  client: Client,
  gathering: Gathering,
  options: CopyOptions,
): Promise<CopyResult> {
  return persist((heard) => attempt(client, gathering, options.signal, heard), options);
}
