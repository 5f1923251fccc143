/**
 * The links of the tree: that of each node to its parent, and those between peers. Their round
 * trips are in the watch; what went over them, their ends are asked: parents, which know those of
 * all their children, and nodes that have more links than to their parent and their children.
 */
import { escapeLine } from '../../base/escape.ts';
import { naturalKey } from '../../base/natural.ts';
import { formatBytes } from '../../base/size.ts';
import type { Fetch, NodeLink } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import {
  formatAge,
  formatByteRate,
  formatRate,
  formatRtt,
  formatShortBytes,
  UNKNOWN,
} from '../figures.ts';
import type { Model } from '../model.ts';
import type { Figure } from '../node-figures.ts';
import { figureOf, type Slot, sortSlots } from '../node-table.ts';
import { grade } from '../palette.ts';
import { askedNodes, fieldLines, gatheredNote, joinNotes } from './fetched.ts';
import { sampledAt } from './figure-columns.ts';
import { listRows } from './list-rows.ts';
import { noNodeText } from './node-columns.ts';
import type { Cell, CellContext, Column, DetailLines, Pane, View } from './view.ts';

const LINKS: Fetch<'allLinks'> = { source: 'allLinks', nodes: [] };
/** A link that is silent for so long is suspicious. */
const SILENT_MS = 10_000;

/** A link as one of its ends tells of it; `isTurned`: that is the end that it leads to. */
interface Told {
  readonly link: NodeLink;
  readonly isTurned: boolean;
}

interface Row {
  readonly slot: Slot;
  readonly node: string;
  readonly to: string;
  readonly as: 'parent' | 'peer';
  readonly told: Told | undefined;
}

/** Whether a node can tell of links besides that to its parent. */
function hasOthers(slot: Slot, { nodes }: Model): boolean {
  const childCount = nodes.children.get(nodes.names[slot]!)?.length ?? 0;
  const parentCount = nodes.parents[slot] === '' ? 0 : 1;
  return childCount > 0 || figureOf(nodes, 'links', slot) > childCount + parentCount;
}

function idOf({ node, to, as }: Row): string {
  return `${node} ${to} ${as}`;
}

/** Of what both ends tell of a link, that it is slow counts more. */
function put(told: Map<string, Told>, key: string, each: Told): void {
  if (told.get(key)?.link.isSlow !== true) told.set(key, each);
}

/** What is told, by the node whose link to its parent it is, and of peers by the first of both. */
function sortTold(links: readonly NodeLink[]) {
  const up = new Map<string, Told>();
  const beside = new Map<string, Map<string, Told>>();
  for (const link of links) {
    const { at, peer, as } = link;
    if (as === 'child') put(up, peer, { link, isTurned: true });
    if (as === 'parent') put(up, at, { link, isTurned: false });
    if (as !== 'peer') continue;
    const isTurned = peer < at;
    const [first, second] = isTurned ? [peer, at] : [at, peer];
    const known = beside.get(first) ?? new Map<string, Told>();
    beside.set(first, known);
    put(known, second, { link, isTurned });
  }
  return { up, beside };
}

/** The other end of a link to a parent. */
function parentOf({ link, isTurned }: Told): string {
  return isTurned ? link.at : link.peer;
}

/** Each link once, those of parents and of peers, with what one of its ends tells of it. */
function rowsOf(model: Model): Row[] {
  const { nodes } = model;
  const { up, beside } = sortTold(fetchedOf(model, LINKS)?.value?.items ?? []);
  const rows: Row[] = [];
  for (const slot of sortSlots(nodes, [...nodes.slots.values()])) {
    const node = nodes.names[slot]!;
    const to = nodes.parents[slot]!;
    const told = up.get(node);
    const isMoved = told !== undefined && parentOf(told) !== to;
    if (to !== '') rows.push({ slot, node, to, as: 'parent', told: isMoved ? undefined : told });
    for (const [peer, link] of beside.get(node) ?? []) {
      rows.push({ slot, node, to: peer, as: 'peer', told: link });
    }
  }
  return rows;
}

function sentBytes({ told }: Row): number {
  if (told === undefined) return NaN;
  return told.isTurned ? told.link.heardBytes : told.link.sentBytes;
}

function heardBytes({ told }: Row): number {
  if (told === undefined) return NaN;
  return told.isTurned ? told.link.sentBytes : told.link.heardBytes;
}

function formatTold(bytes: number): string {
  return Number.isNaN(bytes) ? UNKNOWN : formatBytes(bytes);
}

function stateOf({ slot, as, told }: Row, { nodes }: Model): string {
  if (as === 'parent' && nodes.lost[slot] === 1) return 'lost';
  if (told?.link.isSlow === true) return 'slow';
  return (told?.link.heardMs ?? 0) > SILENT_MS ? 'silent' : 'up';
}

function stateCell(row: Row, { model, glyphs }: CellContext): Cell {
  const word = stateOf(row, model);
  if (word === 'lost') return { text: `${glyphs.lost} ${word}`, style: 'bad', isLoud: true };
  return { text: `${glyphs.up} ${word}`, style: word === 'up' ? 'good' : 'warning' };
}

function rttOf({ slot, as, told }: Row, { nodes }: Model): number {
  return as === 'parent' ? figureOf(nodes, 'rttMs', slot) : (told?.link.rttMs ?? NaN);
}

