/**
 * A large tree of real routers on plain links, for measuring: no faults, no chance, one process.
 * The root has agents, in a very large tree agents have agents, and the last ones have leaves.
 */
import { assert } from '../../src/base/assert.ts';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { At, bodyOf, encodeFrame, Kind, MAGIC } from '../../src/protocol/frame.ts';
import { CHILDREN_MAX_DEFAULT, HOLD_MS_DEFAULT } from '../../src/protocol/limits.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';
import type { Role } from '../../src/protocol/record.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';
import type { DiallerId } from '../../src/router/dialler.ts';
import { BUILTIN_LINK, type LinkId, type RouterInput } from '../../src/router/io.ts';
import { step } from '../../src/router/router.ts';
import { createRouter, type Router } from '../../src/router/state.ts';
import { Agenda } from './agenda.ts';

/** What a frame takes from one node to the next. */
const LINK_MS = 1;
/** Nodes below each node that has some. */
const FAN_OUT = 100;

interface End {
  readonly node: FieldNode;
  readonly link: LinkId;
}

export interface Counts {
  advertFrames: number;
  advertWords: number;
  advertBytes: number;
  rootAdvertBytes: number;
  frameBytes: number;
}

function noCounts(): Counts {
  return { advertFrames: 0, advertWords: 0, advertBytes: 0, rootAdvertBytes: 0, frameBytes: 0 };
}

/** One node of the field. */
export class FieldNode {
  readonly name: string;
  readonly parent: FieldNode | null;
  readonly children: FieldNode[] = [];
  router: Router | null;
  readonly #field: Field;
  readonly #ends = new Map<LinkId, End>();
  #nextLink = BUILTIN_LINK + 1;
  #wakeAtMs = Number.POSITIVE_INFINITY;

  constructor(field: Field, name: string, role: Role, parent: FieldNode | null) {
    this.#field = field;
    this.name = name;
    this.parent = parent;
    parent?.children.push(this);
    const key = nodeKeyOf(name);
    this.router = createRouter({
      name,
      id: key.toString(16).padStart(16, '0'),
      role,
      realm: parent === null ? 'field' : null,
      version: '1.0.0',
      incarnation: 1,
      parents: parent === null ? [] : [parent.name],
      peers: [],
      labels: {},
      urls: [],
      holdMs: HOLD_MS_DEFAULT,
      childrenMax: CHILDREN_MAX_DEFAULT,
      seed: key % 0xffff_ffff,
    });
  }

  get key(): number {
    return nodeKeyOf(this.name);
  }

  belowCount(): number {
    return this.children.reduce((count, child) => count + 1 + child.belowCount(), 0);
  }

