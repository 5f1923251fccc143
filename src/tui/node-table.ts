/**
 * The nodes as they are known. Each has a slot, a small number, as long as it is known, and every
 * figure is a typed array indexed by slot: ten thousand nodes are some forty arrays, and not a
 * million objects. Below each parent they are kept in natural order by small changes, so that one
 * node of ten thousand costs a search and not a sort.
 */
import { naturalKey } from '../base/natural.ts';
import { NODES_MAX } from '../protocol/limits.ts';
import { ROLES, type Role } from '../protocol/record.ts';
import type { NodeStatus } from '../protocol/status.ts';
import { type Figure, type FigureLists, NODE_FIGURES, writeFigures } from './node-figures.ts';
import { createPool, type Pool } from './pool.ts';

/** Where a node stands in the arrays. Given anew when its node is forgotten. */
export type Slot = number;

interface Tally {
  up: number;
  lost: number;
}

export interface NodeTable {
  /** Slot of each node that is known, by its name. */
  readonly slots: Map<string, Slot>;
  readonly free: Slot[];
  readonly names: string[];
  readonly sortKeys: string[];
  /** Name of the parent, which need not be known, or ''. */
  readonly parents: string[];
  readonly services: (readonly string[])[];
  readonly labels: Readonly<Record<string, string>>[];
  readonly versions: string[];
  readonly ids: string[];
  /** Where the fullest filesystem is mounted, or ''. */
  readonly mounts: string[];
  /** Places in {@link ROLES}. */
  roles: Uint8Array;
  /** 1 of those that are lost. */
  lost: Uint8Array;
  /** Since when they are, by our own clock; NaN of those that are up, or were lost before us. */
  lostAtMs: Float64Array;
  /** What is not known is NaN. */
  readonly figures: FigureLists;
  /**
   * When the figures were taken, by our own clock, or NaN while there are none. Clocks differ, so
   * figures that come in while we watch count from then; only of those that were there before us
   * the node's own word is taken.
   */
  sampledAtMs: Float64Array;
  /** Children by the name of their parent, which need not be known; those of nobody under ''. */
  readonly children: Map<string, Slot[]>;
  readonly tallies: Record<Role, Tally>;
  readonly pool: Pool;
  /** Raised when someone came, went or moved. */
  shape: number;
  /** Raised when someone was lost or is back, or has other services. */
  offers: number;
}

const SLOTS_MIN = 64;

export function createNodeTable(shape = 0): NodeTable {
  const tallies = Object.fromEntries(ROLES.map((role) => [role, { up: 0, lost: 0 }]));
  const figures = NODE_FIGURES.map((figure) => [figure, new Float64Array(SLOTS_MIN)]);
  return {
    slots: new Map(),
    free: [],
    names: [],
    sortKeys: [],
    parents: [],
    services: [],
    labels: [],
    versions: [],
    ids: [],
    mounts: [],
    roles: new Uint8Array(SLOTS_MIN),
    lost: new Uint8Array(SLOTS_MIN),
    lostAtMs: new Float64Array(SLOTS_MIN),
    figures: Object.fromEntries(figures) as FigureLists,
    sampledAtMs: new Float64Array(SLOTS_MIN),
    children: new Map(),
    tallies: tallies as Record<Role, Tally>,
    pool: createPool(),
    shape,
    offers: 0,
  };
}

export function roleOf(table: NodeTable, slot: Slot): Role {
  return ROLES[table.roles[slot]!]!;
}

/** What is known of a figure of a node; NaN when nothing is. */
export function figureOf(table: NodeTable, figure: Figure, slot: Slot): number {
  return table.figures[figure][slot]!;
}

/** The sum of a figure over all nodes that are up; NaN when none of them tells it. */
function sumOf(table: NodeTable, figure: Figure): number {
  const values = table.figures[figure];
  let sum = NaN;
  for (const slot of table.slots.values()) {
    const value = values[slot]!;
    if (Number.isNaN(value) || table.lost[slot] === 1) continue;
    sum = Number.isNaN(sum) ? value : sum + value;
  }
  return sum;
}

/** What all nodes do together. */
export interface Totals {
  readonly messages: number;
  readonly bytes: number;
  readonly drops: number;
  readonly jobs: number;
}

export function totalsOf(table: NodeTable): Totals {
  return {
    messages: sumOf(table, 'deliveredPerSecond'),
    bytes: sumOf(table, 'linkInBytesPerSecond'),
    drops: sumOf(table, 'droppedPerSecond'),
    jobs: sumOf(table, 'jobsRunning'),
  };
}

/** The slots in the natural order of their names. */
export function sortSlots({ sortKeys }: NodeTable, slots: Slot[]): Slot[] {
  return slots.sort((a, b) => (sortKeys[a]! < sortKeys[b]! ? -1 : 1));
}

/** Where `sortKey` is in the sorted list, or would have to go. */
function findPlace({ sortKeys }: NodeTable, siblings: readonly Slot[], sortKey: string): number {
  let low = 0;
  let high = siblings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sortKeys[siblings[middle]!]! < sortKey) low = middle + 1;
    else high = middle;
  }
  return low;
}

function attach(table: NodeTable, slot: Slot): void {
  const parent = table.parents[slot]!;
  const siblings = table.children.get(parent);
  if (siblings === undefined) table.children.set(parent, [slot]);
  else siblings.splice(findPlace(table, siblings, table.sortKeys[slot]!), 0, slot);
}

