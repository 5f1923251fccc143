/** What keys do to the model, in every view. */

import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { TOP_COPY_CHARS_MAX } from '../protocol/limits.ts';
import { selectRow, settle, showView } from './cursor.ts';
import type { Effect } from './effects.ts';
import { formatCount } from './figures.ts';
import { bodyHeight, isBeside, isWide, paneHeight, paneWidth } from './layout.ts';
import { type Model, RATE_MS_MAX, RATE_MS_MIN, tell } from './model.ts';
import { applyHeld } from './records.ts';
import { sortables, sortBy } from './sort-menu.ts';

/** Moves the cursor by `count` rows. */
export function move(model: Model, count: number): undefined {
  model.state.follow = null;
  selectRow(model, settle(model), model.state.selectedIndex + count);
}

/** Half of what is seen goes, so that the eye finds its place. */
export function halfPage(model: Model): number {
  return Math.max(1, bodyHeight(model) >> 1);
}

/** Marks the row, or takes the mark away, and goes on to the next one. */
export function markRow(model: Model): undefined {
  settle(model);
  const { selected, marked } = model.state;
  if (selected === null) return;
  if (!marked.delete(selected) && marked.size < MARKS_MAX) marked.add(selected);
  move(model, 1);
}

/** Rows that are marked at a time, in one view. More are not. */
const MARKS_MAX = 10_000;

/** Longest filter: what is longer cannot be read in one line. */
const FILTER_LENGTH_MAX = 200;

/** Changes the text of the filter. The cursor goes to the first match, unless it is on one. */
export function setFilter(model: Model, filter: string): undefined {
  const { state } = model;
  state.filter = filter.slice(0, FILTER_LENGTH_MAX);
  state.rows = undefined;
  const rows = settle(model);
  if (rows.count === 0 || rows.isMatch(state.selectedIndex)) return;
  for (let index = 0; index < rows.count; index++) {
    if (rows.isMatch(index)) return void selectRow(model, rows, index);
  }
}

export function openFilter(model: Model): undefined {
  model.mode = 'filter';
}

export function keepFilter(model: Model): undefined {
  model.mode = 'rows';
}

export function clearFilter(model: Model): undefined {
  model.mode = 'rows';
  return setFilter(model, '');
}

/** Takes the last character of the filter away. */
export function rubFilter(model: Model): undefined {
  return setFilter(model, Array.from(model.state.filter).slice(0, -1).join(''));
}

export function eraseFilter(model: Model): undefined {
  return setFilter(model, '');
}

/** Takes away the filter; where there is none, the marks. */
export function clearAll(model: Model): undefined {
  if (model.state.filter !== '') return setFilter(model, '');
  model.state.marked.clear();
}

export function openSort(model: Model): undefined {
  model.mode = 'sort';
  const titles = sortables(model).map(({ title }) => title);
  model.sortIndex = Math.max(0, titles.indexOf(model.state.sort?.title ?? ''));
}

/** Sorts by the column so many places on; beyond the ends is the view's own order. */
export function sortByNext(model: Model, step: number): undefined {
  const titles = sortables(model).map(({ title }) => title);
  const at = titles.indexOf(model.state.sort?.title ?? '');
  const next = at < 0 && step < 0 ? titles.length - 1 : at + step;
  sortBy(model, titles[next]);
}

export function reverseSort(model: Model): undefined {
  const title = model.state.sort?.title ?? sortables(model)[0]?.title;
  // Without a sort the order is that of the first column: by it, and then by it again.
  if (model.state.sort === null) sortBy(model, title);
  sortBy(model, title);
}

/** Opens the details of the row: beside the rows, which keep the keys, or in their place. */
export function openDetails(model: Model): undefined {
  settle(model);
  if (model.state.selected === null) return;
  if (isBeside(model) && model.pane === 'details') return closePane(model);
  model.pane = 'details';
  model.detailsOffset = 0;
  if (!isWide(model)) model.mode = 'details';
}

/** From the rows to the pane, which is opened if need be, and back. */
export function switchPane(model: Model): undefined {
  if (model.mode !== 'rows') {
    model.mode = 'rows';
    return;
  }
  if (model.pane === null) openDetails(model);
  model.mode = model.pane ?? 'rows';
}

export function closePane(model: Model): undefined {
  model.mode = 'rows';
  model.pane = null;
}