  input(input: RouterInput): void {
    if (this.router === null) return;
    for (const output of step(this.router, input, this.#field.nowMs)) {
      if (output.kind === 'send') this.#send(output.link, output.bytes);
      else if (output.kind === 'close') this.#close(output.link);
      else if (output.kind === 'dial') this.#dial(output.dialler);
      else if (output.kind === 'wake') this.#wakeAt(output.atMs);
    }
  }

  #send(link: LinkId, bytes: Buffer): void {
    const end = this.#ends.get(link);
    if (end === undefined) return;
    this.#field.count(end.node, bytes);
    const copy = Buffer.from(bytes);
    this.#field.agenda.after(LINK_MS, () => {
      end.node.input({ kind: 'bytes', link: end.link, bytes: copy });
    });
  }

  #close(link: LinkId): void {
    const end = this.#ends.get(link);
    this.#ends.delete(link);
    if (end === undefined) return;
    this.#field.agenda.after(LINK_MS, () => {
      if (!end.node.#ends.delete(end.link)) return;
      end.node.input({ kind: 'closed', link: end.link, reason: 'closed' });
    });
  }

  #dial(dialler: DiallerId): void {
    const { parent } = this;
    assert(parent !== null, 'only who has a parent dials');
    this.#field.agenda.after(LINK_MS, () => {
      const [here, there] = [this.#nextLink++, parent.#nextLink++];
      this.#ends.set(here, { node: parent, link: there });
      parent.#ends.set(there, { node: this, link: here });
      parent.input({ kind: 'accepted', link: there });
      this.input({ kind: 'dialled', dialler, link: here });
    });
  }

  #wakeAt(atMs: number): void {
    this.#wakeAtMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#field.agenda.at(atMs, () => {
      if (this.#wakeAtMs === atMs) this.input({ kind: 'tick' });
    });
  }

  start(): void {
    this.input({ kind: 'tick' });
  }

  /** A program comes and registers a service. */
  register(service: string): void {
    const link = this.#nextLink++;
    this.input({ kind: 'accepted', link });
    const hello = { as: 'client', versionMin: 1, versionMax: 1, holdMs: HOLD_MS_DEFAULT };
    const frames = [
      encodeFrame({ kind: Kind.HELLO }, pack(hello)),
      encodeFrame({ kind: Kind.REGISTER }, pack({ service })),
    ];
    this.input({ kind: 'bytes', link, bytes: Buffer.concat([MAGIC, ...frames]) });
  }

  /** Ends at once; the system of its host closes its connections. */
  kill(): void {
    this.router = null;
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    for (const link of [...this.#ends.keys()]) this.#close(link);
  }

  /** The connection to the parent breaks for both sides. */
  breakUplink(): void {
    const link = this.router?.uplink.link ?? null;
    if (link === null) return;
    this.#close(link);
    this.input({ kind: 'closed', link, reason: 'reset' });
  }

  /** Lets go of everything, so that the memory can be seen to come back. */
  release(): void {
    this.router = null;
    this.#ends.clear();
  }
}

function heapBytes(): number {
  assert(globalThis.gc !== undefined, 'needs node --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The whole tree, and the clock of all of it. */
export class Field {
  readonly agenda = new Agenda();
  readonly nodes: FieldNode[] = [];
  counts: Counts = noCounts();
  readonly #root: FieldNode;

  constructor(nodeCount: number) {
    this.#root = this.#add('root', 'root', null);
    let parents = [this.#root];
    for (let rest = nodeCount - 1; rest > 0; rest = nodeCount - this.nodes.length) {
      const isLast = rest <= parents.length * FAN_OUT;
      const count = isLast ? rest : Math.min(parents.length * FAN_OUT, Math.ceil(rest / FAN_OUT));
      const role = isLast ? 'leaf' : 'agent';
      const base = this.nodes.length;
      for (let n = 0; n < count; n++) {
        const parent = parents[n % parents.length] ?? this.#root;
        this.#add(`n${base + n}`, role, parent);
      }
      parents = this.nodes.slice(base);
    }
  }

  #add(name: string, role: Role, parent: FieldNode | null): FieldNode {
    const node = new FieldNode(this, name, role, parent);
    this.nodes.push(node);
    return node;
  }

  get nowMs(): number {
    return this.agenda.nowMs;
  }

  get #rootRouter(): Router {
    assert(this.#root.router !== null, 'the root runs');
    return this.#root.router;
  }

  /** Counts frames on a link between nodes. */
  count(to: FieldNode, bytes: Buffer): void {
    this.counts.frameBytes += bytes.length;
    const isMagic = bytes.subarray(0, MAGIC.length).equals(MAGIC);
    eachFrame(isMagic ? bytes.subarray(MAGIC.length) : bytes, (frame) => {
      if (frame[At.KIND] !== Kind.ADVERT) return;
      this.counts.advertFrames++;
      this.counts.advertBytes += frame.length;
      this.counts.advertWords += (unpack(bodyOf(frame)) as unknown[]).length;
      if (to === this.#root) this.counts.rootAdvertBytes += frame.length;
    });
  }

  resetCounts(): void {
    this.counts = noCounts();
  }

  start(): void {
    for (const node of this.nodes) node.start();
  }

  run(ms: number): void {
    this.agenda.runUntil(this.nowMs + ms);
  }

  /** Lets time pass until something is so; returns when it was. */
  runUntil(isSo: () => boolean, msMax: number): number {
    const endMs = this.nowMs + msMax;
    while (!isSo()) {
      assert(this.nowMs < endMs, 'it comes to pass');
      this.run(1);
    }
    return this.nowMs;
  }

  /** Whether the root knows everybody, and everybody knows that it does. */
  isJoined(): boolean {
    const router = this.#rootRouter;
    if (router.nodes.size - router.lost.size < this.nodes.length - 1) return false;
    return this.nodes.every((node) => node === this.#root || node.router?.uplink.isJoined === true);
  }

  rootKnows(node: FieldNode): boolean {
    const route = this.#rootRouter.nodes.get(node.key);
    return route !== undefined && route.lostAtMs === null;
  }

  rootServices(node: FieldNode): readonly string[] {
    return this.#rootRouter.nodes.get(node.key)?.record.services ?? [];
  }

  hasReturned(agent: FieldNode): boolean {
    const isBack = (node: FieldNode): boolean =>
      (node.router === null || this.rootKnows(node)) && node.children.every(isBack);
    return agent.router?.uplink.isJoined === true && isBack(agent);
  }

  lastLeaf(): FieldNode {
    return this.nodes.at(-1) ?? this.#root;
  }

  lastAgent(): FieldNode {
    return this.lastLeaf().parent ?? this.#root;
  }

  agentKnows(): number {
    return this.lastAgent().router?.nodes.size ?? 0;
  }

  /** Bytes of a router, by letting go of it: of the root, and on average of agents and leaves. */
  measureMemory(): { readonly root: number; readonly agent: number; readonly leaf: number } {
    const leaves = this.nodes.filter(({ router }) => router?.config.role === 'leaf');
    const agents = leaves.length > 0 ? [...new Set(leaves.map(({ parent }) => parent))] : [];
    const release = (nodes: readonly (FieldNode | null)[]): number => {
      const before = heapBytes();
      for (const node of nodes) node?.release();
      return (before - heapBytes()) / nodes.length;
    };
    const sample = leaves.slice(0, 1_000);
    const leaf = release(sample);
    const root = release([this.#root]);
    return { root, agent: release(agents), leaf };
  }
}
