/** What is known of one node: from the tree at once, and what it is asked for when that comes. */
import { escapeLine } from '../../base/escape.ts';
import { formatInfo } from '../../client/format-info.ts';
import type { Fetch } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import { formatAge, formatRtt, formatUptime, namedServices, UNKNOWN } from '../figures.ts';
import type { Model } from '../model.ts';
import { figureOf, roleOf, type Slot } from '../node-table.ts';
import { labelLine, reasonLine, tableLines, titleLine, wordLines } from './detail-lines.ts';
import { FLAGS } from './flags.ts';
import { figureLines, historyCharts, historyOf } from './node-history.ts';
import { flagLines, flagsOf, hasFewLinks, linkLines, linksOf } from './node-links.ts';
import { subtreeLines } from './node-subtree.ts';
import type { DetailLines, Pane } from './view.ts';

function factsOf(node: string): Fetch<'facts'> {
  return { source: 'facts', node };
}

function orNone(words: readonly string[]): readonly string[] {
  return words.length === 0 ? [UNKNOWN] : words;
}

function lostText({ nodes, glyphs }: Model, slot: Slot, nowMs: number): string {
  const lostMs = nowMs - nodes.lostAtMs[slot]!;
  return `${glyphs.lost} lost${Number.isNaN(lostMs) ? '' : ` for ${formatAge(lostMs)}`}`;
}

/** What the tree says of it. */
function statusLines(model: Model, slot: Slot, { width, nowMs }: Pane): DetailLines {
  const { nodes, glyphs } = model;
  const labels = Object.entries(nodes.labels[slot]!).map(([key, value]) => `${key}=${value}`);
  const isLost = nodes.lost[slot] === 1;
  const upMs = nowMs - figureOf(nodes, 'startedAtMs', slot);
  return [
    labelLine(
      'state',
      isLost ? lostText(model, slot, nowMs) : `${glyphs.up} up ${formatUptime(upMs)}`,
    ),
    labelLine('role', roleOf(nodes, slot)),
    labelLine('parent', escapeLine(nodes.parents[slot]!) || UNKNOWN),
    labelLine('round trip', formatRtt(figureOf(nodes, 'rttMs', slot))),
    labelLine('version', escapeLine(nodes.versions[slot]!)),
    labelLine('id', escapeLine(nodes.ids[slot]!)),
    ...wordLines('labels', orNone(labels.map(escapeLine)), width),
    ...wordLines('services', orNone(namedServices(nodes.services[slot]!)), width),
  ];
}

/** Facts by class: a title, and below it rows in columns. */
function sectionLines(facts: Readonly<Record<string, unknown>>): DetailLines {
  return formatInfo(facts).flatMap(({ title, header, rows }) => {
    const table = header === undefined ? rows : [header, ...rows];
    return [[], titleLine(title, ''), ...tableLines(table)];
  });
}

function factLines(model: Model, node: string, nowMs: number): DetailLines {
  const fetched = fetchedOf(model, factsOf(node));
  const reason = reasonLine('facts', fetched?.reason);
  const failed: DetailLines = reason.length === 0 ? [] : [[], ...reason];
  if (fetched?.value !== undefined) {
    const age = `${formatAge(nowMs - fetched.atMs)} old`;
    return [...failed, [], titleLine('facts', age), ...sectionLines(fetched.value)];
  }
  if (fetched?.isLoading !== true) return failed;
  return [...failed, [], [{ text: 'facts are on their way', style: 'faint' }]];
}

export function nodeDetails(model: Model, id: string, pane: Pane): DetailLines | undefined {
  const slot = model.nodes.slots.get(id);
  if (slot === undefined) return undefined;
  const { nowMs } = pane;
  return [
    [{ text: escapeLine(id), style: 'title' }],
    ...statusLines(model, slot, pane),
    ...flagLines(model, id, nowMs),
    ...subtreeLines(model, slot),
    ...figureLines(model, id, slot, pane),
    ...linkLines(model, id, slot, nowMs),
    ...historyCharts(model, id, slot, pane),
    ...factLines(model, id, nowMs),
  ];
}

/** A host that is lost is not asked, only its parent and the top: what it said last stays. */
export function nodeDetailFetches(model: Model, id: string): readonly Fetch[] {
  const slot = model.nodes.slots.get(id);
  if (slot === undefined) return [];
  if (model.nodes.lost[slot] === 1) return [historyOf(id), FLAGS];
  const links = hasFewLinks(model, slot) ? [linksOf(id)] : [];
  return [factsOf(id), historyOf(id), flagsOf(id), ...links];
}
