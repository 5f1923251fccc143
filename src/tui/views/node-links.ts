/** What a node is linked with, and which of its flags are up. */

import { escapeLine } from '../../base/escape.ts';
import { formatBytes } from '../../base/size.ts';
import { LINK_ENDS, type LinkStatus } from '../../client/links.ts';
import { formatFlagKey, type ListedFlag, rankOf, sortFlags } from '../../protocol/flag.ts';
import { TOP_LINKS_MAX } from '../../protocol/limits.ts';
import type { Fetch } from '../effects.ts';
import { type Fetched, fetchedOf } from '../fetches.ts';
import { formatAge, formatCount, formatRtt } from '../figures.ts';
import type { Piece } from '../line.ts';
import type { Model } from '../model.ts';
import { figureOf, type Slot } from '../node-table.ts';
import type { Style } from '../palette.ts';
import { reasonLine, tableLines, titleLine } from './detail-lines.ts';
import { FLAGS } from './flags.ts';
import { isLost } from './node-columns.ts';
import type { DetailLines } from './view.ts';

/** Links that are listed: the way up, then those that do not keep up, before others. */
const LINKS_SHOWN = 20;

export function linksOf(node: string): Fetch<'links'> {
  return { source: 'links', node };
}

export function flagsOf(node: string): Fetch<'nodeFlags'> {
  return { source: 'nodeFlags', node };
}

/** Whether a node has so few links that they can be listed. */
export function hasFewLinks({ nodes }: Model, slot: Slot): boolean {
  return !(figureOf(nodes, 'links', slot) > TOP_LINKS_MAX);
}

function sortLinks(links: readonly LinkStatus[]): readonly LinkStatus[] {
  const rank = ({ as, isSlow }: LinkStatus) =>
    as === 'parent' ? -1 : LINK_ENDS.indexOf(as) + (isSlow ? 0 : LINK_ENDS.length);
  return links.toSorted((a, b) => rank(a) - rank(b) || (a.peer < b.peer ? -1 : 1));
}

function linkRow({ peer, as, rttMs, heardMs, heardBytes, sentBytes, isSlow }: LinkStatus) {
  return [
    as,
    escapeLine(peer),
    formatRtt(rttMs ?? NaN),
    formatAge(heardMs),
    formatBytes(heardBytes),
    formatBytes(sentBytes),
    isSlow ? 'does not keep up' : '',
  ];
}

const LINK_HEAD = ['to', '', 'rtt', 'heard', 'in', 'out', ''];

export function linkLines(model: Model, node: string, slot: Slot, nowMs: number): DetailLines {
  const count = figureOf(model.nodes, 'links', slot);
  if (!hasFewLinks(model, slot)) {
    return [[], titleLine('links', `${formatCount(count)}: dagent route ${node} lists them`)];
  }
  const fetched = fetchedOf(model, linksOf(node));
  const reason = reasonLine('links', fetched?.reason);
  if (fetched?.value === undefined) return reason.length === 0 ? [] : [[], ...reason];
  const links = sortLinks(fetched.value);
  const shown = links.slice(0, LINKS_SHOWN).map(linkRow);
  const more = links.length - shown.length;
  return [
    [],
    titleLine('links', `${formatCount(links.length)}, ${formatAge(nowMs - fetched.atMs)} old`),
    ...reason,
    ...tableLines([LINK_HEAD, ...shown]),
    ...(more > 0 ? [[{ text: `  ${formatCount(more)} more`, style: 'faint' as const }]] : []),
  ];
}

function styleOf({ priority }: ListedFlag): Style {
  return rankOf(priority) >= rankOf('error') ? 'bad' : 'warning';
}

function flagLine(flag: ListedFlag, nowMs: number): readonly Piece[] {
  const { priority, count, message, firstAtMs, state } = flag;
  const times = count > 1 ? `, ${formatCount(count)} times` : '';
  const cleared = state === 'cleared' ? ', cleared' : '';
  return [
    { text: `  ${priority.padEnd(9)}`, style: styleOf(flag) },
    { text: escapeLine(formatFlagKey(flag)) },
    { text: `  for ${formatAge(nowMs - firstAtMs)}${times}${cleared}`, style: 'faint' },
    { text: message === '' ? '' : `  ${escapeLine(message)}` },
  ];
}

/** The flags of a node; a lost one is not asked, but the top, which has kept them. */
function fetchedFlags(model: Model, node: string): Fetched<readonly ListedFlag[]> | undefined {
  if (!isLost(model.nodes.slots.get(node) ?? -1, model)) return fetchedOf(model, flagsOf(node));
  const all = fetchedOf(model, FLAGS);
  return all && { ...all, value: all.value?.flags.filter((flag) => flag.node === node) };
}

/** The most urgent first; nothing where none is up. */
export function flagLines(model: Model, node: string, nowMs: number): DetailLines {
  const fetched = fetchedFlags(model, node);
  const flags = sortFlags(fetched?.value ?? []);
  const reason = reasonLine('flags', fetched?.reason);
  if (flags.length === 0) return reason.length === 0 ? [] : [[], ...reason];
  const age = formatAge(nowMs - fetched!.atMs);
  const lines = flags.map((flag) => flagLine(flag, nowMs));
  return [[], titleLine('flags', `${flags.length}, ${age} old`), ...reason, ...lines];
}
