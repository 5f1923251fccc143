/** The rows of the view that is looked at, and the cursor, which stays on its row. */
import { bodyHeight, isBeside, paneWidth } from './layout.ts';
import type { Model } from './model.ts';
import type { Rows, View } from './views/view.ts';

/** Where the selected row is now; where it is gone, the one that stands for it, or the nearest. */
function locateSelection(model: Model, rows: Rows<unknown>): number {
  const { selected, selectedIndex } = model.state;
  if (selected !== null) {
    if (selectedIndex < rows.count && rows.id(selectedIndex) === selected) return selectedIndex;
    for (let index = 0; index < rows.count; index++) {
      if (rows.id(index) === selected) return index;
    }
    const nearest = model.view.findNearest?.(model, rows, selected);
    if (nearest !== undefined) return nearest;
  }
  return Math.max(0, Math.min(selectedIndex, rows.count - 1));
}

/**
 * Whether the details that are seen are of something that is gone: they say so, and the cursor
 * stays on it, so that no key means another one.
 */
function isOfGone(model: Model): boolean {
  const { mode, pane, view, state } = model;
  const isSeen = isBeside(model) || (mode !== 'rows' && mode !== 'filter');
  if (pane !== 'details' || !isSeen || state.selected === null) return false;
  // What is there does not depend on the time.
  const seen = { width: paneWidth(model), nowMs: 0 };
  return view.details?.(model, state.selected, seen) === undefined;
}

/** Moves the body no further than needed to show the row at `index`, and never past its end. */
function scrollTo(model: Model, index: number, rowCount: number): void {
  const { state } = model;
  const height = bodyHeight(model);
  const offsetMax = Math.max(0, rowCount - height);
  const nearest = Math.min(Math.max(state.offset, index - height + 1), index);
  state.offset = Math.max(0, Math.min(nearest, offsetMax));
}

/** Puts the cursor on the row at `index`, or on the first or last when there is none. */
export function selectRow(model: Model, rows: Rows<unknown>, index: number): undefined {
  const within = Math.max(0, Math.min(index, rows.count - 1));
  const { state } = model;
  const selected = within < rows.count ? rows.id(within) : null;
  if (selected !== state.selected) model.detailsOffset = 0;
  state.selectedIndex = within;
  state.selected = selected;
  scrollTo(model, within, rows.count);
}

/**
 * Makes the rows anew if something changed, and keeps the cursor on its row and this row on its
 * line of the screen. To be called before rows are read; many changes cost one call.
 */
export function settle(model: Model): Rows<unknown> {
  const { state, view } = model;
  const version = view.version(model);
  if (state.rows !== undefined && state.rowsVersion === version) {
    scrollTo(model, state.selectedIndex, state.rows.count);
    return state.rows;
  }
  const rows = view.rows(model);
  state.rows = rows;
  state.rowsVersion = version;
  if (state.follow !== null) {
    selectRow(model, rows, state.follow === 'first' ? 0 : rows.count - 1);
    return rows;
  }
  const index = locateSelection(model, rows);
  const isThere = index < rows.count && rows.id(index) === state.selected;
  if (isThere) state.offset += index - state.selectedIndex;
  else if (isOfGone(model)) {
    state.rowsVersion = NaN;
    state.selectedIndex = index;
    scrollTo(model, index, rows.count);
    return rows;
  }
  selectRow(model, rows, index);
  return rows;
}

/** Looks at another view. Its cursor, filter and order are as they were left. */
export function showView(model: Model, view: View<unknown> | undefined): undefined {
  const state = view === undefined ? undefined : model.states.get(view);
  if (view === undefined || state === undefined) return;
  model.view = view;
  model.state = state;
  model.mode = 'rows';
  // What is beside the rows follows to the next view, if that has something to show.
  const isEmpty = model.pane === 'details' && view.details === undefined;
  if (!isBeside(model) || isEmpty) model.pane = null;
}
