/**
 * A simulated daemon: drives one router with virtual connections, and forgets all when it crashes.
 * The second of the two drivers that a router has (the other is src/daemon/driver.ts).
 */
import { assertNever } from '../../src/base/assert.ts';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { decodeHeader, encodeFrame, Flag, Kind } from '../../src/protocol/frame.ts';
import { RELEASE_BYTES_MAX } from '../../src/protocol/limits.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';
import {
  BUILTIN_LINK,
  type LinkId,
  type RouterEvent,
  type RouterInput,
  type RouterOutput,
} from '../../src/router/io.ts';
import { step } from '../../src/router/router.ts';
import { createRouter, type Router } from '../../src/router/state.ts';
import { checkCourses } from './courses.ts';
import { demand, encodeSerial } from './envelopes.ts';
import { isOneWay } from './floods.ts';
import { Jumble } from './jumble.ts';
import type { Side, Wire } from './network.ts';
import type { NodePlan } from './plan.ts';
import { Program, type ProgramHost } from './program.ts';
import type { World } from './world.ts';

/** Start of virtual time, for incarnations. */
const EPOCH_MS = 1_700_000_000_000;
/** How long a connection takes that nobody answers. */
const DIAL_MS_MAX = 5_000;

/** What one step may add to a queue: a burst of a program, or the adverts of a whole subtree. */
const STEP_BYTES_MAX = 150_000;

interface Attached {
  readonly wire: Wire;
  readonly side: Side;
  /** The node at the other end; null for a program. */
  readonly peer: SimNode | null;
  isCongested: boolean;
  readonly jumble: Jumble;
}

export class SimNode {
  readonly plan: NodePlan;
  readonly label: string;
  readonly links = new Map<LinkId, Attached>();
  readonly programs = new Set<Program>();
  router: Router;
  isUp = false;
  /** Cut off: nothing that it dials, or that dials it, comes through. */
  isIsolated = false;
  dialCount = 0;
  queuedBytesMost = 0;
  /** What the steps of this instant may hand on of what was kept for who was away. */
  #release = { atMs: 0, bytes: 0 };
  readonly #world: World;
  #nextLink = 1;
  #wakeNumber = 0;
  #run = 0;

  constructor(world: World, plan: NodePlan) {
    this.#world = world;
    this.plan = plan;
    this.label = `${plan.name}#${plan.index}`;
    this.router = this.#createRouter();
  }

