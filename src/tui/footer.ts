/** The last line: the keys that do something here, or the filter while it is written. */
import { formatCount } from './figures.ts';
import { keyLabel } from './glyphs.ts';
import { bindingsOf, isHere } from './keys.ts';
import { drawEnds, type LineOptions, type Piece, widthOfPieces } from './line.ts';
import type { Model } from './model.ts';
import type { Rows } from './views/view.ts';

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
    const key = model.mode === 'filter' && keys[0] === 'q' ? 'ctrl-c' : keys[0];
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

/** Which row of how many, or how many match; and how many are marked. */
function position(model: Model, rows: Rows<unknown>): string {
  const { state, mode } = model;
  if (mode === 'help' || mode === 'details' || mode === 'sort') return '';
  const marks = state.marked.size > 0 ? `${formatCount(state.marked.size)} marked  ` : '';
  if (state.filter !== '') {
    const total = formatCount(model.view.count(model));
    return `${marks}${formatCount(rows.matchCount)} of ${total}`;
  }
  if (rows.count === 0) return marks;
  return `${marks}${formatCount(state.selectedIndex + 1)}/${formatCount(rows.count)}`;
}

/** The footer. */
export function drawFooter(model: Model, rows: Rows<unknown>, options: LineOptions): string {
  const { mode, state, glyphs } = model;
  const right: Piece[] = [{ text: position(model, rows), style: 'faint' }];
  const left: Piece[] = [];
  if (mode === 'filter') {
    left.push({ text: `/${state.filter}`, style: 'title' }, { text: `${glyphs.cursor}  ` });
  } else if (state.filter !== '' && mode === 'rows') {
    left.push({ text: `/${state.filter}`, style: 'title' }, { text: '  ' });
  }
  const width = options.width - widthOfPieces(left) - widthOfPieces(right) - 1;
  return drawEnds([...left, ...chooseOffers(model, width)], right, options);
}
