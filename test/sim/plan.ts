/** What a simulation is about, all of it drawn from its seed. */
import type { Role } from '../../src/protocol/record.ts';
import { Chance } from './chance.ts';

export interface NodePlan {
  readonly index: number;
  readonly name: string;
  /** 16 hexadecimal digits, its own. */
  readonly id: string;
  readonly role: Role;
  /** Indices of its parents: at least one is smaller than its own, in most plans all are. */
  readonly parents: readonly number[];
  /** Services of each of its programs. */
  readonly programs: readonly (readonly string[])[];
}

export interface Plan {
  readonly seed: number;
  /** Virtual milliseconds in which things go wrong. */
  readonly ticks: number;
  readonly nodes: readonly NodePlan[];
  /** Whether some may choose a parent that is below them: loops must be found and undone. */
  readonly hasLoops: boolean;
  readonly holdMs: number;
  readonly delayMsMax: number;
  readonly spikeChance: number;
  readonly spikeMs: number;
  readonly cutChance: number;
  /** Mean time between two faults, and between two things that a program does. */
  readonly faultMs: number;
  readonly trafficMs: number;
  /** Queue of a link at which messages to it are dropped, and at which it is closed. */
  readonly queueDropBytes: number;
  readonly queueCloseBytes: number;
}

/** Services that several nodes have. */
export const SHARED_SERVICES = ['mail', 'clock', 'print', 'store'] as const;

function drawParents(chance: Chance, index: number, inner: number, reach: number): number[] {
  const parents = new Set<number>();
  const count = Math.min(index, chance.integer(1, 3));
  const lowest = Math.max(0, Math.min(index, inner) - reach);
  const highest = Math.min(index, inner) - 1;
  while (parents.size < count && parents.size <= highest - lowest) {
    parents.add(chance.integer(lowest, highest));
  }
  return [...parents];
}

function drawPrograms(chance: Chance, index: number): string[][] {
  return Array.from({ length: chance.integer(0, 2) }, (_, number) => {
    const services = [`own-${index}-${number}`];
    const shared = chance.pick(SHARED_SERVICES);
    // One name once per node: a second program may well ask for it.
    if (shared !== undefined && chance.isHit(0.6)) services.push(shared);
    return services;
  });
}

/** Draws a simulation of `count` nodes. */
export function drawPlan(seed: number, count: number, ticks: number): Plan {
  const chance = new Chance(seed);
  const inner = Math.max(1, Math.round(count * chance.between(0.2, 0.7)));
  const reach = chance.isHit(0.5) ? inner : chance.integer(1, 6);
  const hasLoops = inner > 2 && chance.isHit(0.25);
  const twinChance = !hasLoops && chance.isHit(0.6) ? 0.08 : 0;
  const nodes: NodePlan[] = [];
  const withLoop = (parents: number[]): number[] =>
    hasLoops && parents.length > 0 ? [chance.integer(1, inner - 1), ...parents] : parents;
  for (let index = 0; index < count; index++) {
    const twin = index > 1 && chance.isHit(twinChance) ? chance.pick(nodes) : undefined;
    const id = (index + 1).toString(16).padStart(16, '0');
    nodes.push({
      index,
      name: twin?.name ?? `n${index}`,
      id,
      role: index === 0 ? 'root' : index < inner ? 'agent' : 'leaf',
      parents: withLoop(drawParents(chance, index, inner, reach)),
      programs: drawPrograms(chance, index),
    });
  }
  const queueDropBytes = chance.integer(4_000, 60_000);
  return {
    seed,
    ticks,
    nodes,
    hasLoops,
    holdMs: Math.round(chance.between(600, 6_000)),
    delayMsMax: chance.between(0.2, 25),
    spikeChance: chance.isHit(0.5) ? chance.between(0, 0.02) : 0,
    spikeMs: chance.between(50, 3_000),
    cutChance: chance.between(0, 0.5),
    faultMs: chance.between(50, 2_000),
    trafficMs: chance.between(3, 40),
    queueDropBytes,
    queueCloseBytes: queueDropBytes * chance.integer(2, 10),
  };
}
