/** Who is in the hub of the tree, and how many connections each can still take. */
import { escapeLine } from '../../base/escape.ts';
import { naturalKey } from '../../base/natural.ts';
import { formatPlace, type HubLease, type HubRecord } from '../../protocol/hub.ts';
import type { Fetch } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import { formatAge, formatCount, UNKNOWN } from '../figures.ts';
import type { Model } from '../model.ts';
import { ageSince, emptyTextOf, failureNote, fieldLines } from './fetched.ts';
import { listRows } from './list-rows.ts';
import type { Cell, CellContext, Column, DetailLines, Pane, View } from './view.ts';

const HUB: Fetch<'hub'> = { source: 'hub', nodes: [] };
const NOBODY = 'nobody is in the hub; dagent hub register adds a node or a program';

/** An entry and what is reserved of it. */
interface Entry extends HubRecord {
  readonly leases: readonly HubLease[];
}

function recordsOf(model: Model): readonly HubRecord[] {
  return fetchedOf(model, HUB)?.value?.records ?? [];
}

function entriesOf(model: Model): Entry[] {
  const leasesOf = new Map<number, HubLease[]>();
  for (const lease of fetchedOf(model, HUB)?.value?.leases ?? []) {
    for (const id of new Set(lease.ids)) {
      const known = leasesOf.get(id);
      if (known === undefined) leasesOf.set(id, [lease]);
      else known.push(lease);
    }
  }
  return recordsOf(model).map((record) => ({ ...record, leases: leasesOf.get(record.id) ?? [] }));
}

function stateOf({ status }: Entry): string {
  if (status < 0) return 'zombie';
  return status === 0 ? 'full' : 'free';
}

/** Free places, none of which is nobody's trouble, but a zombie is. */
function stateCell(entry: Entry, { glyphs }: CellContext): Cell {
  const { status } = entry;
  const word = stateOf(entry);
  if (status < 0) return { text: `${glyphs.lost} ${word}`, style: 'bad', isLoud: true };
  return { text: `${glyphs.up} ${word}`, style: status === 0 ? 'warning' : 'good' };
}

function holdersOf({ leases }: Entry): string {
  return [...new Set(leases.map(({ holder }) => holder))].join(' ');
}

/** When the first of its leases ends; NaN when it has none. */
function endsAtMs({ leases }: Entry): number {
  return leases.length === 0 ? NaN : Math.min(...leases.map(({ expiresAtMs }) => expiresAtMs));
}

function amountColumn(title: string, countOf: (entry: Entry) => number): Column<Entry> {
  return {
    title,
    width: 9,
    isRight: true,
    priority: 3,
    cell: (entry) => {
      const count = countOf(entry);
      return { text: Number.isNaN(count) ? UNKNOWN : formatCount(count) };
    },
    sortKey: countOf,
    isHighFirst: true,
  };
}

const COLUMNS: readonly Column<Entry>[] = [
  {
    title: 'ID',
    width: 5,
    isRight: true,
    priority: 2,
    cell: ({ id }) => ({ text: String(id) }),
    sortKey: ({ id }) => id,
  },
  {
    title: 'ADDRESS',
    width: 21,
    growth: 1,
    widthMax: 48,
    priority: 0,
    cell: (entry) => ({ text: escapeLine(formatPlace(entry)) }),
    sortKey: (entry) => naturalKey(formatPlace(entry)),
    value: formatPlace,
  },
  {
    title: 'STATE',
    width: 8,
    priority: 1,
    cell: stateCell,
    sortKey: ({ status }) => Math.min(status, 1),
    value: stateOf,
  },
  amountColumn('FREE', ({ status }) => (status < 0 ? NaN : status)),
  amountColumn('LEASED', ({ leased }) => leased),
  {
    title: 'ENDS',
    width: 5,
    isRight: true,
    priority: 5,
    cell: (entry, { nowMs }) => {
      const atMs = endsAtMs(entry);
      return { text: Number.isNaN(atMs) ? UNKNOWN : formatAge(atMs - nowMs) };
    },
    sortKey: endsAtMs,
    value: (entry, model) => -ageSince(endsAtMs(entry), model),
  },
  {
    title: 'HOLDERS',
    width: 12,
    growth: 2,
    priority: 4,
    cell: (entry) => ({ text: escapeLine(holdersOf(entry)) }),
    sortKey: holdersOf,
  },
];

function detailsOf(model: Model, id: string, { nowMs }: Pane): DetailLines | undefined {
  const entry = entriesOf(model).find((each) => String(each.id) === id);
  if (entry === undefined) return undefined;
  const { status, leased, leases } = entry;
  return fieldLines(formatPlace(entry), [
    ['id', id],
    ['free', status < 0 ? 'none: it is a zombie, its node is lost' : formatCount(status)],
    ['leased', formatCount(leased)],
    ...leases.map(({ holder, lease, expiresAtMs }): readonly [string, string] => [
      'lease',
      `${lease} of ${holder}, ends in ${formatAge(expiresAtMs - nowMs)}`,
    ]),
  ]);
}

export const hubView: View<Entry> = {
  name: 'hub',
  summary: 'the hub',
  columns: COLUMNS,
  version: ({ fetchVersion }) => fetchVersion,
  rows: (model) => listRows(model, hubView, entriesOf(model), ({ id }) => String(id)),
  count: (model) => recordsOf(model).length,
  searchText: (entry) => `${formatPlace(entry)}\n${holdersOf(entry)}`,
  isPast: ({ status }) => status < 0,
  takenAtMs: (model) => fetchedOf(model, HUB)?.atMs ?? NaN,
  note: (model) => failureNote(fetchedOf(model, HUB)),
  emptyText: (model) => emptyTextOf(model, fetchedOf(model, HUB), 'entries', NOBODY),
  bindings: [],
  fetches: () => [HUB],
  details: detailsOf,
};
