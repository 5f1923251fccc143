/** A driven router without sockets: its connections are in memory, its clock is set by hand. */
import { Driver } from '../../src/daemon/driver.ts';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
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
import { CHILDREN_MAX_DEFAULT, HOLD_MS_DEFAULT } from '../../src/protocol/limits.ts';
import { pack, unpackMap } from '../../src/protocol/pack.ts';
import { createSplitter, eachFrame, splitFrames } from '../../src/protocol/splitter.ts';
import type { RouterEvent, Tapped } from '../../src/router/io.ts';
import { createRouter, type Router, type RouterConfig } from '../../src/router/state.ts';
import { FakeClock } from '../fakes/clock.ts';
import { createMemoryTransport, MemoryConnection } from '../fakes/transport.ts';

const NODE = 'here';
const VERSIONS = { versionMin: 1, versionMax: 1, holdMs: HOLD_MS_DEFAULT };

/** Settles when all that was started in memory has come to rest. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export class Station {
  readonly clock = new FakeClock();
  readonly transport = createMemoryTransport();
  readonly events: RouterEvent[] = [];
  readonly tapped: Tapped[] = [];
  /** What came for the node's own service. */
  readonly delivered: Buffer[] = [];
  collectedCount = 0;
  readonly router: Router;
  readonly driver: Driver;
  /** What each URL stands for: itself. */
  resolve: (url: string) => Promise<readonly string[]> = async (url) => [url];
  onDeliver: (run: Buffer) => void = () => undefined;

  constructor(config: Partial<RouterConfig> = {}) {
    this.router = createRouter({
      name: NODE,
      id: '0123456789abcdef',
      role: 'agent',
      realm: 'test',
      version: '1.0.0',
      incarnation: 1,
      parents: [],
      peers: [],
      labels: {},
      urls: [],
      holdMs: HOLD_MS_DEFAULT,
      childrenMax: CHILDREN_MAX_DEFAULT,
      seed: 1,
      ...config,
    });
    this.driver = new Driver({
      router: this.router,
      transport: this.transport,
      resolve: (url) => this.resolve(url),
      clock: this.clock,
      deliver: (run) => {
        this.delivered.push(run);
        this.onDeliver(run);
      },
      onEvent: (event) => this.events.push(event),
      onTapped: (tapped) => this.tapped.push(tapped),
      collectYoung: () => this.collectedCount++,
    });
  }

  /** A connection that the driver has taken; the visitor has said nothing yet. */
  connect(): Visitor {
    const [ours, theirs] = MemoryConnection.pair();
    const visitor = new Visitor(ours, theirs);
    this.driver.accept(theirs);
    return visitor;
  }

  /** A program of this host, with a service of that name. */
  async program(service: string): Promise<Visitor> {
    const visitor = this.connect();
    visitor.hello({ as: 'client' });
    visitor.send({ kind: Kind.REGISTER, number: 1 }, { service });
    await quiet();
    return Object.assign(visitor, { node: NODE, service });
  }

  /** A child node. */
  async child(name: string, more: object = {}): Promise<Visitor> {
    const visitor = this.connect();
    const id = nodeKeyOf(name).toString(16).padStart(16, '0');
    const plain = { role: 'leaf', parent: null, services: [], version: '1.0.0' };
    const record = { name, id, ...plain, incarnation: 1, seqno: 1, ...more };
    visitor.hello({ as: 'child', realm: 'test', record });
    await quiet();
    return Object.assign(visitor, { node: name, service: 'dagent' });
  }

  eventKinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

/** A frame that came, taken apart. */
export interface Received extends FrameHeader {
  readonly head: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

/** Whoever is at the other end of a connection. */
export class Visitor {
  node = '';
  service = '';
  readonly received: Received[] = [];
  readonly reasons: string[] = [];
  /** Its own end, and the one that the driver has. */
  readonly ours: MemoryConnection;
  readonly theirs: MemoryConnection;
  #number = 0;

  constructor(ours: MemoryConnection, theirs: MemoryConnection) {
    this.ours = ours;
    this.theirs = theirs;
    const splitter = createSplitter();
    ours.attach({
      onBytes: (bytes) => {
        for (const run of splitFrames(splitter, bytes)) {
          if (run.kind === 'frames') eachFrame(run.bytes, (frame) => this.#receive(frame));
        }
      },
      onClose: (reason) => this.reasons.push(reason),
      onDrain: () => undefined,
    });
  }

  #receive(frame: Buffer): void {
    const head = unpackMap(headOf(frame));
    this.received.push({ ...decodeHeader(frame), head, body: bodyOf(frame) });
  }

  hello(head: object): void {
    this.ours.write(MAGIC);
    this.send({ kind: Kind.HELLO }, { ...VERSIONS, ...head });
  }

  send(fields: FrameFields, head: unknown = {}): void {
    this.ours.write(encodeFrame(fields, pack(head)));
  }

  /** An envelope to a service of the node under test. */
  frameTo(service: string, body: Buffer, kind: number = Kind.MESSAGE): Buffer {
    const to = { toNode: nodeKeyOf(NODE), toService: serviceKeyOf(service) };
    const from = { fromNode: nodeKeyOf(this.node), fromService: serviceKeyOf(this.service) };
    return encodeFrame({ kind, ...to, ...from, seed: 1, number: ++this.#number }, pack({}), body);
  }

  sendTo(service: string, body: Buffer, kind?: number): void {
    this.ours.write(this.frameTo(service, body, kind));
  }

  kinds(): number[] {
    return this.received.map(({ kind }) => kind);
  }

  /** Whether the driver reads what it writes. */
  get isPaused(): boolean {
    return this.theirs.isPaused;
  }

  /** Stops, or goes on with, reading. */
  setReading(isReading: boolean): void {
    this.ours.setPaused(!isReading);
  }
}
