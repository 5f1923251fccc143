/** Outputs of a step, and the frames that a router writes itself. */
import type { NodeKey } from '../protocol/address.ts';
import type { ErrorCode, ErrorData, ErrorValues } from '../protocol/errors.ts';
import { encodeFrame, Flag, type FrameFields, type FrameHeader, Kind } from '../protocol/frame.ts';
import { HEAD_BYTES_MAX } from '../protocol/limits.ts';
import { pack } from '../protocol/pack.ts';
import type { LinkId, RouterEvent } from './io.ts';
import type { Link } from './link.ts';
import type { Router } from './state.ts';
import { tapMade } from './tap.ts';

export function emitEvent(router: Router, event: RouterEvent): void {
  router.outputs.push({ kind: 'event', event });
}

export function emitSend(router: Router, link: LinkId, bytes: Buffer): void {
  router.outputs.push({ kind: 'send', link, bytes });
}

/** One of many copies, to a program: whoever it is from does not wait for those who read it. */
export function emitCopy(router: Router, link: LinkId, bytes: Buffer): void {
  router.outputs.push({ kind: 'copy', link, bytes });
}

/**
 * Sends a frame that this router made on its way, once all that this step is about has gone out: it
 * must not overtake the frames that it is the consequence of.
 */
export function emitNotice(router: Router, frame: Buffer): void {
  router.notices.push(frame);
}

/**
 * Writes a frame of one link, with a map as its head. One that has no room, because it repeats what
 * the other side said, is left out: the kind says enough.
 */
export function emitFrame(router: Router, link: LinkId, fields: FrameFields, head: unknown): void {
  const packed = pack(head);
  const isFitting = packed.length <= HEAD_BYTES_MAX;
  emitSend(router, link, encodeFrame(fields, isFitting ? packed : undefined));
}

/** An error that arose here, as data. */
export function errorAt(router: Router, code: ErrorCode, values: ErrorValues): ErrorData {
  return { code, values, origin: router.config.name };
}

/** What identifies an exchange: who asked, and the id that they gave it. */
export type Asked = Pick<FrameHeader, 'fromNode' | 'fromService' | 'seed' | 'number'>;

/** The REJECT that ends the exchange which `asked` belongs to; it goes to the side that asked. */
export function encodeReject(router: Router, asked: Asked, error: ErrorData): Buffer {
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

/** What has become of `asked` so far, in the name of a node; it goes to the side that asked. */
export function encodeProgress(asked: Asked, fromNode: NodeKey, value: unknown): Buffer {
  const { fromNode: toNode, fromService: toService, seed, number } = asked;
  const fields = { kind: Kind.PROGRESS, flags: Flag.RESPONSE, toNode, toService, fromNode };
  return encodeFrame({ ...fields, seed, number }, pack({ value }));
}

/** Ends an exchange that a program of this node has opened: its REJECT goes out at once. */
export function emitReject(router: Router, link: Link, asked: Asked, error: ErrorData): void {
  const frame = encodeReject(router, asked, error);
  if (router.tap !== null) tapMade(router, link, frame);
  emitSend(router, link.id, frame);
}

/** The answering side of an exchange, as its asking side addresses it. */
export type Answerer = Pick<FrameHeader, 'toNode' | 'toService' | 'seed' | 'number'>;

/** Tells the answering side that nobody waits any more. */
export function emitCancel(router: Router, to: Answerer, fromService: number): void {
  const { toNode, toService, seed, number } = to;
  const source = { fromNode: router.key, fromService };
  emitNotice(
    router,
    encodeFrame({ kind: Kind.CANCEL, toNode, toService, ...source, seed, number }),
  );
}
