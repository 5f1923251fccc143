/** The services that programs offer, each with the nodes that have it. */

import { naturalKey } from '../../base/natural.ts';
import { TOP_SERVICE_NODES_MAX } from '../../protocol/limits.ts';
import { foldNames } from '../../protocol/node-set.ts';
import { formatCount, namedServices } from '../figures.ts';
import type { Model } from '../model.ts';
import { type NodeTable, type Slot, sortSlots } from '../node-table.ts';
import { fieldLines } from './fetched.ts';
import { listRows } from './list-rows.ts';
import { noNodeText } from './node-columns.ts';
import type { Cell, CellContext, Column, DetailLines, View } from './view.ts';

class Service {
  readonly name: string;
  readonly sortKey: string;
  readonly up: Slot[] = [];
  readonly lost: Slot[] = [];
  readonly #names = new Map<readonly Slot[], string>();

  constructor(name: string) {
    this.name = name;
    this.sortKey = naturalKey(name);
  }

  /** Which nodes have it, `up` or `lost`: folded when they are first read, and then kept. */
  namesOf(table: NodeTable, slots: Slot[]): string {
    const known = this.#names.get(slots);
    if (known !== undefined) return known;
    const first = sortSlots(table, slots).slice(0, TOP_SERVICE_NODES_MAX);
    const more = slots.length - first.length;
    const folded = foldNames(first.map((slot) => table.names[slot]!));
    const text = more > 0 ? `${folded} and ${formatCount(more)} more` : folded;
    this.#names.set(slots, text);
    return text;
  }
}

/** Lists that are alike are one and the same, so that each is read once and not for each node. */
function gatherServices({ slots, services, lost }: NodeTable): Service[] {
  const byList = new Map<readonly string[], Service[]>();
  const byName = new Map<string, Service>();
  const find = (name: string) => {
    const service = byName.get(name) ?? new Service(name);
    byName.set(name, service);
    return service;
  };
  for (const slot of slots.values()) {
    const list = services[slot]!;
    const offered = byList.get(list) ?? namedServices(list).map(find);
    byList.set(list, offered);
    for (const service of offered) (lost[slot] === 1 ? service.lost : service.up).push(slot);
  }
  return [...byName.values()].sort((a, b) => (a.sortKey < b.sortKey ? -1 : 1));
}

function stateOf({ up, lost }: Service): string {
  if (up.length === 0) return 'lost';
  return lost.length > 0 ? 'partly' : 'up';
}

function stateCell(service: Service, { glyphs }: CellContext): Cell {
  const word = stateOf(service);
  if (word === 'lost') return { text: `${glyphs.lost} ${word}`, style: 'bad', isLoud: true };
  return { text: `${glyphs.up} ${word}`, style: word === 'up' ? 'good' : 'warning' };
}

/** Trouble first. */
function stateRank({ up, lost }: Service): number {
  if (up.length === 0) return 0;
  return lost.length > 0 ? 1 : 2;
}

function countColumn(title: string, which: 'up' | 'lost'): Column<Service> {
  return {
    title,
    width: 6,
    isRight: true,
    priority: 2,
    cell: ({ [which]: slots }) => ({ text: formatCount(slots.length) }),
    sortKey: ({ [which]: slots }) => slots.length,
    isHighFirst: true,
  };
}

const COLUMNS: readonly Column<Service>[] = [
  {
    title: 'SERVICE',
    width: 20,
    growth: 1,
    widthMax: 40,
    priority: 0,
    cell: ({ name }) => ({ text: name }),
    sortKey: ({ sortKey }) => sortKey,
    value: ({ name }) => name,
  },
  { title: 'STATE', width: 9, priority: 1, cell: stateCell, sortKey: stateRank, value: stateOf },
  countColumn('NODES', 'up'),
  countColumn('LOST', 'lost'),
  {
    title: 'WHERE',
    width: 20,
    growth: 4,
    priority: 3,
    cell: (service, { model }) => {
      const { up, lost } = service;
      return { text: service.namesOf(model.nodes, up.length > 0 ? up : lost) };
    },
    sortKey: ({ up, lost }, { nodes }) => nodes.sortKeys[sortSlots(nodes, [...up, ...lost])[0]!]!,
    value: ({ up, lost }, { nodes }) => [...up, ...lost].map((slot) => nodes.names[slot]!),
  },
];

function servicesOf(model: Model): readonly Service[] {
  return gatherServices(model.nodes);
}

function emptyText(model: Model): string {
  const { state, nodes } = model;
  if (state.filter !== '') return `no service matches ${state.filter}`;
  if (nodes.slots.size === 0) return noNodeText(model);
  return 'no program offers a service; dagent listen SERVICE is one that does';
}

function detailsOf(model: Model, id: string): DetailLines | undefined {
  const service = servicesOf(model).find(({ name }) => name === id);
  if (service === undefined) return undefined;
  const { up, lost } = service;
  return fieldLines(id, [
    ['nodes', formatCount(up.length)],
    ['up', service.namesOf(model.nodes, up)],
    ['lost', service.namesOf(model.nodes, lost)],
  ]);
}

export const servicesView: View<Service> = {
  name: 'services',
  summary: 'services of nodes',
  columns: COLUMNS,
  version: ({ nodes }) => nodes.shape + nodes.offers,
  rows: (model) => listRows(model, servicesView, servicesOf(model), ({ name }) => name),
  count: (model) => servicesOf(model).length,
  searchText: ({ name }) => name,
  isPast: ({ up }) => up.length === 0,
  emptyText,
  bindings: [],
  details: detailsOf,
};
