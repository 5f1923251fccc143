/** All nodes as one list: sorted over the whole tree, the first are the worst of all. */
import { escapeLine } from '../../base/escape.ts';
import type { Model } from '../model.ts';
import { type Slot, sortSlots } from '../node-table.ts';
import { listRows } from './list-rows.ts';
import {
  isLost,
  NAME_COLUMN,
  NODE_COLUMNS,
  nodesVersion,
  nodeText,
  noNodeText,
} from './node-columns.ts';
import { nodeDetailFetches, nodeDetails } from './node-details.ts';
import type { Column, View } from './view.ts';

const PARENT_COLUMN: Column<Slot> = {
  title: 'PARENT',
  width: 10,
  growth: 1,
  widthMax: 30,
  priority: 8,
  cell: (slot, { model }) => ({ text: escapeLine(model.nodes.parents[slot]!) }),
  sortKey: (slot, { nodes }) => nodes.parents[slot]!,
};

export const flatView: View<Slot> = {
  name: 'flat',
  summary: 'nodes as a list',
  columns: [NAME_COLUMN, PARENT_COLUMN, ...NODE_COLUMNS],
  version: nodesVersion,
  rows: (model: Model) => {
    const { nodes } = model;
    const slots = sortSlots(nodes, [...nodes.slots.values()]);
    return listRows(model, flatView, slots, (slot) => nodes.names[slot]!);
  },
  count: ({ nodes }) => nodes.slots.size,
  searchText: nodeText,
  isPast: isLost,
  emptyText: noNodeText,
  bindings: [],
  nodeOf: (id) => id,
  details: nodeDetails,
  detailFetches: nodeDetailFetches,
};
