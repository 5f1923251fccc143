/** What each key does to the model. */
import { helpOffsetMax } from './help.ts';
import type { Action } from './keys.ts';
import { bodyHeight, helpHeight, type Model, selectRow, settle } from './model.ts';
import { applyHeld } from './records.ts';

/** What the model wants of the world. */
export type Effect = 'quit' | 'suspend' | 'redraw';

type Handler = (model: Model, nowMs: number) => Effect | undefined;

/** Moves the cursor by `count` rows. */
function move(model: Model, count: number): undefined {
  selectRow(model, settle(model), model.selectedIndex + count);
}

/** Half of what is seen goes, so that the eye finds its place. */
function halfPage(model: Model): number {
  return Math.max(1, bodyHeight(model) >> 1);
}

function fold(model: Model, isFolded: boolean): undefined {
  const row = settle(model)[model.selectedIndex];
  if (row === undefined || !row.hasChildren) return;
  if (isFolded) model.folded.add(row.entry.name);
  else model.folded.delete(row.entry.name);
  model.rows = undefined;
}

/** Folds the node, or when nothing of it is left to fold, goes to its parent. */
function foldOrLeave(model: Model): undefined {
  const rows = settle(model);
  const row = rows[model.selectedIndex];
  if (row === undefined) return;
  if (row.hasChildren && row.hidden === 0 && model.filter === '') fold(model, true);
  else if (row.parent >= 0) selectRow(model, rows, row.parent);
}

function toggle(model: Model): undefined {
  const row = settle(model)[model.selectedIndex];
  if (row !== undefined) fold(model, row.hidden === 0);
}

/** Longest filter: no name is longer. */
const FILTER_LENGTH_MAX = 64;

/** Changes the text of the filter. The cursor goes to the first match, unless it is on one. */
export function setFilter(model: Model, filter: string): undefined {
  model.filter = filter.slice(0, FILTER_LENGTH_MAX);
  model.rows = undefined;
  const rows = settle(model);
  if (rows[model.selectedIndex]?.isMatch === true) return;
  const first = rows.findIndex(({ isMatch }) => isMatch);
  if (first >= 0) selectRow(model, rows, first);
}

function scrollHelp(model: Model, count: number): undefined {
  const offsetMax = helpOffsetMax(model, helpHeight(model));
  model.helpOffset = Math.max(0, Math.min(model.helpOffset + count, offsetMax));
}

function pause(model: Model, nowMs: number): undefined {
  if (model.pausedAtMs === null) {
    model.pausedAtMs = nowMs;
    return;
  }
  model.pausedAtMs = null;
  applyHeld(model, nowMs);
}

export const ACTIONS: Readonly<Record<Action, Handler>> = {
  up: (model) => move(model, -1),
  down: (model) => move(model, 1),
  pageUp: (model) => move(model, -halfPage(model)),
  pageDown: (model) => move(model, halfPage(model)),
  first: (model) => move(model, -Infinity),
  last: (model) => move(model, Infinity),
  fold: foldOrLeave,
  unfold: (model) => fold(model, false),
  toggle,
  unfoldAll: (model) => {
    model.folded.clear();
    model.rows = undefined;
    return undefined;
  },
  filter: (model) => {
    model.mode = 'filter';
    return undefined;
  },
  keepFilter: (model) => {
    model.mode = 'tree';
    return undefined;
  },
  clearFilter: (model) => {
    model.mode = 'tree';
    return setFilter(model, '');
  },
  rubFilter: (model) => setFilter(model, Array.from(model.filter).slice(0, -1).join('')),
  eraseFilter: (model) => setFilter(model, ''),
  pause,
  help: (model) => {
    model.mode = model.mode === 'help' ? 'tree' : 'help';
    model.helpOffset = 0;
    return undefined;
  },
  helpUp: (model) => scrollHelp(model, -1),
  helpDown: (model) => scrollHelp(model, 1),
  redraw: () => 'redraw',
  suspend: () => 'suspend',
  quit: () => 'quit',
};