function detach(table: NodeTable, slot: Slot): void {
  const parent = table.parents[slot]!;
  const siblings = table.children.get(parent)!;
  siblings.splice(findPlace(table, siblings, table.sortKeys[slot]!), 1);
  if (siblings.length === 0) table.children.delete(parent);
}

function count(table: NodeTable, slot: Slot, by: 1 | -1): void {
  table.tallies[roleOf(table, slot)][table.lost[slot] === 1 ? 'lost' : 'up'] += by;
}

function larger<T extends Uint8Array | Float64Array>(old: T, next: T): T {
  next.set(old);
  return next;
}

/** Makes room for `slotCount` nodes. */
function reserve(table: NodeTable, slotCount: number): void {
  if (slotCount <= table.lost.length) return;
  const capacity = Math.max(slotCount, table.lost.length * 2);
  table.roles = larger(table.roles, new Uint8Array(capacity));
  table.lost = larger(table.lost, new Uint8Array(capacity));
  table.lostAtMs = larger(table.lostAtMs, new Float64Array(capacity));
  table.sampledAtMs = larger(table.sampledAtMs, new Float64Array(capacity));
  for (const figure of NODE_FIGURES) {
    table.figures[figure] = larger(table.figures[figure], new Float64Array(capacity));
  }
}

/** Gives a node that was not known a slot, with its name in it and nothing else. */
function claim(table: NodeTable, name: string): Slot {
  const slot = table.free.pop() ?? table.slots.size;
  reserve(table, slot + 1);
  table.slots.set(name, slot);
  table.names[slot] = name;
  table.sortKeys[slot] = naturalKey(name);
  table.sampledAtMs[slot] = NaN;
  table.lostAtMs[slot] = NaN;
  table.figures.atMs[slot] = NaN;
  return slot;
}

/** Writes down all that `status` says but whose child it is. */
function write(table: NodeTable, slot: Slot, status: NodeStatus): void {
  const { pool } = table;
  const isLost = status.state === 'lost' ? 1 : 0;
  // Nodes that come one after the other are often alike.
  const services = pool.list(status.services, table.services[slot] ?? table.services[slot - 1]);
  if (services !== table.services[slot] || isLost !== table.lost[slot]) table.offers++;
  table.services[slot] = services;
  table.labels[slot] = pool.map(status.labels, table.labels[slot]);
  table.versions[slot] = pool.text(status.version);
  table.ids[slot] = status.id;
  table.roles[slot] = ROLES.indexOf(status.role);
  table.lost[slot] = isLost;
  table.mounts[slot] = pool.text(status.sample?.diskMount ?? '');
  writeFigures(table.figures, slot, status);
}

/** Takes in what a node says of itself at `nowMs`. More than {@link NODES_MAX} are not shown. */
export function putNode(table: NodeTable, status: NodeStatus, nowMs: number): void {
  const known = table.slots.get(status.name);
  if (known === undefined && table.slots.size >= NODES_MAX) return;
  const slot = known ?? claim(table, status.name);
  const parent = table.pool.text(status.parent ?? '');
  const isMoved = known === undefined || table.parents[slot] !== parent;
  if (known !== undefined) {
    count(table, slot, -1);
    if (isMoved) detach(table, slot);
  }
  const wasAtMs = table.figures.atMs[slot];
  const wasUp = known !== undefined && table.lost[slot] === 0;
  write(table, slot, status);
  const atMs = table.figures.atMs[slot]!;
  if (atMs !== wasAtMs) table.sampledAtMs[slot] = Number.isNaN(atMs) ? NaN : nowMs;
  if (table.lost[slot] === 0) table.lostAtMs[slot] = NaN;
  else if (wasUp) table.lostAtMs[slot] = nowMs;
  count(table, slot, 1);
  if (!isMoved) return;
  table.parents[slot] = parent;
  attach(table, slot);
  table.shape++;
}

/** Forgets a node. Its children stay, as the tops of trees of their own. */
export function removeNode(table: NodeTable, name: string): void {
  const slot = table.slots.get(name);
  if (slot === undefined) return;
  count(table, slot, -1);
  detach(table, slot);
  table.slots.delete(name);
  table.free.push(slot);
  table.shape++;
}

/** The nodes of `nodes` and no others: sorted once, where one by one would cost more. */
export function plantTable(nodes: readonly NodeStatus[], nowMs: number, shape: number): NodeTable {
  const table = createNodeTable(shape);
  reserve(table, Math.min(nodes.length, NODES_MAX));
  for (const status of nodes.slice(0, NODES_MAX)) {
    if (table.slots.has(status.name)) continue;
    const slot = claim(table, status.name);
    write(table, slot, status);
    table.parents[slot] = table.pool.text(status.parent ?? '');
    table.sampledAtMs[slot] = Math.min(nowMs, table.figures.atMs[slot]!);
    count(table, slot, 1);
  }
  for (const slot of sortSlots(table, [...table.slots.values()])) {
    const parent = table.parents[slot]!;
    const siblings = table.children.get(parent);
    if (siblings === undefined) table.children.set(parent, [slot]);
    else siblings.push(slot);
  }
  return table;
}
