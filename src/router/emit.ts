/** Outputs of a step, and the frames that a router writes itself. */
import type { ErrorCode, ErrorData, ErrorValues } from '../protocol/errors.ts';
import { encodeFrame, Flag, type FrameFields, type FrameHeader, Kind } from '../protocol/frame.ts';
import { pack } from '../protocol/pack.ts';
import type { LinkId, RouterEvent } from './io.ts';
import type { Router } from './state.ts';

export function emitEvent(router: Router, event: RouterEvent): void {
  router.outputs.push({ kind: 'event', event });
}

export function emitSend(router: Router, link: LinkId, bytes: Buffer): void {
  router.outputs.push({ kind: 'send', link, bytes });
}

/** Writes a frame of one link, with a map as its head. */
export function emitFrame(router: Router, link: LinkId, fields: FrameFields, head: unknown): void {
  emitSend(router, link, encodeFrame(fields, pack(head)));
}

/** An error that arose here, as data. */
export function errorAt(router: Router, code: ErrorCode, values: ErrorValues): ErrorData {
  return { code, values, origin: router.config.name };
}

/** The REJECT that ends the exchange which `asked` belongs to; it goes to the side that asked. */
export function encodeReject(router: Router, asked: FrameHeader, error: ErrorData): Buffer {
  const fields: FrameFields = {
    kind: Kind.REJECT,
    flags: Flag.RESPONSE,
    toNode: asked.fromNode,
    toService: asked.fromService,
    fromNode: router.key,
    fromService: 0,
    seed: asked.seed,
    number: asked.number,
  };
  return encodeFrame(fields, pack({ error }));
}

/** The CANCEL that tells the answering side that nobody waits any more. */
export function encodeCancel(
  router: Router,
  to: Pick<FrameHeader, 'toNode' | 'toService' | 'seed' | 'number'>,
  fromService: number,
): Buffer {
  const { toNode, toService, seed, number } = to;
  return encodeFrame({
    kind: Kind.CANCEL,
    toNode,
    toService,
    fromNode: router.key,
    fromService,
    seed,
    number,
  });
}
