/** One block on its way from node to node: a stream under credit, and its hash at the end of it. */
import type { Asking } from '../endpoint/asking.ts';
import type { CallContext } from '../endpoint/methods.ts';
import { DagentError } from '../protocol/errors.ts';
import { FileChannel } from '../protocol/file.ts';
import { FILE_BLOCK_BYTES } from '../protocol/limits.ts';
import { hashOf } from './blocks.ts';

/** Takes the block that was asked for. Throws E_BLOCK_WRONG, and what the other side says. */
export async function takeBlock(asking: Asking, hash: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  asking.onData = (_, bytes) => {
    length += bytes.length;
    if (length <= FILE_BLOCK_BYTES) pieces.push(bytes);
    asking.grant(bytes.length);
  };
  await asking.outcome;
  const block = Buffer.concat(pieces);
  if (length === block.length && hashOf(block) === hash) return block;
  throw new DagentError('E_BLOCK_WRONG', { to: asking.to });
}

/** Gives a block to who has asked; settles when it has been taken, or nobody takes it any more. */
export async function giveBlock(
  { exchange, signal }: Pick<CallContext, 'exchange' | 'signal'>,
  bytes: Buffer,
): Promise<void> {
  const drained = new Promise<void>((resolve) => {
    exchange.onDrain = resolve;
    signal.addEventListener('abort', () => resolve());
  });
  const isTaken = exchange.write(FileChannel.BLOCK, bytes);
  if (!isTaken && !signal.aborted) await drained;
}
