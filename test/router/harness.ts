/**
 * A router on a table: what goes in by hand, what comes out sorted by link. Time is set by hand.
 */
import * as assert from 'uvu/assert';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';
import {
  bodyOf,
  decodeHeader,
  encodeFrame,
  type FrameFields,
  type FrameHeader,
  headOf,
  Kind,
  MAGIC,
} from '../../src/protocol/frame.ts';
import { pack, unpack, unpackMap } from '../../src/protocol/pack.ts';
import type { Advert, NodeRecord } from '../../src/protocol/record.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';
import { type DiallerId, UPLINK } from '../../src/router/dialler.ts';
import type { LinkId, RouterEvent, RouterInput, RouterOutput } from '../../src/router/io.ts';
import { step } from '../../src/router/router.ts';
import { createRouter, type Router, type RouterConfig } from '../../src/router/state.ts';

export const REALM = 'test';
const EMPTY = Buffer.alloc(0);

/** An id of 16 digits that is the same for the same name. */
export function idOf(name: string): string {
  return nodeKeyOf(name).toString(16).padStart(16, '0');
}

export function recordOf(name: string, more: Partial<NodeRecord> = {}): NodeRecord {
  const plain = { role: 'agent', parent: null, services: [], version: '1.0.0' } as const;
  const lists = { labels: {}, urls: [], topics: [] };
  const later = { joinedSeqno: more.seqno ?? 1, revision: 0, realm: null, ...lists };
  return { name, id: idOf(name), ...plain, ...later, incarnation: 1, seqno: 1, ...more };
}

/** A frame that came out, taken apart. */
export interface Sent extends FrameHeader {
  readonly head: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export function open(bytes: Buffer): Sent[] {
  const frames: Sent[] = [];
  eachFrame(bytes, (frame) => {
    frames.push({ ...decodeHeader(frame), head: unpackMap(headOf(frame)), body: bodyOf(frame) });
  });
  return frames;
}

/** The error that a frame carries in its head. */
export function errorOf(frame: Pick<Sent, 'head'> | undefined): ErrorData | undefined {
  return frame?.head.error as ErrorData | undefined;
}

export function frameOf(fields: FrameFields, head?: unknown, body: Buffer = EMPTY): Buffer {
  return encodeFrame(fields, head === undefined ? EMPTY : pack(head), body);
}

/** The addresses of an envelope, by names. */
export function between(from: string, to: string): Partial<FrameFields> {
  const [fromNode = '', fromService = ''] = from.split(':');
  const [toNode = '', toService = ''] = to.includes(':') ? to.split(':') : ['', to];
  return {
    fromNode: nodeKeyOf(fromNode),
    fromService: serviceKeyOf(fromService),
    toNode: nodeKeyOf(toNode),
    toService: serviceKeyOf(toService),
  };
}

export interface Program {
  readonly link: LinkId;
  readonly endpoint: string;
  readonly seed: number;
}

export class TestRouter {
  readonly router: Router;
  nowMs = 1_000;
  /** What the last input brought about. */
  outputs: RouterOutput[] = [];
  #nextLink = 1;

  constructor(name = 'here', config: Partial<RouterConfig> = {}) {
    const plain = { role: 'agent', realm: REALM, version: '1.0.0' } as const;
    const lists = { parents: [], peers: [], labels: {}, urls: [] };
    const numbers = { incarnation: 1, holdMs: 3_000, childrenMax: 100_000, seed: 7 };
    this.router = createRouter({ name, id: idOf(name), ...plain, ...lists, ...numbers, ...config });
    this.input({ kind: 'tick' });
  }

  input(input: RouterInput): RouterOutput[] {
    this.outputs = step(this.router, input, this.nowMs);
    return this.outputs;
  }

  /** Lets time pass, and says so. */
  pass(ms: number): RouterOutput[] {
    this.nowMs += ms;
    return this.input({ kind: 'tick' });
  }

  /** Lets time pass as the router wishes to be woken; returns all that came out. */
  run(ms: number): RouterOutput[] {
    const endMs = this.nowMs + ms;
    const outputs: RouterOutput[] = [];
    for (;;) {
      this.nowMs = Math.max(this.nowMs, Math.min(endMs, this.router.wakeAtMs));
      outputs.push(...this.input({ kind: 'tick' }));
      if (this.nowMs >= endMs) break;
    }
    this.outputs = outputs;
    return outputs;
  }

  accept(): LinkId {
    const link = this.#nextLink++;
    this.input({ kind: 'accepted', link });
    return link;
  }

