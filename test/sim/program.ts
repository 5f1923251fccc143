/**
 * A program on a simulated node: connects, registers its services, sends and asks, and answers what
 * it is asked, soon, late, or never. It sees to it that each of its requests has one outcome.
 */
import { BUILTIN_SERVICE, nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { errorFromData } from '../../src/protocol/errors.ts';
import {
  At,
  decodeHeader,
  decodeHoldMs,
  decodeTimeoutMs,
  encodeFrame,
  Flag,
  type FrameFields,
  headOf,
  Kind,
  MAGIC,
} from '../../src/protocol/frame.ts';
import { HELD_WORD_MS } from '../../src/protocol/limits.ts';
import { pack, unpackMap } from '../../src/protocol/pack.ts';
import { createSplitter, eachFrame, splitFrames } from '../../src/protocol/splitter.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import { demand, type Envelopes, encodeSerial } from './envelopes.ts';
import { type Floods, isFlood } from './floods.ts';
import type { Holder, Wire } from './network.ts';

/** How long after its deadline the outcome of a request may come: what the two ends add to it. */
const OUTCOME_MS_MAX = 100;

export interface ProgramHost {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly envelopes: Envelopes;
  readonly floods: Floods;
  readonly name: string;
  /** Counts of all outcomes. */
  readonly outcomes: Record<Outcome, number>;
  /** How the program behaves when it is asked: with faults, or only well. */
  isWellBehaved(): boolean;
}

/** How a request ended: `REPLY`, or the code of an error. */
export type Outcome = string;

interface Asked {
  readonly sentAtMs: number;
  readonly to: string;
  readonly onOutcome: ((outcome: Outcome) => void) | undefined;
}

export interface Sending {
  readonly to: string;
  readonly bytes?: number;
  readonly timeoutMs?: number;
  readonly onOutcome?: (outcome: Outcome) => void;
}

function addressOf(to: string): { toNode: number; toService: number } {
  const [node = '', service = ''] = to.includes(':') ? to.split(':') : ['', to];
  return { toNode: nodeKeyOf(node), toService: serviceKeyOf(service || BUILTIN_SERVICE) };
}

export class Program implements Holder {
  readonly services = new Set<number>();
  /** Patterns of topics that it ever subscribed to: what it wants no more may be under way. */
  readonly patterns = new Set<string>();
  isReady = false;
  isDead = false;
  readonly #host: ProgramHost;
  readonly #wire: Wire;
  readonly #wanted: readonly string[];
  readonly #splitter = createSplitter();
  readonly #asked = new Map<number, Asked>();
  readonly #cancelled = new Set<string>();
  #seed = 0;
  #source = 0;
  #number = 0;

  constructor(host: ProgramHost, wire: Wire, services: readonly string[]) {
    this.#host = host;
    this.#wire = wire;
    this.#wanted = services;
    wire.holders[0] = this;
    const hello = { as: 'client', versionMin: 1, versionMax: 1, holdMs: 1_000 };
    wire.write(0, Buffer.concat([MAGIC, encodeFrame({ kind: Kind.HELLO }, pack(hello))]));
  }

  /** The node that it is a program of. */
  get node(): string {
    return this.#host.name;
  }

  queued(): void {}

  closed(): void {
    this.isDead = true;
    this.isReady = false;
  }

  /** Ends without a word, as a killed process does. */
  kill(): void {
    this.closed();
    this.#wire.close(0, 'killed');
  }

  bytes(bytes: Buffer): void {
    if (this.isDead) return;
    for (const run of splitFrames(this.#splitter, bytes)) {
      demand(run.kind === 'frames', () => `${this.#host.name} writes no frames to its program`);
      if (run.kind === 'frames') eachFrame(run.bytes, (frame) => this.#receive(frame));
    }
  }

  #receive(frame: Buffer): void {
    const { kind, flags } = decodeHeader(frame);
    if (kind === Kind.WELCOME) return this.#welcomed(frame);
    if (kind < Kind.MESSAGE) return;
    if (isFlood(kind, flags)) return this.#host.floods.heard(this, frame);
    const key = nodeKeyOf(this.#host.name);
    if ((flags & Flag.RESPONSE) !== 0) return this.#answered(frame);
    this.#host.envelopes.delivered(key, this.services, frame);
    if (kind === Kind.REQUEST) this.#answer(frame);
    if (kind === Kind.CANCEL) this.#cancelled.add(this.#idOf(frame));
  }

  #idOf(frame: Buffer): string {
    return frame.subarray(At.FROM_SERVICE, At.NUMBER + 4).toString('hex');
  }

  #welcomed(frame: Buffer): void {
    const { endpoint, seed } = unpackMap(headOf(frame));
    this.#seed = Number(seed);
    this.#source = serviceKeyOf(String(endpoint));
    this.services.add(this.#source);
    this.isReady = true;
    for (const service of this.#wanted) this.register(service);
  }

  register(service: string): void {
    this.services.add(serviceKeyOf(service));
    this.#wire.write(0, encodeFrame({ kind: Kind.REGISTER }, pack({ service })));
  }

  unregister(service: string): void {
    this.#wire.write(0, encodeFrame({ kind: Kind.UNREGISTER }, pack({ service })));
  }

  subscribe(pattern: string): void {
    this.patterns.add(pattern);
    this.#wire.write(0, encodeFrame({ kind: Kind.SUBSCRIBE }, pack({ pattern })));
  }

  unsubscribe(pattern: string): void {
    this.#wire.write(0, encodeFrame({ kind: Kind.UNSUBSCRIBE }, pack({ pattern })));
  }

  /** Sends a broadcast or an event. */
  flood(fields: FrameFields, head: object, body: Buffer): void {
    const source = { fromNode: nodeKeyOf(this.node), fromService: this.#source };
    const id = { seed: this.#seed, number: ++this.#number };
    this.#wire.write(0, encodeFrame({ ...fields, ...source, ...id }, pack(head), body));
  }

  #write(fields: FrameFields, bytes?: number): void {
    const { envelopes, name } = this.#host;
    const source = { fromNode: nodeKeyOf(name), fromService: this.#source };
    const body = encodeSerial(envelopes.nextSerial(), bytes);
    const frame = encodeFrame({ ...source, ...fields }, pack({ from: name }), body);
    envelopes.sent(frame);
    this.#wire.write(0, frame);
  }

  /** Sends a message, at most once. */
  send({ to, bytes }: Sending): void {
    const id = { seed: this.#seed, number: ++this.#number };
    this.#write({ kind: Kind.MESSAGE, ...addressOf(to), ...id }, bytes);
  }

  /** Asks, or sends a message and wants to know. */
  ask(kind: 'request' | 'report', sending: Sending): void {
    const { to, timeoutMs = 1_000, onOutcome } = sending;
    const number = ++this.#number;
    const { agenda } = this.#host;
    this.#asked.set(number, { sentAtMs: agenda.nowMs, to, onOutcome });
    const isReport = kind === 'report';
    const timeout = Math.max(1, Math.round(timeoutMs / 100));
    const keep = this.#host.chance.isHit(0.5) ? 0 : Flag.NO_CACHE;
    const isKept = isReport && keep === 0;
    const waitMs = isKept ? decodeHoldMs(timeout) + HELD_WORD_MS : decodeTimeoutMs(timeout);
    this.#write(
      {
        kind: isReport ? Kind.MESSAGE : Kind.REQUEST,
        flags: isReport ? Flag.REPORT | keep : 0,
        ...addressOf(to),
        ...{ seed: this.#seed, number, timeout },
      },
      sending.bytes,
    );
    agenda.after(waitMs + OUTCOME_MS_MAX, () => {
      const isOver = this.isDead || !this.#asked.has(number);
      demand(isOver, () => `a request of ${this.#host.name} to ${to} has no outcome`);
    });
  }

  #answered(frame: Buffer): void {
    const { kind, seed, number, toNode } = decodeHeader(frame);
    const { name, envelopes } = this.#host;
    demand(toNode === nodeKeyOf(name), () => `${name} hears an answer to another node`);
    const asked = this.#asked.get(number);
    demand(seed === this.#seed && asked !== undefined, () => `a late answer comes to ${name}`);
    envelopes.delivered(nodeKeyOf(name), this.services, frame);
    if (kind !== Kind.REPLY && kind !== Kind.REJECT) return;
    this.#asked.delete(number);
    const isReply = kind === Kind.REPLY;
    const outcome = isReply ? 'REPLY' : errorFromData(unpackMap(headOf(frame)).error).code;
    const { outcomes } = this.#host;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    asked?.onOutcome?.(outcome);
  }

  /** Answers a request: at once, later, in pieces, or not at all. */
  #answer(frame: Buffer): void {
    const { chance, agenda } = this.#host;
    const { fromNode, fromService, toService, seed, number } = decodeHeader(frame);
    const back = { toNode: fromNode, toService: fromService, fromService: toService };
    const response = { ...back, seed, number, flags: Flag.RESPONSE };
    if (this.#host.isWellBehaved()) return this.#write({ kind: Kind.REPLY, ...response });
    if (chance.isHit(0.05)) return;
    const id = this.#idOf(frame);
    const pieces = chance.isHit(0.2) ? chance.integer(1, 5) : 0;
    for (let piece = 0; piece < pieces; piece++) {
      agenda.after(piece * 10, () => {
        if (this.isDead || this.#cancelled.has(id)) return;
        this.#write({ kind: piece === 0 ? Kind.PROGRESS : Kind.DATA, ...response });
      });
    }
    const waitMs = chance.isHit(0.7) ? 0 : chance.between(0, 1_500);
    agenda.after(pieces * 10 + waitMs, () => {
      if (!this.isDead) this.#write({ kind: Kind.REPLY, ...response });
    });
  }
}
