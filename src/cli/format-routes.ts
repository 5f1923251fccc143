/** The tables of a node for people. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { sortNaturally } from '../base/natural.ts';
import { formatBytes } from '../base/size.ts';
import { toText } from '../base/text.ts';
import type { NamedHint } from '../client/hints.ts';
import type { StreamRecord } from '../client/record-stream.ts';
import { formatTable } from './table.ts';

/** `hq (root, realm test): 3 routes, 0 lost; default route: none`. */
export function formatTableHead(table: StreamRecord): string {
  const { node, role, realm, routes, lost, defaultVia } = table;
  const place = [toText(role), ...(realm === null ? [] : [`realm ${toText(realm)}`])].join(', ');
  const counts = `${toText(routes)} routes, ${toText(lost)} lost`;
  return escapeLine(
    `${toText(node)} (${place}): ${counts}; default route: ${toText(defaultVia) || 'none'}`,
  );
}

function timeOf(ms: unknown): string {
  return typeof ms === 'number' ? formatDuration(ms) : '-';
}

function sizeOf(bytes: unknown): string {
  return typeof bytes === 'number' ? formatBytes(bytes) : '-';
}

/** The links, under a heading: who is slow, who is silent, who waits. */
export function formatLinks(links: readonly StreamRecord[]): string {
  const rows = links.map((link) => [
    toText(link.peer),
    toText(link.as),
    timeOf(link.rttMs),
    timeOf(link.heardMs),
    sizeOf(link.heardBytes),
    sizeOf(link.sentBytes),
    toText(link.asking),
    toText(link.serving),
    link.isSlow === true ? 'does not keep up' : '',
  ]);
  const columns = ['LINK', 'AS', 'RTT', 'HEARD', 'IN', 'OUT', 'ASKS', 'WORKS'];
  return formatTable([...columns, { head: '', priority: 1 }], rows);
}

/** Remembered ways, under a heading. */
export function formatHints(hints: readonly NamedHint[]): string {
  const rows = hints.map(({ service, node, forMs }) => [service, node, formatDuration(forMs)]);
  return formatTable(['SERVICE', 'ANSWERED BY', 'FOR'], rows);
}

/** `west 3 hops`, and whether it could be taken at once. */
function describeOther(way: unknown): string {
  const { via, metric, isFeasible } = (way ?? {}) as Record<string, unknown>;
  return `${toText(via)} ${toText(metric)}${isFeasible === true ? '' : ' (not yet)'}`;
}

/** The routes by name, under a heading. */
export function formatRoutes(routes: readonly StreamRecord[]): string {
  const rows = routes.map(({ node, via, metric, reach, state, others }) => [
    toText(node),
    state === 'up' ? toText(via) : 'lost',
    toText(metric),
    toText(reach),
    Array.isArray(others) ? others.map(describeOther).join(', ') : '',
  ]);
  const sorted = sortNaturally(rows, ([name = '']) => name);
  return formatTable(
    ['NODE', 'VIA', 'HOPS', 'REACH', { head: 'OTHER WAYS', isText: true }],
    sorted,
  );
}
