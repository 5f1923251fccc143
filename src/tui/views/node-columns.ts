/** The columns of views whose rows are nodes. */
import { escapeLine } from '../../base/escape.ts';
import { rankOf } from '../../protocol/flag.ts';
import {
  formatAge,
  formatCount,
  formatLoad,
  formatRtt,
  formatUptime,
  memoryShare,
  namedServices,
  UNKNOWN,
} from '../figures.ts';
import type { Model } from '../model.ts';
import type { Figure } from '../node-figures.ts';
import { figureOf, roleOf, type Slot } from '../node-table.ts';
import { grade } from '../palette.ts';
import { by, CPU_COLUMN, sampledAt, WIDE_COLUMNS } from './figure-columns.ts';
import type { Cell, CellContext, Column } from './view.ts';

/** A load above these, for each processor, is shown as high, as too high. */
const LOAD_HIGH = 0.7;
const LOAD_TOO_HIGH = 1;
/** The same for percent of the memory. */
const MEMORY_HIGH = 80;
const MEMORY_TOO_HIGH = 95;
const BAR_CELLS = 4;

export function isLost(slot: Slot, { nodes }: Model): boolean {
  return nodes.lost[slot] === 1;
}

function stateCell(slot: Slot, { model, glyphs }: CellContext): Cell {
  return isLost(slot, model)
    ? { text: `${glyphs.lost} lost`, style: 'bad', isLoud: true }
    : { text: `${glyphs.up} up`, style: 'good' };
}

/** Load for each processor: above 1, work waits. */
function loadShare(slot: Slot, { nodes }: Model): number {
  return figureOf(nodes, 'load1', slot) / Math.max(1, figureOf(nodes, 'cpus', slot));
}

function loadCell(slot: Slot, { model }: CellContext): Cell {
  const load = figureOf(model.nodes, 'load1', slot);
  if (Number.isNaN(load)) return { text: UNKNOWN };
  return { text: formatLoad(load), style: grade(loadShare(slot, model), LOAD_HIGH, LOAD_TOO_HIGH) };
}

/** Percent of the memory that is used. */
function memoryPercent(slot: Slot, { nodes }: Model): number {
  const usedBytes = figureOf(nodes, 'memoryUsedBytes', slot);
  if (Number.isNaN(usedBytes)) return NaN;
  return memoryShare(usedBytes, figureOf(nodes, 'memoryTotalBytes', slot)) * 100;
}

function memoryCell(slot: Slot, { model, glyphs }: CellContext): Cell {
  const used = memoryPercent(slot, model);
  if (Number.isNaN(used)) return { text: UNKNOWN };
  const fullCells = Math.round((used * BAR_CELLS) / 100);
  const bar = glyphs.full.repeat(fullCells) + glyphs.empty.repeat(BAR_CELLS - fullCells);
  const percent = `${Math.round(used)}%`.padStart(5);
  return { text: bar + percent, style: grade(used, MEMORY_HIGH, MEMORY_TOO_HIGH) };
}

function uptimeCell(slot: Slot, { model, knownAtMs }: CellContext): Cell {
  if (isLost(slot, model)) return { text: UNKNOWN };
  return { text: formatUptime(knownAtMs - figureOf(model.nodes, 'startedAtMs', slot)) };
}

function ageCell(atMs: number, nowMs: number): Cell {
  return { text: Number.isNaN(atMs) ? UNKNOWN : formatAge(nowMs - atMs) };
}

/** Durable messages that wait, and behind a plus those that were given up. */
function mailCell(slot: Slot, { model }: CellContext): Cell {
  const waiting = figureOf(model.nodes, 'durableWaiting', slot);
  const dead = figureOf(model.nodes, 'durableDead', slot);
  if (Number.isNaN(waiting)) return { text: UNKNOWN };
  if (dead > 0) return { text: `${formatCount(waiting)}+${formatCount(dead)}`, style: 'bad' };
  return { text: formatCount(waiting) };
}

/** How many flags are up, in the colour of the most urgent one. */
function flagsCell(slot: Slot, { model }: CellContext): Cell {
  const count = figureOf(model.nodes, 'flagCount', slot);
  if (!(count > 0)) return { text: UNKNOWN };
  const rank = figureOf(model.nodes, 'flagRank', slot);
  return { text: formatCount(count), style: grade(rank, rankOf('info'), rankOf('warning')) };
}

/** The most urgent first; of those that are alike the one with more. */
function flagsKey(slot: Slot, { nodes }: Model): number {
  const [rank, count] = [figureOf(nodes, 'flagRank', slot), figureOf(nodes, 'flagCount', slot)];
  return rank + 1 - 1 / (1 + count);
}

function servicesOf(slot: Slot, { nodes }: Model): string {
  return namedServices(nodes.services[slot]!).join(' ');
}

