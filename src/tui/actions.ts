/** What keys do to the model, in every view. */
import { selectRow, settle, showView } from './cursor.ts';
import { bodyHeight, type Model, paneHeight } from './model.ts';
import { applyHeld } from './records.ts';
import { sortables, sortBy } from './sort-menu.ts';

/** Moves the cursor by `count` rows. */
export function move(model: Model, count: number): undefined {
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

/** Longest filter: no name is longer. */
const FILTER_LENGTH_MAX = 64;

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

export function openDetails(model: Model): undefined {
  settle(model);
  if (model.state.selected === null) return;
  model.mode = 'details';
  model.isDetailed = true;
  model.detailsOffset = 0;
}

/** Back to the rows. */
export function goBack(model: Model): undefined {
  model.mode = 'rows';
  model.isDetailed = false;
}

/** Scrolls the details, no further than their end. */
export function scrollDetails(model: Model, count: number, nowMs: number): undefined {
  const { view, state } = model;
  const lines = state.selected === null ? [] : view.details?.(model, state.selected, nowMs);
  const offsetMax = Math.max(0, (lines?.length ?? 0) - paneHeight(model));
  model.detailsOffset = Math.max(0, Math.min(model.detailsOffset + count, offsetMax));
}

/** Scrolls the help, which has so many lines, no further than its end. */
export function scrollHelp(model: Model, count: number, lineCount: number): undefined {
  const offsetMax = Math.max(0, lineCount - paneHeight(model));
  model.helpOffset = Math.max(0, Math.min(model.helpOffset + count, offsetMax));
}

export function openHelp(model: Model): undefined {
  model.mode = 'help';
  model.helpOffset = 0;
}

export function closeHelp(model: Model): undefined {
  model.mode = model.isDetailed ? 'details' : 'rows';
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

export function pause(model: Model, nowMs: number): undefined {
  if (model.pausedAtMs === null) {
    model.pausedAtMs = nowMs;
    return;
  }
  model.pausedAtMs = null;
  applyHeld(model, nowMs);
}
