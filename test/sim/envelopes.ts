/**
 * Follows every envelope that a program sends: each has a serial number in its body. What is
 * written anywhere is compared with what was sent.
 */
import {
  At,
  bodyOf,
  decodeHeader,
  EXPLICIT_MARK,
  Flag,
  type FrameHeader,
  headOf,
  Kind,
} from '../../src/protocol/frame.ts';
import { HOPS_MAX } from '../../src/protocol/limits.ts';
import type { Plan } from './plan.ts';

const TAG = 0x5e1a1e55;

/** A property that does not hold. */
class Violation extends Error {
  override name = 'Violation';
}

export function demand(condition: boolean, what: () => string): void {
  if (!condition) throw new Violation(what());
}

/** A body with a serial number, and so much more that it has `bytes`. */
export function encodeSerial(serial: number, bytes = 8): Buffer {
  const body = Buffer.alloc(Math.max(8, bytes), serial & 0xff);
  body.writeUInt32BE(TAG, 0);
  body.writeUInt32BE(serial, 4);
  return body;
}

/** The serial number in a frame, or undefined when a router made it. */
function readSerial(frame: Buffer): number | undefined {
  const body = bodyOf(frame);
  return body.length >= 8 && body.readUInt32BE(0) === TAG ? body.readUInt32BE(4) : undefined;
}

interface Envelope {
  /** As it was sent, with no hops. */
  readonly frame: Buffer;
  readonly header: FrameHeader;
  /** The nodes that have written it, in order. */
  readonly visits: string[];
  /** Those of them that have written it to their parent by the default route. */
  readonly ascents: Set<string>;
  /** The node at which it was delivered. */
  deliveredAt: number | null;
}

/**
 * What nobody changes: of one to the nearest, the first node that knows may write who that is, and
 * who keeps a message for a while says so in it.
 */
function fixedPart(frame: Buffer, isNearest: boolean): Buffer {
  const copy = Buffer.from(frame);
  copy[At.HOPS] = 0;
  if (copy[At.KIND] === Kind.MESSAGE) copy[At.CHANNEL] = 0;
  if (isNearest) {
    copy.fill(0, At.TO_NODE, At.TO_NODE + 8);
    copy[At.FLAGS] = (copy[At.FLAGS] ?? 0) & ~Flag.CHOSEN;
  }
  return copy;
}

export class Envelopes {
  readonly #envelopes = new Map<number, Envelope>();
  readonly #plan: Pick<Plan, 'hasLoops' | 'hasPeers' | 'isJumbled'>;
  #serial = 0;
  deliveredCount = 0;

  constructor(plan: Pick<Plan, 'hasLoops' | 'hasPeers' | 'isJumbled'>) {
    this.#plan = plan;
  }

  get sentCount(): number {
    return this.#serial;
  }

  nextSerial(): number {
    return ++this.#serial;
  }

  /** A program hands an envelope to its node. */
  sent(frame: Buffer): void {
    const serial = readSerial(frame);
    if (serial === undefined) return;
    const header = decodeHeader(frame);
    const fresh = { header, visits: [], ascents: new Set<string>(), deliveredAt: null };
    this.#envelopes.set(serial, { frame: fixedPart(frame, header.toNode === 0), ...fresh });
  }

  #checkCourse({ visits, ascents }: Envelope, node: string, isUpward: boolean): void {
    const path = () => [...visits, node].join(' > ');
    const former = visits.filter((each) => each === node).length;
    const isFine = former === 0 || (former === 1 && ascents.has(node) && !isUpward);
    // Among peers, while ways change, it may come by once more; but it never goes round.
    const isEnding = this.#plan.hasPeers && visits.length < HOPS_MAX;
    demand(isFine || isEnding, () => `an envelope circles: ${path()}`);
    const isTurned = visits.length > ascents.size;
    demand(!(isUpward && isTurned), () => `an envelope goes up again: ${path()}`);
    if (isUpward) ascents.add(node);
  }

  /**
   * A node writes it: upward, to its parent, or elsewhere. A node that moves while an envelope is
   * under way may see it twice, but never twice in one direction, and never upward again.
   */
  written(node: string, isUpward: boolean, frame: Buffer): void {
    const serial = readSerial(frame);
    const envelope = serial === undefined ? undefined : this.#envelopes.get(serial);
    if (envelope === undefined) return;
    const { visits } = envelope;
    const isSame = fixedPart(frame, envelope.header.toNode === 0).equals(envelope.frame);
    demand(isSame, () => `envelope ${serial} was changed on its way: ${[...visits, node]}`);
    // Of what comes twice nobody can say which one it is.
    if (this.#plan.isJumbled) return;
    // Where parents may be below their children, only the hop limit ends what circles.
    const isMarked = ((frame[At.HOPS] ?? 0) & EXPLICIT_MARK) !== 0;
    if (!this.#plan.hasLoops) this.#checkCourse(envelope, node, isUpward && !isMarked);
    const hops = (frame[At.HOPS] ?? 0) & ~EXPLICIT_MARK;
    const path = () => `${[...visits, node].join(' > ')}`;
    demand(hops === HOPS_MAX - visits.length, () => `envelope ${serial} has ${hops}: ${path()}`);
    visits.push(node);
  }

  /** A node ends: it does not know any more what has been there. */
  forgotten(node: number): void {
    if (!this.#plan.isJumbled) return;
    for (const envelope of this.#envelopes.values()) {
      if (envelope.deliveredAt === node) envelope.deliveredAt = null;
    }
  }

  /** A program of a node receives it. */
  delivered(node: number, services: ReadonlySet<number>, frame: Buffer): void {
    const serial = readSerial(frame);
    const envelope = serial === undefined ? undefined : this.#envelopes.get(serial);
    if (envelope === undefined) return;
    const { header } = envelope;
    // Pieces of a stream are counted at its end.
    const isPiece = header.kind === Kind.DATA || header.kind === Kind.PROGRESS;
    const mayRepeat = isPiece && this.#plan.isJumbled;
    demand(
      envelope.deliveredAt === null || mayRepeat,
      () => `envelope ${serial} is delivered twice`,
    );
    const isNode = header.toNode === node || header.toNode === 0;
    demand(isNode, () => `envelope ${serial} is delivered at another node than it was sent to`);
    demand(services.has(header.toService), () => `envelope ${serial} is delivered to a stranger`);
    demand(headOf(frame).equals(headOf(envelope.frame)), () => `envelope ${serial} has no head`);
    envelope.deliveredAt = node;
    this.deliveredCount++;
  }
}
