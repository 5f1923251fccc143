/** The last line: the keys that do something here, or the filter while it is written. */
import { escapeLine } from '../base/escape.ts';
import { candidatesOf } from './command-bar.ts';
import { formatAge, formatCount } from './figures.ts';
import { keyLabel } from './glyphs.ts';
import { bindingsOf, isHere } from './keys.ts';
import { drawEnds, type LineOptions, type Piece, widthOfPieces } from './line.ts';
import { isWriting, type Model } from './model.ts';
import { filterOf } from './views/list-rows.ts';
import type { Rows } from './views/view.ts';

/** A notice is shown for this time. */
const NOTICE_MS = 3_000;

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
  if (mode === 'help' || mode === 'details' || mode === 'sort') return '';
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
  if (notice !== null && nowMs - notice.atMs < NOTICE_MS && mode === 'rows') {
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
  const right: Piece[] = [{ text: position(model, rows, nowMs), style: 'faint' }];
  const left = lead(model, nowMs);
  const width = options.width - widthOfPieces(left) - widthOfPieces(right) - 1;
  return drawEnds([...left, ...chooseOffers(model, width)], right, options);
}
