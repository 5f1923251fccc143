/**
 * Routers that are wired to each other in memory, in any shape: what one sends the other reads, in
 * an order that chance draws. No time passes but what `pass` says.
 */
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import {
  decodeHeader,
  Flag,
  type FrameFields,
  Kind,
  MAGIC,
  type Scope,
} from '../../src/protocol/frame.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';
import type { LinkId, RouterInput } from '../../src/router/io.ts';
import { step } from '../../src/router/router.ts';
import { createRouter, type Router } from '../../src/router/state.ts';
import type { Chance } from '../sim/chance.ts';
import { errorOf, frameOf, idOf, open } from './harness.ts';

export interface Shape {
  readonly name: string;
  readonly parent?: string;
  readonly peers?: readonly string[];
  readonly realm?: string;
}

interface Wire {
  readonly to: MeshNode;
  readonly link: LinkId;
  readonly queue: Buffer[];
}

interface MeshNode {
  readonly router: Router;
  isUp: boolean;
  readonly wires: Map<LinkId, Wire>;
  readonly programs: Map<LinkId, MeshProgram>;
  linkCount: number;
}

export interface MeshProgram {
  readonly node: string;
  readonly link: LinkId;
  seed: number;
  endpoint: string;
  /** Texts of the messages, broadcasts and events that came. */
  readonly heard: string[];
  /** What came back for each message: `ok`, or the code of an error. */
  readonly outcomes: Map<number, string>;
}

const VERSIONS = { versionMin: 1, versionMax: 1, holdMs: 60_000 };

export class Mesh {
  readonly #nodes = new Map<string, MeshNode>();
  readonly #chance: Chance;
  /** Counts of EVENT frames by `from>to`. */
  readonly carried = new Map<string, number>();
  /** The ways of messages to one receiver and their answers, by kind and id: `from>to`. */
  readonly trails = new Map<string, string[]>();
  /** Whether links may be closed. */
  mayClose = false;
  #nowMs = 1_000;
  #number = 0;

