/** From here to nodes: what is offered to them, and each node that takes it. */
import { systemFiles } from '../adapters/file-system.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { CallServer } from '../endpoint/call-server.ts';
import { decodeValue } from '../endpoint/methods.ts';
import { giveBlock } from '../files/block-stream.ts';
import { type Collected, collect } from '../files/collecting.ts';
import { Offers, type ReadingOptions } from '../files/offers.ts';
import { formatAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  type CopyProgress,
  type CopyResult,
  FileChannel,
  type PutSpec,
  parseBlockAsk,
  parseCopyProgress,
  parseCopyResult,
} from '../protocol/file.ts';
import { EXEC_SILENCE_MS, REQUEST_MS_MAX } from '../protocol/limits.ts';
import type { Client } from './client.ts';
import { type CopyOptions, persist } from './copy.ts';

export type { ReadingOptions };

/** Gives blocks of what is offered to whoever asks this program for them. */
function serveOffers(client: Client, offers: Offers): string {
  const { node, service } = client.endpoint.identity;
  const methods = {
    'file.block': {
      doc: 'Gives one block of what is copied, on channel 1.',
      async run(args: readonly unknown[], context: Parameters<typeof giveBlock>[0]) {
        const ask = parseBlockAsk(args[0]);
        if (ask === undefined) throw new DagentError('E_NOT_OFFERED');
        await giveBlock(context, await offers.read(ask));
        return null;
      },
    },
  };
  const server = new CallServer(methods, { node, timer: systemClock });
  client.endpoint.handle(service, server.handlers);
  return formatAddress({ node, service });
}

/** What is offered from here, and where blocks of it are asked for. */
export interface LocalOffer extends Collected {
  readonly origin: string;
}

/**
 * Offers files of this host for as long as `client` is connected. Throws E_CANNOT_READ,
 * E_TOO_LARGE, E_TOO_MANY_ENTRIES, E_FILE_CHANGED, E_COPY_CANCELLED.
 */
export async function offerFiles(
  client: Client,
  paths: readonly string[],
  options: ReadingOptions & { readonly isRecursive: boolean },
): Promise<LocalOffer> {
  const offers = new Offers();
  // Who is root here and there keeps owners, as with tar.
  const tellsOwner = process.getuid?.() === 0;
  const collected = await collect(paths, { ...options, files: systemFiles, offers, tellsOwner });
  return { ...collected, origin: serveOffers(client, offers) };
}

/** Throws why it did not succeed. */
async function attempt(
  client: Client,
  target: string,
  spec: PutSpec,
  { signal, heard }: { signal: AbortSignal; heard: (progress: CopyProgress) => void },
): Promise<CopyResult> {
  const asking = client.openCall(`${target}:`, 'file.put', [spec], REQUEST_MS_MAX);
  let stopSilence = (): void => undefined;
  const awaitWord = (): void => {
    stopSilence();
    stopSilence = systemClock.after(EXEC_SILENCE_MS, () => {
      asking.cancel();
      asking.fail(new DagentError('E_DEADLINE', { to: target, ms: EXEC_SILENCE_MS }));
    });
  };
  awaitWord();
  asking.onProgress = (value) => {
    awaitWord();
    const progress = parseCopyProgress(value);
    if (progress !== undefined) heard(progress);
  };
  const cancel = (): void => {
    asking.end(FileChannel.DISCARD);
    asking.cancel();
  };
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel);
  try {
    const result = parseCopyResult(decodeValue((await asking.outcome).data));
    if (result !== undefined) return result;
    throw new DagentError('E_NOT_UNDERSTOOD', { service: target, command: 'file.put' });
  } finally {
    stopSilence();
    signal.removeEventListener('abort', cancel);
  }
}

/** Copies what `spec` says to a node; its one result. Throws E_ADDRESS_INVALID, E_TOO_LARGE. */
export function copyOut(
  client: Client,
  target: string,
  spec: PutSpec,
  options: CopyOptions,
): Promise<CopyResult> {
  const { signal } = options;
  return persist((heard) => attempt(client, target, spec, { signal, heard }), options);
}
