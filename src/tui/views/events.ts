/** What happens to nodes, services, links and flags, the newest first, as it comes. */
import { escapeLine } from '../../base/escape.ts';
import { naturalKey } from '../../base/natural.ts';
import { toText } from '../../base/text.ts';
import type { EventRow } from '../../client/events.ts';
import { TOP_EVENTS_MAX } from '../../protocol/limits.ts';
import { formatAge, formatCount, UNKNOWN } from '../figures.ts';
import type { Model } from '../model.ts';
import type { Style } from '../palette.ts';
import { fieldLines } from './fetched.ts';
import { listRows } from './list-rows.ts';
import type { Column, DetailLines, Pane, View } from './view.ts';

/** Of what happened somebody should see at once that it is no good news, or that it is. */
const STYLES: Readonly<Record<string, Style>> = {
  'node-lost': 'bad',
  evicted: 'bad',
  missed: 'warning',
  'flag-raised': 'warning',
  'flag-changed': 'warning',
  'link-down': 'warning',
  'link-failed': 'warning',
  'link-refused': 'warning',
  'node-forgotten': 'warning',
  'node-up': 'good',
  'link-up': 'good',
  'flag-lowered': 'good',
};

/** `HH:MM:SS`, where we are. */
function clockTime(atMs: number): string {
  if (Number.isNaN(atMs)) return UNKNOWN;
  const at = new Date(atMs);
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

const COLUMNS: readonly Column<EventRow>[] = [
  {
    title: 'TIME',
    width: 8,
    priority: 1,
    cell: ({ atMs }) => ({ text: clockTime(atMs) }),
    sortKey: ({ atMs }) => atMs,
    value: ({ atMs }) => clockTime(atMs),
    isHighFirst: true,
  },
  {
    title: 'AGE',
    width: 4,
    isRight: true,
    priority: 4,
    cell: ({ atMs }, { nowMs }) => ({
      text: Number.isNaN(atMs) ? UNKNOWN : formatAge(nowMs - atMs),
    }),
    sortKey: ({ atMs }) => atMs,
    value: ({ atMs }, { updatedAtMs }) => (updatedAtMs ?? NaN) - atMs,
    isHighFirst: true,
  },
  {
    title: 'EVENT',
    width: 14,
    priority: 0,
    cell: ({ event }) => ({ text: escapeLine(event), style: STYLES[event] ?? 'plain' }),
    sortKey: ({ event }) => event,
  },
  {
    title: 'NODE',
    width: 12,
    growth: 1,
    widthMax: 32,
    priority: 2,
    cell: ({ node }) => ({ text: escapeLine(node) }),
    sortKey: ({ node }) => naturalKey(node),
    value: ({ node }) => node,
  },
  {
    title: 'WHAT',
    width: 20,
    growth: 4,
    priority: 3,
    cell: ({ text }) => ({ text: escapeLine(text) }),
    sortKey: ({ text }) => text,
  },
];

function emptyText({ state, eventLog }: Model): string {
  if (eventLog.reason !== '') return `events: ${escapeLine(eventLog.reason)}`;
  if (eventLog.rows.length > 0) return `none of the events matches ${state.filter}`;
  if (eventLog.isAwaited) return 'events are on their way';
  return 'nothing has happened in the last hour';
}

function noteOf({ eventLog }: Model): string {
  const { reason, rows, held } = eventLog;
  if (held.length > 0) {
    const more = held.length < TOP_EVENTS_MAX ? '' : 'more than ';
    return `${more}${formatCount(held.length)} have come since the pause`;
  }
  return reason === '' || rows.length === 0 ? '' : escapeLine(reason);
}

function detailsOf({ eventLog }: Model, id: string, { nowMs }: Pane): DetailLines | undefined {
  const row = eventLog.rows.find((each) => each.id === id);
  if (row === undefined) return undefined;
  const { type: _type, event: _event, ...fields } = row.record;
  const told = Object.entries(fields).map(([label, value]): readonly [string, string] => [
    label,
    Array.isArray(value) ? value.map(toText).join(' ') : toText(value),
  ]);
  const age = Number.isNaN(row.atMs) ? '' : `${formatAge(nowMs - row.atMs)} ago`;
  return fieldLines(row.event, [['age', age], ...told]);
}

export const eventsView: View<EventRow> = {
  name: 'events',
  summary: 'events',
  columns: COLUMNS,
  isOfEvents: true,
  version: ({ eventLog }) => eventLog.version,
  rows: (model) => listRows(model, eventsView, model.eventLog.rows, ({ id }) => id),
  count: ({ eventLog }) => eventLog.rows.length,
  searchText: ({ event, node, text }) => `${event}\n${node}\n${text}`,
  isPast: (_, { eventLog }) => eventLog.reason !== '',
  note: noteOf,
  emptyText,
  bindings: [],
  details: detailsOf,
};