  constructor(shapes: readonly Shape[], chance: Chance) {
    this.#chance = chance;
    for (const { name, parent, peers = [], realm = 'one' } of shapes) {
      const lists = { labels: {}, urls: [], parents: parent === undefined ? [] : [parent], peers };
      const numbers = {
        incarnation: 1,
        holdMs: 60_000,
        childrenMax: 9,
        seed: nodeKeyOf(name) % 1_000,
      };
      const texts = { name, id: idOf(name), role: 'agent', realm, version: '1' } as const;
      const router = createRouter({ ...texts, ...lists, ...numbers });
      this.#nodes.set(name, {
        router,
        isUp: true,
        wires: new Map(),
        programs: new Map(),
        linkCount: 0,
      });
    }
    this.pass(0);
  }

  router(name: string): Router {
    return this.#node(name).router;
  }

  #node(name: string): MeshNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  #input(node: MeshNode, input: RouterInput): void {
    for (const output of step(node.router, input, this.#nowMs)) {
      if (output.kind === 'send' || output.kind === 'copy') {
        this.#send(node, output.link, Buffer.from(output.bytes));
      } else if (output.kind === 'dial') {
        this.#dial(node, output.dialler, this.#node(output.url));
      } else if (output.kind === 'close') {
        this.#close(node, output.link, JSON.stringify(output.error));
      }
    }
  }

  #send(node: MeshNode, link: LinkId, bytes: Buffer): void {
    const program = node.programs.get(link);
    if (program !== undefined) return this.#hear(program, bytes);
    const wire = node.wires.get(link);
    wire?.queue.push(bytes);
    const way = `${node.router.config.name}>${wire?.to.router.config.name}`;
    const begin = bytes.subarray(0, 4).equals(MAGIC) ? MAGIC.length : 0;
    eachFrame(bytes.subarray(begin), (frame) => {
      const { kind, flags, seed, number } = decodeHeader(frame);
      if (kind === Kind.EVENT) this.carried.set(way, (this.carried.get(way) ?? 0) + 1);
      if (kind < Kind.MESSAGE || number === 0 || (flags & Flag.BROADCAST) !== 0) return;
      if (kind === Kind.EVENT) return;
      const key = `${kind} ${flags & Flag.RESPONSE} ${seed} ${number}`;
      this.trails.set(key, [...(this.trails.get(key) ?? []), way]);
    });
  }

  #close(node: MeshNode, link: LinkId, reason: string): void {
    if (!this.mayClose) throw new Error(`${node.router.config.name} closes: ${reason}`);
    this.#cut(node, link);
  }

  /** What is under way arrives, then both ends hear of it; the one that has closed does not. */
  #cut(node: MeshNode, link: LinkId): void {
    const wire = node.wires.get(link);
    if (wire === undefined) return;
    node.wires.delete(link);
    for (const bytes of wire.queue) this.#input(wire.to, { kind: 'bytes', link: wire.link, bytes });
    if (!wire.to.wires.delete(wire.link)) return;
    this.#input(wire.to, { kind: 'closed', link: wire.link, reason: 'reset' });
  }

  /** A node is gone at once, with all its links; it does not come back. */
  kill(name: string): void {
    const node = this.#node(name);
    node.isUp = false;
    for (const wire of node.wires.values()) wire.queue.length = 0;
    for (const link of [...node.wires.keys()]) this.#cut(node, link);
  }

  #hear(program: MeshProgram, bytes: Buffer): void {
    for (const { kind, number, head, body } of open(bytes)) {
      if (kind === Kind.WELCOME) {
        program.seed = Number(head.seed);
        program.endpoint = String(head.endpoint);
      }
      if (kind === Kind.MESSAGE || kind === Kind.EVENT) program.heard.push(body.toString());
      if (kind === Kind.REPLY) program.outcomes.set(number, 'ok');
      if (kind === Kind.REJECT) program.outcomes.set(number, errorOf({ head })?.code ?? '');
    }
  }

  #dial(from: MeshNode, dialler: number, to: MeshNode): void {
    if (!to.isUp) {
      const error = { code: 'E_CONNECT', values: { url: '', reason: 'refused' } } as const;
      return this.#input(from, { kind: 'dialFailed', dialler, error });
    }
    const [here, there] = [++from.linkCount, ++to.linkCount];
    from.wires.set(here, { to, link: there, queue: [] });
    to.wires.set(there, { to: from, link: here, queue: [] });
    this.#input(to, { kind: 'accepted', link: there });
    this.#input(from, { kind: 'dialled', dialler, link: here });
  }

  /** Lets some time pass, and all that is under way arrive. */
  pass(ms: number): void {
    for (let round = 0; round < 8; round++) {
      this.#nowMs += ms / 8;
      for (const node of this.#nodes.values()) if (node.isUp) this.#input(node, { kind: 'tick' });
      this.#drain();
    }
  }

  /** Lets so many pieces of what is under way arrive. */
  #drain(count = Number.POSITIVE_INFINITY): void {
    for (let arrived = 0; arrived < count; arrived++) {
      const wires = [...this.#nodes.values()].flatMap(({ wires }) => [...wires.values()]);
      const wire = this.#chance.pick(wires.filter(({ queue }) => queue.length > 0));
      const bytes = wire?.queue.shift();
      if (wire === undefined || bytes === undefined) return;
      this.#input(wire.to, { kind: 'bytes', link: wire.link, bytes });
    }
  }

  program(name: string, ...services: readonly string[]): MeshProgram {
    const node = this.#node(name);
    const link = ++node.linkCount;
    const program = { node: name, link, seed: 0, endpoint: '', heard: [], outcomes: new Map() };
    node.programs.set(link, program);
    this.#input(node, { kind: 'accepted', link });
    const hello = frameOf({ kind: Kind.HELLO }, { as: 'client', ...VERSIONS });
    this.#write(program, Buffer.concat([MAGIC, hello]));
    for (const service of services)
      this.#write(program, frameOf({ kind: Kind.REGISTER }, { service }));
    return program;
  }

  #write(program: MeshProgram, bytes: Buffer): void {
    this.#input(this.#node(program.node), { kind: 'bytes', link: program.link, bytes });
  }

  subscribe(program: MeshProgram, pattern: string): void {
    this.#write(program, frameOf({ kind: Kind.SUBSCRIBE }, { pattern }));
  }

  unsubscribe(program: MeshProgram, pattern: string): void {
    this.#write(program, frameOf({ kind: Kind.UNSUBSCRIBE }, { pattern }));
  }

  #sourceOf({ node, endpoint, seed }: MeshProgram): Partial<FrameFields> {
    const source = { fromNode: nodeKeyOf(node), fromService: serviceKeyOf(endpoint) };
    return { ...source, seed, number: ++this.#number };
  }

  /** Sends a message with a report; returns its number. Nothing but `count` pieces arrive yet. */
  ask(program: MeshProgram, to: string, text: string, count?: number): number {
    const [node = '', service = ''] = to.includes(':') ? to.split(':') : ['', to];
    const toNode = node === '' ? 0 : nodeKeyOf(node);
    const address = { toNode, toService: serviceKeyOf(service), ...this.#sourceOf(program) };
    // Not kept for who is away: the outcome is to be that of the way.
    const flags = Flag.REPORT | Flag.NO_CACHE;
    const fields = { kind: Kind.MESSAGE, flags, timeout: 50, ...address };
    this.#write(program, frameOf(fields, {}, Buffer.from(text)));
    this.#drain(count);
    return this.#number;
  }

  broadcast(program: MeshProgram, scope: Scope, text: string, service = ''): void {
    const toService = service === '' ? 0 : serviceKeyOf(service);
    const fields = { kind: Kind.MESSAGE, flags: 4, channel: scope, toService };
    this.#write(program, frameOf({ ...fields, ...this.#sourceOf(program) }, {}, Buffer.from(text)));
    this.#drain();
  }

  publish(program: MeshProgram, topic: string, text: string): void {
    const fields = { kind: Kind.EVENT, toService: serviceKeyOf(topic), ...this.#sourceOf(program) };
    this.#write(program, frameOf(fields, { topic }, Buffer.from(text)));
    this.#drain();
  }
}