/** What a filter of plain text looks at: the name and the services. */
export function nodeText(slot: Slot, { nodes }: Model): string {
  return `${nodes.names[slot]}\n${nodes.services[slot]!.join('\n')}`;
}

/** Columns that every view of nodes shows behind the name. */
export const NODE_COLUMNS: readonly Column<Slot>[] = [
  {
    title: 'ROLE',
    width: 5,
    // The tree shows most of it.
    priority: 7.5,
    cell: (slot, { model }) => ({ text: roleOf(model.nodes, slot) }),
    sortKey: (slot, { nodes }) => nodes.roles[slot]!,
    value: (slot, { nodes }) => roleOf(nodes, slot),
  },
  {
    title: 'STATE',
    width: 6,
    priority: 1,
    cell: stateCell,
    // Trouble first.
    sortKey: (slot, model) => (isLost(slot, model) ? 0 : 1),
    value: (slot, model) => (isLost(slot, model) ? 'lost' : 'up'),
  },
  {
    title: 'RTT',
    width: 6,
    isRight: true,
    priority: 4,
    cell: (slot, { model }) => ({ text: formatRtt(figureOf(model.nodes, 'rttMs', slot)) }),
    sortKey: by('rttMs'),
    isHighFirst: true,
  },
  {
    title: 'LOAD',
    width: 5,
    isRight: true,
    priority: 2,
    cell: loadCell,
    takenAtMs: sampledAt,
    sortKey: by('load1'),
    isHighFirst: true,
  },
  CPU_COLUMN,
  {
    title: 'MEM',
    width: 9,
    isRight: true,
    priority: 3,
    cell: memoryCell,
    takenAtMs: sampledAt,
    sortKey: memoryPercent,
    isHighFirst: true,
  },
  ...WIDE_COLUMNS,
  {
    title: 'UP',
    width: 6,
    isRight: true,
    priority: 6,
    cell: uptimeCell,
    // The longest up first.
    sortKey: by('startedAtMs'),
    value: ageOf('startedAtMs'),
  },
  {
    title: 'FLAGS',
    width: 6,
    isRight: true,
    priority: 3.5,
    cell: flagsCell,
    sortKey: flagsKey,
    isHighFirst: true,
  },
  {
    title: 'MAIL',
    width: 5,
    isRight: true,
    priority: 10,
    cell: mailCell,
    takenAtMs: sampledAt,
    sortKey: by('durableWaiting'),
    isHighFirst: true,
  },
  {
    title: 'OLDEST',
    width: 6,
    isRight: true,
    priority: 11,
    cell: (slot, { model, nowMs }) =>
      ageCell(figureOf(model.nodes, 'durableOldestAtMs', slot), nowMs),
    takenAtMs: sampledAt,
    sortKey: by('durableOldestAtMs'),
    value: ageOf('durableOldestAtMs'),
  },
  {
    title: 'AGE',
    width: 4,
    isRight: true,
    priority: 12,
    cell: (slot, { model, nowMs }) => ageCell(sampledAt(slot, model), nowMs),
    takenAtMs: sampledAt,
    sortKey: sampledAt,
    value: (slot, model) => (model.updatedAtMs ?? NaN) - sampledAt(slot, model),
  },
  {
    title: 'SERVICES',
    width: 9,
    growth: 3,
    priority: 7,
    cell: (slot, { model }) => ({ text: servicesOf(slot, model) }),
    sortKey: servicesOf,
    value: (slot, { nodes }) => namedServices(nodes.services[slot]!),
  },
];

/** The name of a node, as a column of plain lists. */
export const NAME_COLUMN: Column<Slot> = {
  title: 'NAME',
  width: 18,
  widthGood: 28,
  growth: 2,
  widthMax: 48,
  priority: 0,
  cell: (slot, { model }) => ({ text: escapeLine(model.nodes.names[slot]!) }),
  sortKey: (slot, { nodes }) => nodes.sortKeys[slot]!,
  value: (slot, { nodes }) => nodes.names[slot]!,
};

/** Rows of nodes are others when someone came, went or moved; values count only if they decide. */
export function nodesVersion({ nodes, state, valuesVersion }: Model): number {
  const isByValues = state.sort !== null || state.filter !== '';
  return nodes.shape + (isByValues ? valuesVersion : 0);
}

/** How long ago an instant was when something was last heard. */
function ageOf(figure: Figure): (slot: Slot, model: Model) => number {
  return (slot, { nodes, updatedAtMs }) => (updatedAtMs ?? NaN) - figureOf(nodes, figure, slot);
}

export function noNodeText({ state, link }: Model): string {
  if (state.filter !== '') return `no node or service matches ${state.filter}`;
  if (link.state === 'connecting') return 'waiting for the first word from the daemon';
  return 'no node is known';
}