  #createRouter(): Router {
    const { plan } = this;
    const { agenda, chance } = this.#world;
    return createRouter({
      name: plan.name,
      id: plan.id,
      role: plan.role,
      realm: plan.realm,
      version: '1.0.0',
      incarnation: EPOCH_MS + Math.floor(agenda.nowMs) + this.#run++,
      // Its owner may have changed the order of its parents meanwhile: nodes move.
      parents: chance.shuffle(plan.parents).map((index) => `sim://${index}`),
      peers: plan.peers.map((index) => `sim://${index}`),
      labels: {},
      urls: [],
      holdMs: this.#world.plan.holdMs,
      childrenMax: 1_000,
      seed: chance.seed(),
    });
  }

  start(): void {
    this.isUp = true;
    this.router = this.#createRouter();
    this.input({ kind: 'tick' });
    for (const services of this.plan.programs) this.addProgram(services);
  }

  /** Ends at once. Its connections break, or, when the host lost its power, nobody is told. */
  crash(isPowerLost: boolean): void {
    this.isUp = false;
    this.#world.envelopes.forgotten(nodeKeyOf(this.plan.name));
    this.#wakeNumber++;
    for (const { wire, side, peer } of this.links.values()) {
      if (isPowerLost && peer !== null) wire.abandon(side);
      else wire.break('reset');
      wire.holders[side] = null;
    }
    this.links.clear();
    for (const program of this.programs) program.closed();
    this.programs.clear();
  }

  /** Ends in order: says goodbye first. */
  leave(): void {
    this.input({ kind: 'leave' });
    this.crash(false);
  }

  input(input: RouterInput): void {
    if (!this.isUp) return;
    const { router } = this;
    const { tableVersion } = router;
    const { nowMs } = this.#world.agenda;
    if (this.#release.atMs < nowMs) this.#release = { atMs: nowMs, bytes: 0 };
    const heldBytes = Math.min(RELEASE_BYTES_MAX, router.holding.bytes);
    this.#release.bytes = Math.max(this.#release.bytes, heldBytes);
    const outputs = step(router, input, nowMs);
    if (router.tableVersion !== tableVersion) checkCourses(this);
    for (const output of outputs) {
      this.#world.record(this, output);
      this.#perform(output);
    }
  }

  #perform(output: RouterOutput): void {
    switch (output.kind) {
      case 'send':
      case 'copy':
        return this.#send(output.link, output.bytes);
      case 'close':
        return this.#close(output.link, output.error.code);
      case 'dial':
        return this.#dial(output.dialler, output.url);
      case 'wake':
        return this.#wakeAt(output.atMs);
      case 'event':
        return this.onEvent(output.event);
      case 'tapped':
        return;
      default:
        return assertNever(output);
    }
  }

  onEvent(_: RouterEvent): void {}

  #send(link: LinkId, bytes: Buffer): void {
    const attached = this.links.get(link);
    const isUpward = link === this.router.uplink.link;
    const isKnown = attached !== undefined || link === BUILTIN_LINK;
    demand(isKnown, () => `${this.label} writes to link ${link}, which it has closed`);
    eachFrame(bytes, (frame) => {
      const isLate = attached?.isCongested === true && isOneWay(frame);
      demand(!isLate, () => `${this.label} sends a message by a congested link`);
      this.#world.envelopes.written(this.label, isUpward, frame);
      if (link === BUILTIN_LINK) this.#answer(Buffer.from(frame));
    });
    const isJumbled = attached?.peer != null && this.#world.plan.isJumbled;
    const isPassed = !isJumbled || this.#world.isWellBehaved();
    attached?.wire.write(attached.side, isPassed ? bytes : attached.jumble.pass(bytes));
  }

  /** The node's own service: answers every request. */
  #answer(frame: Buffer): void {
    const { kind, fromNode, fromService, toService, seed, number } = decodeHeader(frame);
    const key = nodeKeyOf(this.plan.name);
    const { envelopes, agenda } = this.#world;
    envelopes.delivered(key, new Set([serviceKeyOf('dagent')]), frame);
    if (kind !== Kind.REQUEST) return;
    const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, toNode: fromNode, seed, number };
    const source = { toService: fromService, fromNode: key, fromService: toService };
    const reply = encodeFrame(
      { ...fields, ...source },
      undefined,
      encodeSerial(envelopes.nextSerial()),
    );
    envelopes.sent(reply);
    const { router } = this;
    agenda.after(0, () => {
      if (this.router === router) this.input({ kind: 'bytes', link: BUILTIN_LINK, bytes: reply });
    });
  }

  #close(link: LinkId, reason: string): void {
    const attached = this.links.get(link);
    if (attached === undefined) return;
    attached.wire.close(attached.side, reason);
    this.links.delete(link);
    // The connection's own end is heard later, as a daemon hears it.
    this.#world.agenda.after(1, () => this.input({ kind: 'closed', link, reason }));
  }

  #wakeAt(atMs: number): void {
    const number = ++this.#wakeNumber;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#world.agenda.at(Math.max(atMs, this.#world.agenda.nowMs + 0.01), () => {
      if (number === this.#wakeNumber) this.input({ kind: 'tick' });
    });
  }

  #dial(dialler: number, url: string): void {
    this.dialCount++;
    const { agenda, network, nodes, chance } = this.#world;
    const target = nodes[Number(url.slice('sim://'.length))];
    const { router } = this;
    const fail = (afterMs: number, reason: string) =>
      agenda.after(afterMs, () => {
        const error = { code: 'E_CONNECT', values: { url, reason } } as const;
        if (this.router === router) this.input({ kind: 'dialFailed', dialler, error });
      });
    if (target === undefined || this.isIsolated || target.isIsolated) {
      return fail(DIAL_MS_MAX, 'timeout');
    }
    agenda.after(network.drawDelayMs(), () => {
      if (this.router !== router || !this.isUp) return;
      if (!target.isUp) return fail(chance.isHit(0.8) ? 1 : DIAL_MS_MAX, 'refused');
      const wire = network.connect();
      target.accept(wire, this);
      agenda.after(network.drawDelayMs(), () => {
        if (this.router !== router || !this.isUp) return wire.abandon(0);
        if (wire.isGone) return fail(0, 'reset');
        this.input({ kind: 'dialled', dialler, link: this.#attach(wire, 0, target) });
      });
    });
  }

  accept(wire: Wire, peer: SimNode | null): void {
    const link = this.#attach(wire, 1, peer);
    this.input({ kind: 'accepted', link });
  }

  #attach(wire: Wire, side: Side, peer: SimNode | null): LinkId {
    const link = this.#nextLink++;
    const jumble = new Jumble(this.#world.chance);
    const attached: Attached = { wire, side, peer, isCongested: false, jumble };
    this.links.set(link, attached);
    wire.holders[side] = {
      bytes: (bytes) => this.input({ kind: 'bytes', link, bytes }),
      closed: (reason) => {
        this.links.delete(link);
        this.input({ kind: 'closed', link, reason });
      },
      queued: (bytes) => this.#queued(link, attached, bytes),
    };
    return link;
  }

  /** Back-pressure as the daemon's driver does it, with smaller marks. */
  #queued(link: LinkId, attached: Attached, bytes: number): void {
    const { queueDropBytes, queueCloseBytes } = this.#world.plan;
    this.queuedBytesMost = Math.max(this.queuedBytesMost, bytes);
    const most = queueCloseBytes + STEP_BYTES_MAX + this.#release.bytes;
    demand(bytes <= most, () => `${this.label} lets ${bytes} bytes wait, at most ${most}`);
    const isCongested = attached.isCongested ? bytes > queueDropBytes / 4 : bytes > queueDropBytes;
    const { agenda } = this.#world;
    if (isCongested !== attached.isCongested) {
      agenda.after(0, () => {
        if (this.links.get(link) !== attached) return;
        attached.isCongested = isCongested;
        this.input({ kind: 'congested', link, isCongested });
      });
    }
    if (bytes <= queueCloseBytes) return;
    agenda.after(0, () => {
      if (this.links.get(link) !== attached) return;
      this.links.delete(link);
      attached.wire.break('slow peer');
      attached.wire.holders[attached.side] = null;
      this.input({ kind: 'closed', link, reason: 'slow peer' });
    });
  }

  addProgram(services: readonly string[]): Program {
    const { agenda, chance, envelopes, floods, local, outcomes } = this.#world;
    const host: ProgramHost = {
      ...{ agenda, chance, envelopes, floods, outcomes, name: this.plan.name },
      isWellBehaved: () => this.#world.isWellBehaved(),
    };
    const wire = local.connect();
    const program = new Program(host, wire, services);
    this.programs.add(program);
    this.accept(wire, null);
    return program;
  }

  removeProgram(program: Program): void {
    this.programs.delete(program);
    program.kill();
  }
}
