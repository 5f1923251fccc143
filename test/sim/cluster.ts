/**
 * All the nodes of a simulation, the network between them, what goes wrong, and what they are used
 * for.
 */
import { murmur3 } from '../../src/base/hash.ts';
import type { RouterOutput } from '../../src/router/io.ts';
import { Agenda } from './agenda.ts';
import { Chance } from './chance.ts';
import { Envelopes } from './envelopes.ts';
import { Floods } from './floods.ts';
import { Network, type Wire } from './network.ts';
import { SimNode } from './node.ts';
import { type Plan, SHARED_SERVICES } from './plan.ts';
import type { Outcome, Program } from './program.ts';
import type { World } from './world.ts';

/** Longer than a simulation with all its healing takes. */
const PATIENCE_MS = 600_000;

export class Cluster implements World {
  readonly plan: Plan;
  readonly agenda = new Agenda();
  readonly chance: Chance;
  readonly envelopes: Envelopes;
  readonly floods = new Floods();
  readonly network: Network;
  readonly local: Network;
  readonly nodes: SimNode[];
  /** Whether things go wrong still. */
  isFaulty = true;
  faultCount = 0;
  /** How the requests of all programs ended. */
  readonly outcomes: Record<Outcome, number> = {};
  /** A number for all that all routers have let out: the same seed gives the same one. */
  digest = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.chance = new Chance(plan.seed ^ 0x51ab);
    this.envelopes = new Envelopes(plan);
    const { delayMsMax, spikeChance, spikeMs, cutChance } = plan;
    const wide = { delayMsMin: 0.05, delayMsMax, spikeChance, spikeMs, cutChance };
    const near = { delayMsMin: 0.01, delayMsMax: 0.5, spikeChance: 0, spikeMs: 0, cutChance };
    this.network = new Network(this.agenda, this.chance, wide);
    this.local = new Network(this.agenda, this.chance, near);
    this.nodes = plan.nodes.map((each) => new SimNode(this, each));
  }

  record(node: SimNode, output: RouterOutput): void {
    const { index } = node.plan;
    const what = output.kind === 'send' ? output.bytes.length : output.kind;
    this.digest = murmur3(`${this.agenda.nowMs} ${index} ${what}`, this.digest);
  }

  isWellBehaved(): boolean {
    return !this.isFaulty;
  }

  /** Begins: all nodes start within a second, and then are used, and suffer. */
  start(): void {
    for (const node of this.nodes) {
      this.agenda.after(this.chance.between(0, 1_000), () => node.start());
    }
    this.agenda.after(1_000, () => this.#goOnUsing());
    this.agenda.after(1_000, () => this.#goOnFailing());
  }

  /** From here on nothing goes wrong any more, and nobody asks for anything. */
  heal(): void {
    this.isFaulty = false;
    this.network.options.spikeChance = 0;
    for (const node of this.nodes) {
      node.isIsolated = false;
      for (const { wire, side } of node.links.values()) wire.throttle(side, null);
      if (!node.isUp) node.start();
    }
  }

  #pickUp(): SimNode | undefined {
    return this.chance.pick(this.nodes.filter(({ isUp }) => isUp));
  }

  /** A connection between two nodes. */
  #pickWire(): Wire | undefined {
    const wires: Wire[] = [];
    for (const node of this.nodes) {
      for (const { wire, side, peer } of node.links.values()) {
        if (side === 0 && peer !== null && !wire.isGone) wires.push(wire);
      }
    }
    return this.chance.pick(wires);
  }

  #goOnFailing(): void {
    if (!this.isFaulty) return;
    this.#fail();
    this.faultCount++;
    this.agenda.after(this.chance.untilNextMs(this.plan.faultMs), () => this.#goOnFailing());
  }

  #restartLater(node: SimNode): void {
    this.agenda.after(this.chance.between(0, 4_000), () => {
      if (!node.isUp) node.start();
    });
  }

  #slowDown(): void {
    const wire = this.#pickWire();
    const side = this.chance.isHit(0.5) ? 0 : 1;
    wire?.throttle(side, this.chance.between(1, 30));
    this.agenda.after(this.chance.between(100, 4_000), () => wire?.throttle(side, null));
  }

  #isolate(): void {
    const node = this.#pickUp();
    if (node === undefined) return;
    node.isIsolated = true;
    for (const { wire, peer } of node.links.values()) {
      if (peer === null) continue;
      wire.silence(0);
      wire.silence(1);
    }
    this.agenda.after(this.chance.between(0, 6_000), () => {
      node.isIsolated = false;
    });
  }

  /** What some nodes say to the others is not heard any more, and nobody is told. */
  #divide(): void {
    const inside = new Set(this.nodes.filter(() => this.chance.isHit(0.5)));
    const isTwoWay = this.chance.isHit(0.3);
    for (const node of inside) {
      for (const { wire, side, peer } of node.links.values()) {
        if (peer === null || inside.has(peer)) continue;
        wire.silence(side);
        if (isTwoWay) wire.silence(side === 0 ? 1 : 0);
      }
    }
  }

  #fail(): void {
    const { chance } = this;
    const node = this.#pickUp();
    const faults: (() => unknown)[] = [
      () => this.#pickWire()?.break('reset'),
      () => this.#pickWire()?.break('reset'),
      () => this.#pickWire()?.silence(chance.isHit(0.5) ? 0 : 1),
      () => {
        const wire = this.#pickWire();
        wire?.silence(0);
        wire?.silence(1);
      },
      () => this.#slowDown(),
      () => this.#isolate(),
      () => chance.isHit(0.3) && this.#divide(),
      () => {
        node?.crash(chance.isHit(0.5));
        if (node !== undefined) this.#restartLater(node);
      },
      () => {
        node?.leave();
        if (node !== undefined) this.#restartLater(node);
      },
      () => this.#replaceProgram(node),
    ];
    chance.pick(faults)?.();
  }

  #replaceProgram(node: SimNode | undefined): void {
    if (node === undefined) return;
    const program = this.chance.pick([...node.programs]);
    if (program !== undefined) node.removeProgram(program);
    const services = this.chance.pick(node.plan.programs) ?? ['late'];
    this.agenda.after(this.chance.between(0, 200), () => {
      if (node.isUp && this.isFaulty) node.addProgram(services);
    });
  }

  #pickProgram(): Program | undefined {
    const program = this.chance.pick([...(this.#pickUp()?.programs ?? [])]);
    return program?.isReady === true ? program : undefined;
  }

  /** Somebody, somewhere; perhaps nobody. */
  #pickAddress(): string {
    const { chance } = this;
    const { name, programs } = chance.pick(this.plan.nodes) ?? { name: 'n0', programs: [] };
    if (chance.isHit(0.05)) return 'nobody:anything';
    if (chance.isHit(0.2)) return chance.pick(SHARED_SERVICES) ?? 'mail';
    if (chance.isHit(0.2)) return `${name}:`;
    const service = chance.pick(chance.pick(programs) ?? ['missing']) ?? 'missing';
    return `${name}:${service}`;
  }

  #goOnUsing(): void {
    if (!this.isFaulty) return;
    const program = this.#pickProgram();
    if (program !== undefined) this.#use(program);
    this.agenda.after(this.chance.untilNextMs(this.plan.trafficMs), () => this.#goOnUsing());
  }

  #use(program: Program): void {
    const { chance } = this;
    const to = this.#pickAddress();
    const bytes = chance.isHit(0.1) ? chance.integer(8, 20_000) : chance.integer(8, 200);
    // Some wait for so long that only its loss can end what is lost.
    // On wires that lose what they like there is not always a loss to be seen.
    const isPatient = !this.plan.isJumbled && chance.isHit(0.1);
    const patienceMs = isPatient ? PATIENCE_MS : 5_000;
    const timeoutMs = chance.isHit(0.5) ? patienceMs : chance.between(100, 3_000);
    const dice = chance.between(0, 1);
    if (dice < 0.4) program.ask('request', { to, bytes, timeoutMs });
    else if (dice < 0.6) program.ask('report', { to, bytes, timeoutMs });
    else if (dice < 0.95) program.send({ to, bytes });
    else {
      const count = chance.integer(20, 300);
      for (let sent = 0; sent < count; sent++) program.send({ to, bytes: 120 });
    }
    if (chance.isHit(0.2)) this.floods.use(program, chance, SHARED_SERVICES);
    if (chance.isHit(0.01)) program.register(`extra-${chance.integer(0, 9)}`);
    if (chance.isHit(0.01)) program.unregister(`extra-${chance.integer(0, 9)}`);
  }
}
