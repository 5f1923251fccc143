/** What is known of one node: from the tree at once, and the facts of its host when they come. */
import { escapeLine } from '../../base/escape.ts';
import { formatInfo } from '../../client/format-info.ts';
import type { Fetch } from '../effects.ts';
import { fetchedOf } from '../fetches.ts';
import { formatAge, formatRtt, formatUptime, namedServices, UNKNOWN } from '../figures.ts';
import type { Piece } from '../line.ts';
import type { Model } from '../model.ts';
import { figureOf, roleOf, type Slot } from '../node-table.ts';
import { cellWidth } from '../width.ts';
import type { DetailLines } from './view.ts';

const LABEL_CELLS = 12;

function line(label: string, text: string): readonly Piece[] {
  return [{ text: `  ${label.padEnd(LABEL_CELLS)}`, style: 'faint' }, { text }];
}

function factsOf(node: string): Fetch<'facts'> {
  return { source: 'facts', node };
}

/** What the tree says of it. */
function statusLines({ nodes, glyphs }: Model, slot: Slot, nowMs: number): DetailLines {
  const labels = Object.entries(nodes.labels[slot]!).map(([key, value]) => `${key}=${value}`);
  const isLost = nodes.lost[slot] === 1;
  const sampledAtMs = nodes.sampledAtMs[slot]!;
  const age = Number.isNaN(sampledAtMs) ? 'none yet' : `${formatAge(nowMs - sampledAtMs)} old`;
  const upMs = nowMs - figureOf(nodes, 'startedAtMs', slot);
  return [
    line('state', isLost ? `${glyphs.lost} lost` : `${glyphs.up} up ${formatUptime(upMs)}`),
    line('role', roleOf(nodes, slot)),
    line('parent', escapeLine(nodes.parents[slot]!) || UNKNOWN),
    line('round trip', formatRtt(figureOf(nodes, 'rttMs', slot))),
    line('version', escapeLine(nodes.versions[slot]!)),
    line('id', escapeLine(nodes.ids[slot]!)),
    line('labels', labels.map(escapeLine).join(' ') || UNKNOWN),
    line('services', namedServices(nodes.services[slot]!).join(' ') || UNKNOWN),
    line('figures', age),
  ];
}

/** Facts by class: a title, and below it rows in columns. */
function sectionLines(facts: Readonly<Record<string, unknown>>): DetailLines {
  return formatInfo(facts).flatMap(({ title, header, rows }) => {
    const table = header === undefined ? rows : [header, ...rows];
    const widths: number[] = [];
    for (const row of table) {
      row.forEach((cell, at) => {
        widths[at] = Math.max(widths[at] ?? 0, cellWidth(cell));
      });
    }
    const drawn = table.map((row) => {
      const cells = row.map((cell, at) => cell + ' '.repeat(widths[at]! - cellWidth(cell)));
      return [{ text: `  ${cells.join('  ')}` }];
    });
    return [[], [{ text: title, style: 'title' as const }], ...drawn];
  });
}

function factLines(model: Model, node: string, nowMs: number): DetailLines {
  const fetched = fetchedOf(model, factsOf(node));
  const lines: (readonly Piece[])[] = [];
  if (fetched?.reason) {
    lines.push([], [{ text: `facts: ${escapeLine(fetched.reason)}`, style: 'bad' }]);
  }
  if (fetched?.value !== undefined) {
    const age = formatAge(nowMs - fetched.atMs);
    lines.push([], [{ text: `facts, ${age} old`, style: 'faint' }], ...sectionLines(fetched.value));
  } else if (fetched?.isLoading === true) {
    lines.push([], [{ text: 'facts are on their way', style: 'faint' }]);
  }
  return lines;
}

export function nodeDetails(model: Model, id: string, nowMs: number): DetailLines | undefined {
  const slot = model.nodes.slots.get(id);
  if (slot === undefined) return undefined;
  return [
    [{ text: escapeLine(id), style: 'title' }],
    ...statusLines(model, slot, nowMs),
    ...factLines(model, id, nowMs),
  ];
}

/** A host that is lost is not asked: what it said last stays. */
export function nodeDetailFetches({ nodes }: Model, id: string): readonly Fetch[] {
  const slot = nodes.slots.get(id);
  return slot === undefined || nodes.lost[slot] === 1 ? [] : [factsOf(id)];
}
