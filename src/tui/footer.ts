/** The last line: the keys that do something here, or the filter while it is written. */
import { escapeLine } from '../base/escape.ts';
import { candidatesOf } from './command-bar.ts';
import { formatAge, formatCount } from './figures.ts';
import { keyLabel } from './glyphs.ts';
import { bindingsOf, isHere } from './keys.ts';
import { drawEnds, type LineOptions, type Piece, widthOfPieces } from './line.ts';
import { isWriting, type Mode, type Model } from './model.ts';
import { labelOf } from './prompt.ts';
import { filterOf } from './views/list-rows.ts';
import type { Rows } from './views/view.ts';
import { cellWidth, cutToWidth } from './width.ts';

/** A notice is shown for this time. */
const NOTICE_MS = 3_000;

/** Cells of a text that is asked for that are seen at least. */
const TEXT_CELLS_MIN = 12;
/** Cells for the keys beside a long text that is asked for. */
const PROMPT_SPARE = 24;
const POSITION_MODES: ReadonlySet<Mode> = new Set(['rows', 'filter', 'command', 'chord']);
const NOTICE_MODES: ReadonlySet<Mode> = new Set(['rows', 'details', 'output']);

/** Bindings with one word, and the first key of each. */
interface Offer {
  readonly word: string;
  readonly keys: readonly string[];
}

function offersOf(model: Model): Offer[] {
  const offers = new Map<string, string[]>();
  for (const binding of bindingsOf(model)) {
    const { footer, keys } = binding;
    if (footer === undefined || !isHere(model, binding)) continue;
    // While text is typed, only the keys that write nothing are keys; ^C leaves always.
    const key = isWriting(model) && keys[0] === 'q' ? 'ctrl-c' : keys[0];
    offers.set(footer, [...(offers.get(footer) ?? []), keyLabel(key ?? '', model.glyphs)]);
  }
  return [...offers].map(([word, labels]) => ({ word, keys: labels }));
}

function drawOffer({ word, keys }: Offer): Piece[] {
  const isShort = keys.every((key) => key.length === 1);
  return [{ text: keys.join(isShort ? '' : '/'), style: 'key' }, { text: ` ${word}  ` }];
}

/** The offers that fit whole; the last ones, help and quit, before all others. */
function chooseOffers(model: Model, width: number): Piece[] {
  const offers = offersOf(model).map(drawOffer);
  const last = offers.splice(-2).flat();
  const pieces: Piece[] = [];
  for (const offer of offers) {
    if (widthOfPieces([...pieces, ...offer, ...last]) <= width) pieces.push(...offer);
  }
  return [...pieces, ...last];
}

/** How old what is shown is, where it does not come by itself. */
function ageOf(model: Model, nowMs: number): string {
  const takenAtMs = model.view.takenAtMs?.(model) ?? NaN;
  return Number.isNaN(takenAtMs) ? '' : `${formatAge(nowMs - takenAtMs)} old  `;
}

/** Which row of how many, or how many match; how many are marked, and how old all is. */
function position(model: Model, rows: Rows<unknown>, nowMs: number): string {
  const { state, mode } = model;
  if (!POSITION_MODES.has(mode)) return '';
  const follow = state.follow === null ? '' : `follows the ${state.follow}  `;
  const before =
    ageOf(model, nowMs) +
    follow +
    (state.marked.size > 0 ? `${formatCount(state.marked.size)} marked  ` : '');
  if (state.filter !== '') {
    const total = formatCount(model.view.count(model));
    return `${before}${formatCount(rows.matchCount)} of ${total}`;
  }
  if (rows.count === 0) return before.trimEnd();
  return `${before}${formatCount(state.selectedIndex + 1)}/${formatCount(rows.count)}`;
}

/** What is asked for, and the end of what is written. */
function promptLead({ prompt, glyphs, size }: Model): Piece[] {
  if (prompt === null) return [];
  const [what, type] = labelOf(prompt.ask);
  const whatRoom = size.columns - type.length - TEXT_CELLS_MIN;
  const label = cutToWidth(escapeLine(what), whatRoom, glyphs.ellipsis) + type;
  const text = escapeLine(prompt.text);
  const room = Math.max(TEXT_CELLS_MIN - 2, size.columns - cellWidth(label) - PROMPT_SPARE);
  const characters = Array.from(text);
  const end =
    characters.length > room ? glyphs.ellipsis + characters.slice(1 - room).join('') : text;
  return [
    { text: label, style: 'warning' },
    { text: end, style: 'title' },
    { text: glyphs.cursor },
  ];
}

/**
 * What stands before the keys: the text that is written or kept, and what there is to say of it.
 */
function lead(model: Model, nowMs: number): Piece[] {
  const { mode, state, glyphs, notice } = model;
  const cursor = isWriting(model) ? glyphs.cursor : '';
  const gap = { text: '  ' };
  if (mode === 'command') {
    const words = candidatesOf(model).map(escapeLine).join(' ');
    const text = `:${escapeLine(model.command)}`;
    return [{ text, style: 'title' }, { text: cursor }, gap, { text: words, style: 'faint' }, gap];
  }
  if (mode === 'prompt') return [...promptLead(model), gap];
  if (mode === 'chord') return [{ text: '^K', style: 'title' }, gap];
  if (notice !== null && nowMs - notice.atMs < NOTICE_MS && NOTICE_MODES.has(mode)) {
    return [{ text: notice.text, style: 'warning' }, gap];
  }
  if (mode !== 'filter' && (state.filter === '' || mode !== 'rows')) return [];
  const { reason } = filterOf(model, model.view);
  return [
    { text: `/${escapeLine(state.filter)}`, style: 'title' },
    { text: cursor },
    gap,
    ...(reason === '' ? [] : [{ text: escapeLine(reason), style: 'warning' as const }, gap]),
  ];
}

/** The footer. */
export function drawFooter(
  model: Model,
  rows: Rows<unknown>,
  nowMs: number,
  options: LineOptions,
): string {
  const right: Piece[] = [{ text: ` ${position(model, rows, nowMs)}`, style: 'faint' }];
  const left = lead(model, nowMs);
  const width = options.width - widthOfPieces(left) - widthOfPieces(right);
  return drawEnds([...left, ...chooseOffers(model, width)], right, options);
}
