/** The head of the screen: which realm, how many nodes, how fresh, and what is wrong. */
import { escapeLine } from '../base/escape.ts';
import { ROLES, type Role } from '../protocol/record.ts';
import { formatAge, formatByteRate, formatCount, formatRate, formatShort } from './figures.ts';
import { drawEnds, drawLine, type LineOptions, type Piece, widthOfPieces } from './line.ts';
import type { Link, Model } from './model.ts';
import { cellWidth, fitStart } from './width.ts';

type LostLink = Extract<Link, { state: 'lost' }>;

const PLURALS: Readonly<Record<Role, string>> = { root: 'roots', agent: 'agents', leaf: 'leaves' };

/** How fresh what is shown is. */
function freshness(model: Model, nowMs: number): Piece[] {
  const { link, updatedAtMs, pausedAtMs } = model;
  const pieces: Piece[] = [];
  if (pausedAtMs !== null) {
    const text = ` PAUSED ${formatAge(nowMs - pausedAtMs)} `;
    pieces.push({ text, style: 'alarm' }, { text: '  ' });
  }
  if (link.state === 'connecting') return [...pieces, { text: 'connecting', style: 'warning' }];
  if (link.state === 'lost') pieces.push({ text: `${model.glyphs.lost} link lost`, style: 'bad' });
  else pieces.push({ text: `${model.glyphs.up} live`, style: 'good' });
  if (updatedAtMs !== null) {
    pieces.push({ text: `  updated ${formatAge(nowMs - updatedAtMs)} ago`, style: 'faint' });
  }
  return pieces;
}

/** The views and their digits; when they do not fit, the name only of the one looked at. */
function viewTabs({ views, view }: Model, width: number): Piece[] {
  const tabs = views.map((each, index): Piece => {
    const isShown = each === view;
    return { text: `  ${index + 1} ${each.name}`, style: isShown ? 'key' : 'faint' };
  });
  if (widthOfPieces(tabs) < width) return [{ text: ' ' }, ...tabs];
  const short = tabs.map((tab, index) =>
    tab.style === 'key' ? tab : { ...tab, text: ` ${index + 1}` },
  );
  const fitting =
    widthOfPieces(short) < width ? short : tabs.filter(({ style }) => style === 'key');
  return [{ text: ' ' }, ...fitting];
}

/** The parts of the first line. */
interface TitleParts {
  readonly left: readonly Piece[];
  readonly tabs: readonly Piece[];
  readonly right: readonly Piece[];
}

function titleParts(model: Model, nowMs: number): TitleParts {
  const left: Piece[] = [{ text: 'dagent top', style: 'title' }];
  if (model.realm !== '') left.push({ text: `  ${escapeLine(model.realm)}` });
  if (model.seenFrom !== '') left.push({ text: `  from ${escapeLine(model.seenFrom)}` });
  if (model.isReadOnly) left.push({ text: '  read-only', style: 'faint' });
  const right = freshness(model, nowMs);
  const width = model.size.columns - widthOfPieces(left) - widthOfPieces(right) - 2;
  return { left, tabs: viewTabs(model, width), right };
}

function titleLine(model: Model, nowMs: number, options: LineOptions): string {
  const { left, tabs, right } = titleParts(model, nowMs);
  return drawEnds([...left, ...tabs], right, options);
}

/** The digit of the tab that is drawn at `column`, counted from 0. */
export function tabAt(model: Model, column: number, nowMs: number): string | undefined {
  const { left, tabs } = titleParts(model, nowMs);
  let end = widthOfPieces(left);
  for (const { text } of tabs) {
    end += cellWidth(text);
    if (column >= end) continue;
    const isBlank = column < end - text.trimStart().length;
    return isBlank ? undefined : /\d+/.exec(text)?.[0];
  }
  return undefined;
}

/** `leaves 5/6`: those that are up, of all of them when some are lost. */
function tallyOf(model: Model, role: Role): Piece | undefined {
  const { up, lost } = model.nodes.tallies[role];
  if (up + lost === 0) return undefined;
  const name = up + lost === 1 ? role : PLURALS[role];
  const count = lost === 0 ? formatCount(up) : `${formatCount(up)}/${formatCount(up + lost)}`;
  return { text: `   ${name} ${count}`, ...(lost === 0 ? {} : { style: 'warning' }) };
}

/** What all nodes do together: those of the figures that anybody tells. */
function totalPieces({ totals: { messages, bytes, drops, jobs } }: Model): Piece[] {
  const totals: Piece[] = [];
  if (messages >= 0) totals.push({ text: `   msgs ${formatRate(messages)}/s` });
  if (bytes >= 0) totals.push({ text: `   bytes ${formatByteRate(bytes)}/s` });
  if (jobs >= 0) totals.push({ text: `   jobs ${formatShort(jobs)}` });
  if (drops > 0) totals.push({ text: `   drops ${formatRate(drops)}/s`, style: 'warning' });
  return totals;
}

function countLine(model: Model, options: LineOptions): string {
  const { glyphs, nodes } = model;
  const total = nodes.slots.size;
  const lost = ROLES.reduce((sum, role) => sum + nodes.tallies[role].lost, 0);
  const pieces: Piece[] = [
    { text: `${formatCount(total)} ${total === 1 ? 'node' : 'nodes'}   ` },
    { text: glyphs.up, style: 'good' },
    { text: ` ${formatCount(total - lost)} up   ` },
    { text: glyphs.lost, ...(lost > 0 ? { style: 'bad' } : {}) },
    { text: ` ${formatCount(lost)} lost` },
  ];
  for (const role of ROLES) {
    const tally = tallyOf(model, role);
    // Whole or not at all: half a number would be a wrong one.
    if (tally === undefined || widthOfPieces([...pieces, tally]) > options.width) continue;
    pieces.push(tally);
  }
  for (const total of totalPieces(model)) {
    if (widthOfPieces([...pieces, total]) <= options.width) pieces.push(total);
  }
  const isPast = model.link.state === 'lost';
  const shown = isPast ? pieces.map((piece): Piece => ({ ...piece, style: 'faint' })) : pieces;
  return drawLine(shown, options);
}

/** Why the link is lost, and when it is tried again if there is room for that. */
function bannerLine(link: LostLink, nowMs: number, options: LineOptions): string {
  const { retryAtMs, reason } = link;
  const seconds = retryAtMs === null ? 0 : Math.max(0, Math.ceil((retryAtMs - nowMs) / 1000));
  const next = seconds === 0 ? '  trying again ' : `  trying again in ${seconds}s `;
  const text = ` LINK LOST: ${escapeLine(reason)}`;
  const isRoomy = cellWidth(text) + next.length <= options.width;
  const end = isRoomy ? next : '';
  const filled = fitStart(text, options.width - end.length, options.ellipsis) + end;
  return drawLine([{ text: filled, style: 'alarm' }], options);
}

/** That there is more than what is shown. */
function cutOffLine({ seenFrom }: Model, options: LineOptions): string {
  const name = seenFrom === '' ? 'the node that is asked' : escapeLine(seenFrom);
  const text = ` A PART OF THE TREE: ${name} and below; its parent is away`;
  const filled = fitStart(text, options.width, options.ellipsis);
  return drawLine([{ text: filled, style: 'alarm' }], options);
}

/** The lines above the titles of the columns. */
export function drawHeader(model: Model, nowMs: number, options: LineOptions): string[] {
  const lines = [titleLine(model, nowMs, options), countLine(model, options)];
  if (model.link.state === 'lost') lines.push(bannerLine(model.link, nowMs, options));
  else if (model.isCutOff) lines.push(cutOffLine(model, options));
  return lines;
}