/** Bytes that went over it since it stands, as one of its ends tells. */
function bytesColumn(title: string, bytesOf: (row: Row) => number): Column<Row> {
  return {
    title,
    width: 8,
    isRight: true,
    priority: 5,
    cell: (row) => ({ text: formatTold(bytesOf(row)) }),
    takenAtMs: (_, model) => fetchedOf(model, LINKS)?.atMs ?? NaN,
    sortKey: bytesOf,
    isHighFirst: true,
  };
}

interface FigureColumn {
  readonly title: string;
  readonly figure: Figure;
  readonly priority: number;
  readonly format: (value: number) => string;
  readonly high?: number;
}

/** A figure of all links of the node: which one of them it is about, nobody tells. */
function figureColumn({ title, figure, priority, format, high = NaN }: FigureColumn): Column<Row> {
  return {
    title,
    width: 6,
    isRight: true,
    priority,
    cell: ({ slot }, { model }) => {
      const value = figureOf(model.nodes, figure, slot);
      if (Number.isNaN(value)) return { text: UNKNOWN };
      return { text: format(value), style: grade(value, high, high * 10) };
    },
    takenAtMs: ({ slot }, model) => sampledAt(slot, model),
    sortKey: ({ slot }, { nodes }) => figureOf(nodes, figure, slot),
    isHighFirst: true,
  };
}

function nameColumn(title: string, field: 'node' | 'to', priority: number): Column<Row> {
  return {
    title,
    width: 12,
    widthGood: 16,
    growth: 1,
    widthMax: 40,
    priority,
    cell: ({ [field]: name }) => ({ text: escapeLine(name) }),
    sortKey: ({ [field]: name }) => naturalKey(name),
    value: ({ [field]: name }) => name,
  };
}

const COLUMNS: readonly Column<Row>[] = [
  nameColumn('NODE', 'node', 0),
  nameColumn('TO', 'to', 1),
  { title: 'AS', width: 6, priority: 6, cell: ({ as }) => ({ text: as }), sortKey: ({ as }) => as },
  { title: 'STATE', width: 8, priority: 2, cell: stateCell, sortKey: stateOf },
  {
    title: 'RTT',
    width: 6,
    isRight: true,
    priority: 3,
    cell: (row, { model }) => ({ text: formatRtt(rttOf(row, model)) }),
    sortKey: rttOf,
    isHighFirst: true,
  },
  bytesColumn('SENT', sentBytes),
  bytesColumn('HEARD', heardBytes),
  figureColumn({
    title: 'OUT/S',
    figure: 'linkOutBytesPerSecond',
    priority: 8,
    format: formatByteRate,
  }),
  figureColumn({
    title: 'IN/S',
    figure: 'linkInBytesPerSecond',
    priority: 8,
    format: formatByteRate,
  }),
  figureColumn({
    title: 'QUEUE',
    figure: 'queueBytes',
    priority: 9,
    format: formatShortBytes,
    high: 1_000_000,
  }),
  figureColumn({
    title: 'DROPS',
    figure: 'droppedPerSecond',
    priority: 7,
    format: formatRate,
    high: 0.01,
  }),
];

function noteOf(model: Model): string {
  const fetched = fetchedOf(model, LINKS);
  const first = fetched?.value === undefined ? escapeLine(fetched?.reason ?? '') : '';
  return joinNotes(first, gatheredNote(fetched));
}

function detailsOf(model: Model, id: string, { nowMs }: Pane): DetailLines | undefined {
  const row = rowsOf(model).find((each) => idOf(each) === id);
  if (row === undefined) return undefined;
  const { slot, node, to, told } = row;
  const figure = (id: Figure) => figureOf(model.nodes, id, slot);
  const drops = formatRate(figure('droppedPerSecond'));
  const byteRate = (id: Figure) => formatByteRate(figure(id));
  const atMs = fetchedOf(model, LINKS)?.atMs ?? NaN;
  return fieldLines(`${node} to its ${row.as} ${to}`, [
    ['state', stateOf(row, model)],
    ['round trip', formatRtt(rttOf(row, model))],
    ['sent', formatTold(sentBytes(row))],
    ['heard', formatTold(heardBytes(row))],
    ['silent for', told === undefined ? UNKNOWN : formatAge(told.link.heardMs + nowMs - atMs)],
    ['all links', `of ${node}: ${byteRate('linkOutBytesPerSecond')}B/s out`],
    ['', `${byteRate('linkInBytesPerSecond')}B/s in, ${drops} drops/s`],
  ]);
}

export const linksView: View<Row> = {
  name: 'links',
  summary: 'links',
  columns: COLUMNS,
  version: ({ nodes, valuesVersion, fetchVersion, state }) => {
    const isByValues = state.sort !== null || state.filter !== '';
    return nodes.shape + nodes.offers + fetchVersion + (isByValues ? valuesVersion : 0);
  },
  rows: (model) => listRows(model, linksView, rowsOf(model), idOf),
  count: (model) => rowsOf(model).length,
  searchText: (row, model) => [row.node, row.to, row.as, stateOf(row, model)].join('\n'),
  isPast: (row, model) => stateOf(row, model) === 'lost',
  note: noteOf,
  emptyText: (model) => {
    const hasNodes = model.nodes.slots.size > 0 && model.state.filter === '';
    return hasNodes ? 'no node has a parent or a peer' : noNodeText(model);
  },
  bindings: [],
  nodeOf: (id) => id.split(' ', 1)[0],
  fetches: (model) => [{ ...LINKS, nodes: askedNodes(model, hasOthers) }],
  details: detailsOf,
};