  bytes(link: LinkId, ...parts: readonly Buffer[]): RouterOutput[] {
    return this.input({ kind: 'bytes', link, bytes: Buffer.concat(parts) });
  }

  /** Frames of the last input that went out by a link. */
  sent(link: LinkId): Sent[] {
    return this.slices(link).flatMap(open);
  }

  /** The same as they were written: one buffer for each output. */
  slices(link: LinkId): Buffer[] {
    return this.outputs.flatMap((each) =>
      (each.kind === 'send' || each.kind === 'copy') && each.link === link ? [each.bytes] : [],
    );
  }

  /** Why the last input made the router close a link. */
  closed(link: LinkId): string | undefined {
    const close = this.outputs.find((each) => each.kind === 'close' && each.link === link);
    return close?.kind === 'close' ? close.error.code : undefined;
  }

  events<K extends RouterEvent['kind']>(kind: K): (RouterEvent & { kind: K })[] {
    return this.outputs.flatMap((each) =>
      each.kind === 'event' && each.event.kind === kind
        ? [each.event as RouterEvent & { kind: K }]
        : [],
    );
  }

  hello(record: NodeRecord, more: object = {}): Buffer {
    const versions = { versionMin: 1, versionMax: 1, holdMs: 3_000, realm: REALM };
    return frameOf({ kind: Kind.HELLO }, { as: 'child', ...versions, record, ...more });
  }

  /** A child that has said who it is. */
  child(name: string, record: Partial<NodeRecord> = {}): LinkId {
    const link = this.accept();
    // However many there are: how fast they may come is what the tests of admission are about.
    this.router.admission.tokens = 1;
    this.bytes(link, MAGIC, this.hello(recordOf(name, record)));
    return link;
  }

  /** A peer that has dialled this node. */
  peer(name: string, record: Partial<NodeRecord> = {}): LinkId {
    const link = this.accept();
    this.router.admission.tokens = 1;
    this.bytes(link, MAGIC, this.hello(recordOf(name, record), { as: 'peer' }));
    return link;
  }

  /** A program of this node, with services. */
  program(...services: readonly string[]): Program {
    const link = this.accept();
    const hello = { as: 'client', versionMin: 1, versionMax: 1, holdMs: 3_000 };
    this.bytes(link, MAGIC, frameOf({ kind: Kind.HELLO }, hello));
    const [welcome] = this.sent(link);
    assert.is(welcome?.kind, Kind.WELCOME);
    for (const service of services) this.register(link, service);
    return {
      link,
      endpoint: String(welcome?.head.endpoint),
      seed: Number(welcome?.head.seed),
    };
  }

  register(link: LinkId, service: string): string | undefined {
    this.bytes(link, frameOf({ kind: Kind.REGISTER, number: 5 }, { service }));
    const answer = this.sent(link).find(({ kind }) => kind === Kind.REGISTERED);
    assert.is(answer?.number, 5);
    return errorOf(answer)?.code;
  }

  welcome(record: NodeRecord, more: object = {}): Buffer {
    const welcome = { version: 1, realm: REALM, record, depth: 0, holdMs: 3_000 };
    return frameOf({ kind: Kind.WELCOME }, { ...welcome, endpoint: '', seed: 0, ...more });
  }

  /** The connection that a dialler of the router asked for stands. */
  dialled(dialler: DiallerId = UPLINK): LinkId {
    const link = this.#nextLink++;
    this.input({ kind: 'dialled', dialler, link });
    return link;
  }

  /** A parent that has taken this node. */
  parent(name = 'above', more: object = {}): LinkId {
    const { uplink } = this.router;
    if (uplink.phase === 'waiting') this.run(uplink.retryAtMs - this.nowMs);
    const link = this.dialled();
    this.bytes(link, this.welcome(recordOf(name), more));
    return link;
  }

  /** The words of the adverts that the last input sent to the parent. */
  adverts(link: LinkId): unknown[][] {
    return this.sent(link)
      .filter(({ kind }) => kind === Kind.ADVERT)
      .map(({ body }) => unpack(body) as unknown[]);
  }

  /** A child tells of nodes, or of keys that are gone. */
  advertise(link: LinkId, ...words: readonly (Advert | object)[]): RouterOutput[] {
    return this.bytes(link, frameOf({ kind: Kind.ADVERT }, undefined, pack(words)));
  }

  /** The name of the child behind which a node is; undefined when it is not up. */
  way(name: string): string | undefined {
    const route = this.router.nodes.get(nodeKeyOf(name));
    if (route === undefined || route.lostAtMs !== null) return undefined;
    return this.router.links.get(route.via)?.peer?.name;
  }
}
