/** The flags of all nodes, the most urgent first, as the top of the tree knows them. */
import { escapeLine } from '../../base/escape.ts';
import { naturalKey } from '../../base/natural.ts';
import { formatFlagKey, type ListedFlag, rankOf, sortFlags } from '../../protocol/flag.ts';
import type { Fetch } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import { formatAge, formatCount } from '../figures.ts';
import type { Model } from '../model.ts';
import type { Style } from '../palette.ts';
import { ageSince, emptyTextOf, failureNote, fieldLines, joinNotes } from './fetched.ts';
import { listRows } from './list-rows.ts';
import type { Column, DetailLines, Pane, View } from './view.ts';

/** The flags of all nodes, those of lost ones among them. */
export const FLAGS: Fetch<'flags'> = { source: 'flags', nodes: [] };
const NO_FLAGS = 'no flag is up; dagent flag raise raises one';

function flagsOf(model: Model): readonly ListedFlag[] {
  return fetchedOf(model, FLAGS)?.value?.flags ?? [];
}

function idOf(flag: ListedFlag): string {
  return `${flag.node} ${formatFlagKey(flag)}`;
}

function styleOf({ priority, state }: ListedFlag): Style {
  if (state === 'cleared' || priority === 'info') return 'plain';
  return rankOf(priority) >= rankOf('error') ? 'bad' : 'warning';
}

/** A column of one of the words that name a flag. */
function wordColumn(title: string, field: 'service' | 'section' | 'flag', width: number) {
  const column: Column<ListedFlag> = {
    title,
    width,
    growth: 1,
    widthMax: 24,
    priority: field === 'flag' ? 1 : 3,
    cell: (flag) => ({ text: escapeLine(flag[field]) }),
    sortKey: (flag) => flag[field],
  };
  return column;
}

/** How long ago it was raised first or last. */
function ageColumn(title: string, field: 'firstAtMs' | 'lastAtMs', priority: number) {
  const column: Column<ListedFlag> = {
    title,
    width: 5,
    isRight: true,
    priority,
    cell: (flag, { nowMs }) => ({ text: formatAge(nowMs - flag[field]) }),
    sortKey: (flag) => flag[field],
    value: (flag, model) => ageSince(flag[field], model),
    isHighFirst: true,
  };
  return column;
}

const COLUMNS: readonly Column<ListedFlag>[] = [
  {
    title: 'PRIORITY',
    width: 9,
    priority: 0,
    cell: (flag) => ({ text: flag.priority, style: styleOf(flag) }),
    sortKey: ({ priority }) => rankOf(priority),
    value: ({ priority }) => priority,
    isHighFirst: true,
  },
  {
    title: 'NODE',
    width: 9,
    widthGood: 16,
    growth: 1,
    widthMax: 32,
    priority: 2,
    cell: ({ node, nodeState }, { glyphs }) => ({
      text: nodeState === 'lost' ? `${glyphs.lost} ${escapeLine(node)}` : escapeLine(node),
    }),
    sortKey: ({ node }) => naturalKey(node),
    value: ({ node }) => node,
  },
  wordColumn('SERVICE', 'service', 8),
  wordColumn('SECTION', 'section', 8),
  wordColumn('FLAG', 'flag', 12),
  {
    title: 'STATE',
    width: 7,
    priority: 10,
    cell: ({ state }) => ({ text: state }),
    sortKey: ({ state }) => state,
  },
  ageColumn('AGE', 'firstAtMs', 4),
  ageColumn('LAST', 'lastAtMs', 11),
  {
    title: 'COUNT',
    width: 6,
    isRight: true,
    priority: 8,
    cell: ({ count }) => ({ text: formatCount(count) }),
    sortKey: ({ count }) => count,
    isHighFirst: true,
  },
  {
    title: 'TAGS',
    width: 8,
    growth: 1,
    widthMax: 20,
    priority: 12,
    cell: ({ tags }) => ({ text: escapeLine(tags.join(' ')) }),
    sortKey: ({ tags }) => tags.join(' '),
    value: ({ tags }) => tags,
  },
  {
    title: 'MESSAGE',
    width: 12,
    widthGood: 20,
    growth: 3,
    priority: 5,
    cell: ({ message }) => ({ text: escapeLine(message) }),
    sortKey: ({ message }) => message,
  },
];

function noteOf(model: Model): string {
  const fetched = fetchedOf(model, FLAGS);
  const omitted = fetched?.value?.omitted ?? 0;
  const missing = `${formatCount(omitted)} more: some node on the way had no room for them`;
  return joinNotes(failureNote(fetched), omitted === 0 ? '' : missing);
}

function detailsOf(model: Model, id: string, { nowMs }: Pane): DetailLines | undefined {
  const flag = flagsOf(model).find((each) => idOf(each) === id);
  if (flag === undefined) return undefined;
  const { node, nodeState, priority, state, message, tags, isManual, count, by } = flag;
  return fieldLines(formatFlagKey(flag), [
    ['node', nodeState === 'lost' ? `${node}, which is lost` : node],
    ['priority', priority],
    ['state', state],
    ['message', message],
    ['tags', tags.join(' ')],
    ['raised', `${formatAge(nowMs - flag.firstAtMs)} ago by ${by}`],
    ['last', `${formatAge(nowMs - flag.lastAtMs)} ago, ${formatCount(count)} times in all`],
    ['lowered', isManual ? 'by hand only' : 'by the program that raised it, or by hand'],
  ]);
}

export const flagsView: View<ListedFlag> = {
  name: 'flags',
  summary: 'flags',
  columns: COLUMNS,
  version: ({ fetchVersion }) => fetchVersion,
  rows: (model) => listRows(model, flagsView, sortFlags(flagsOf(model)), idOf),
  count: (model) => flagsOf(model).length,
  nodeOf: (id) => id.split(' ', 1)[0],
  searchText: (flag) =>
    [flag.node, formatFlagKey(flag), flag.priority, ...flag.tags, flag.message].join('\n'),
  isPast: ({ nodeState }) => nodeState === 'lost',
  takenAtMs: (model) => fetchedOf(model, FLAGS)?.atMs ?? NaN,
  note: noteOf,
  emptyText: (model) => emptyTextOf(model, fetchedOf(model, FLAGS), 'flags', NO_FLAGS),
  bindings: [],
  fetches: () => [FLAGS],
  details: detailsOf,
};