/** Back to the rows. */
export function goBack(model: Model): undefined {
  model.mode = 'rows';
}

/** Scrolls the details, no further than their end. */
export function scrollDetails(model: Model, count: number, nowMs: number): undefined {
  const { view, state } = model;
  const pane = { width: paneWidth(model), nowMs };
  const lines = state.selected === null ? [] : view.details?.(model, state.selected, pane);
  const offsetMax = Math.max(0, (lines?.length ?? 0) - paneHeight(model));
  model.detailsOffset = Math.max(0, Math.min(model.detailsOffset + count, offsetMax));
}

/** Scrolls the help, which has so many lines, no further than its end. */
export function scrollHelp(model: Model, count: number, lineCount: number): undefined {
  const offsetMax = Math.max(0, lineCount - paneHeight(model));
  model.helpOffset = Math.max(0, Math.min(model.helpOffset + count, offsetMax));
}

export function openHelp(model: Model): undefined {
  model.modeBehind = model.mode;
  model.mode = 'help';
  model.helpOffset = 0;
}

export function closeHelp(model: Model): undefined {
  model.mode = model.modeBehind;
}

/** From any view to the tree, from there to the flat list; the cursor stays on its node. */
export function toggleFlat(model: Model): undefined {
  const { views, view, state } = model;
  const next = views.find(({ name }) => name === (view.name === 'tree' ? 'flat' : 'tree'));
  const isNode = view.name === 'tree' || view.name === 'flat';
  showView(model, next);
  if (isNode) model.state.selected = state.selected;
  model.state.rows = undefined;
}

/** Stays on the first row, or when the cursor is on it, on the last one; again, and it lets go. */
export function toggleFollow(model: Model): undefined {
  const rows = settle(model);
  const { state } = model;
  const isLast = rows.count > 1 && state.selectedIndex === rows.count - 1;
  state.follow = state.follow === null ? (isLast ? 'last' : 'first') : null;
  if (state.follow === 'first') selectRow(model, rows, 0);
}

/** Goes to the next row that matches for itself, or with -1 to the one before. */
export function nextMatch(model: Model, step: 1 | -1): undefined {
  const rows = settle(model);
  const { state } = model;
  for (let count = 1; count <= rows.count; count++) {
    const index = (state.selectedIndex + step * count + rows.count * count) % rows.count;
    if (!rows.isMatch(index)) continue;
    state.follow = null;
    return void selectRow(model, rows, index);
  }
}

/** Times between frames that `+` and `-` lead through, the shortest first. */
const RATES_MS = [RATE_MS_MIN, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, RATE_MS_MAX];

/** Draws more or less often. */
export function changeRate(model: Model, step: 1 | -1, nowMs: number): undefined {
  const { rateMs } = model;
  const next =
    step > 0 ? RATES_MS.findLast((each) => each < rateMs) : RATES_MS.find((each) => each > rateMs);
  model.rateMs = next ?? rateMs;
  tell(model, `a frame each ${formatDuration(model.rateMs)}`, nowMs);
}

/** Has the mouse reported, or leaves it to the terminal, which selects text with it. */
export function toggleMouse(model: Model, nowMs: number): Effect {
  model.hasMouse = !model.hasMouse;
  tell(model, model.hasMouse ? 'the mouse is ours' : 'the mouse selects text', nowMs);
  return { kind: 'mouse', isOn: model.hasMouse };
}

/** Puts the names of the marked rows, or of the one under the cursor, on the clipboard. */
export function copyIds(model: Model, nowMs: number): Effect | undefined {
  settle(model);
  const { marked, selected } = model.state;
  const ids = marked.size > 0 ? [...marked] : selected === null ? [] : [selected];
  const text = ids.join('\n');
  if (text === '') return undefined;
  if (text.length > TOP_COPY_CHARS_MAX) {
    tell(model, `too much to copy: ${formatCount(ids.length)} names`, nowMs);
    return undefined;
  }
  const [only = ''] = ids;
  const what = ids.length === 1 ? escapeLine(only) : `${formatCount(ids.length)} names`;
  tell(model, `copied ${what}`, nowMs);
  return { kind: 'copy', text };
}

export function togglePause(model: Model, nowMs: number): undefined {
  if (model.pausedAtMs === null) {
    model.pausedAtMs = nowMs;
    return;
  }
  model.pausedAtMs = null;
  applyHeld(model, nowMs);
}
