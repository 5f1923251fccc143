/** The last line: the keys that do something here, or the filter while it is written. */
import { formatCount } from './figures.ts';
import { keyLabel } from './glyphs.ts';
import { BINDINGS, type Binding } from './keys.ts';
import { drawEnds, type LineOptions, type Piece, widthOfPieces } from './line.ts';
import type { Model } from './model.ts';
import type { TreeRow } from './tree-order.ts';

/** Bindings with one word, and the first key of each. */
interface Offer {
  readonly word: string;
  readonly keys: readonly string[];
}

function isOffered(model: Model, { modes, footer, isHere }: Binding): boolean {
  return footer !== undefined && modes.includes(model.mode) && (isHere?.(model) ?? true);
}

function offersOf(model: Model): Offer[] {
  const keys = new Map<string, string[]>();
  for (const binding of BINDINGS.filter((each) => isOffered(model, each))) {
    // While text is typed, only the keys that write nothing are keys; ^C leaves always.
    const key = model.mode === 'filter' && binding.action === 'quit' ? 'ctrl-c' : binding.keys[0];
    const word = binding.footer ?? '';
    keys.set(word, [...(keys.get(word) ?? []), keyLabel(key ?? '', model.glyphs)]);
  }
  return [...keys].map(([word, labels]) => ({ word, keys: labels }));
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

/** Which row of how many, or how many match. */
function position(model: Model, rows: readonly TreeRow[]): string {
  if (model.filter !== '') {
    const matches = rows.reduce((sum, { isMatch }) => sum + (isMatch ? 1 : 0), 0);
    return `${formatCount(matches)} of ${formatCount(model.forest.entries.size)}`;
  }
  if (rows.length === 0 || model.mode === 'help') return '';
  return `${formatCount(model.selectedIndex + 1)}/${formatCount(rows.length)}`;
}

/** The footer. */
export function drawFooter(model: Model, rows: readonly TreeRow[], options: LineOptions): string {
  const right: Piece[] = [{ text: position(model, rows), style: 'faint' }];
  const left: Piece[] = [];
  if (model.mode === 'filter') {
    left.push({ text: `/${model.filter}`, style: 'title' }, { text: `${model.glyphs.cursor}  ` });
  } else if (model.filter !== '') {
    left.push({ text: `/${model.filter}`, style: 'title' }, { text: '  ' });
  }
  const width = options.width - widthOfPieces(left) - widthOfPieces(right) - 1;
  return drawEnds([...left, ...chooseOffers(model, width)], right, options);
}
