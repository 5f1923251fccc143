/** The mailboxes and outboxes in which something waits, or has died, on all nodes. */
import { escapeLine } from '../../base/escape.ts';
import { naturalKey } from '../../base/natural.ts';
import { formatBytes } from '../../base/size.ts';
import { describeBox } from '../../client/mailboxes.ts';
import type { Fetch, NodeBox } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import { formatAge, formatCount, UNKNOWN } from '../figures.ts';
import type { Model } from '../model.ts';
import { figureOf, type Slot } from '../node-table.ts';
import type { Style } from '../palette.ts';
import { ageSince, askedNodes, emptyTextOf, fieldLines, gatheredNote } from './fetched.ts';
import { listRows } from './list-rows.ts';
import type { Column, DetailLines, Pane, View } from './view.ts';

const NO_BOXES = 'nothing waits in a mailbox; dagent send --durable leaves a message in one';

const BOXES: Fetch<'mailboxes'> = { source: 'mailboxes', nodes: [] };

function hasMail(slot: Slot, { nodes }: Model): boolean {
  const waiting = figureOf(nodes, 'durableWaiting', slot);
  return waiting > 0 || figureOf(nodes, 'durableDead', slot) > 0;
}

function boxesOf(model: Model): NodeBox[] {
  const boxes = fetchedOf(model, BOXES)?.value?.items ?? [];
  return boxes
    .map((box) => ({ box, key: naturalKey(box.box), at: naturalKey(box.at) }))
    .sort((a, b) => (a.key === b.key ? (a.at < b.at ? -1 : 1) : a.key < b.key ? -1 : 1))
    .map(({ box }) => box);
}

function idOf({ box, at }: NodeBox): string {
  return `${box} ${at}`;
}

interface CountColumn {
  readonly title: string;
  readonly field: 'count' | 'leased' | 'dead' | 'receivers';
  readonly priority: number;
  readonly style?: Style;
}

function countColumn({ title, field, priority, style = 'plain' }: CountColumn): Column<NodeBox> {
  return {
    title,
    width: 7,
    isRight: true,
    priority,
    cell: ({ [field]: count }) => ({
      text: formatCount(count),
      style: count > 0 ? style : 'plain',
    }),
    sortKey: ({ [field]: count }) => count,
    isHighFirst: true,
  };
}

const COLUMNS: readonly Column<NodeBox>[] = [
  {
    title: 'BOX',
    width: 15,
    widthGood: 24,
    growth: 2,
    widthMax: 48,
    priority: 0,
    cell: ({ box }) => ({ text: escapeLine(box) }),
    sortKey: ({ box }) => naturalKey(box),
    value: ({ box }) => box,
  },
  {
    title: 'AT',
    width: 7,
    widthGood: 16,
    growth: 1,
    widthMax: 32,
    priority: 3,
    cell: ({ at }) => ({ text: escapeLine(at) }),
    sortKey: ({ at }) => naturalKey(at),
    value: ({ at }) => at,
  },
  {
    title: 'KIND',
    width: 7,
    priority: 10,
    cell: ({ kind }) => ({ text: kind }),
    sortKey: ({ kind }) => kind,
  },
  countColumn({ title: 'DEPTH', field: 'count', priority: 1 }),
  countColumn({ title: 'LEASED', field: 'leased', priority: 6 }),
  countColumn({ title: 'DEAD', field: 'dead', priority: 4, style: 'bad' }),
  {
    title: 'SIZE',
    width: 8,
    isRight: true,
    priority: 11,
    cell: ({ bytes }) => ({ text: formatBytes(bytes) }),
    sortKey: ({ bytes }) => bytes,
    isHighFirst: true,
  },
  {
    title: 'OLDEST',
    width: 7,
    isRight: true,
    priority: 2,
    cell: ({ oldestAtMs }, { nowMs }) => ({
      text: oldestAtMs === null ? UNKNOWN : formatAge(nowMs - oldestAtMs),
    }),
    // The oldest of all first.
    sortKey: ({ oldestAtMs }) => oldestAtMs ?? NaN,
    value: ({ oldestAtMs }, model) => ageSince(oldestAtMs ?? NaN, model),
  },
  countColumn({ title: 'READERS', field: 'receivers', priority: 12 }),
  {
    title: 'STATE',
    width: 18,
    growth: 1,
    widthMax: 30,
    priority: 5,
    cell: (box) => ({ text: escapeLine(describeBox(box)) }),
    sortKey: describeBox,
  },
];

function detailsOf(model: Model, id: string, { nowMs }: Pane): DetailLines | undefined {
  const box = boxesOf(model).find((each) => idOf(each) === id);
  if (box === undefined) return undefined;
  const { kind, at, node, count, bytes, dead, deadBytes, oldestAtMs } = box;
  return fieldLines(box.box, [
    ['kind', kind],
    ['at', at],
    ['for', node ?? 'whichever node has the service'],
    ['waiting', `${formatCount(count)}, ${formatBytes(bytes)}`],
    ['leased', formatCount(box.leased)],
    ['dead', `${formatCount(dead)}, ${formatBytes(deadBytes)}`],
    ['oldest', oldestAtMs === null ? '' : `${formatAge(nowMs - oldestAtMs)} ago`],
    ['receivers', formatCount(box.receivers)],
    ['state', describeBox(box)],
    ['to read it', `dagent mailbox peek ${box.box} --at ${at}`],
  ]);
}

export const mailboxesView: View<NodeBox> = {
  name: 'mailboxes',
  summary: 'mailboxes',
  columns: COLUMNS,
  version: ({ fetchVersion }) => fetchVersion,
  rows: (model) => listRows(model, mailboxesView, boxesOf(model), idOf),
  count: (model) => boxesOf(model).length,
  searchText: (box) => [box.box, box.at, box.kind, describeBox(box)].join('\n'),
  takenAtMs: (model) => fetchedOf(model, BOXES)?.atMs ?? NaN,
  note: (model) => gatheredNote(fetchedOf(model, BOXES)),
  emptyText: (model) => emptyTextOf(model, fetchedOf(model, BOXES), 'mailboxes', NO_BOXES),
  bindings: [],
  // What comes before was told by others, and may be anything.
  nodeOf: (id) => id.slice(id.lastIndexOf(' ') + 1),
  fetches: (model) => [{ ...BOXES, nodes: askedNodes(model, hasMail) }],
  details: detailsOf,
};
