/** Keys of what is opened beside the rows or in their place: the menu of orders, and details. */
import {
  closePane,
  goBack,
  openDetails,
  openSort,
  reverseSort,
  scrollDetails,
  sortByNext,
  switchPane,
} from './actions.ts';
import type { Binding } from './keys.ts';
import { isBeside } from './layout.ts';
import type { Mode, Model } from './model.ts';
import { chooseSort, moveSortMenu } from './sort-menu.ts';

const ROWS: readonly Mode[] = ['rows'];
const SORT: readonly Mode[] = ['sort'];
const DETAILS: readonly Mode[] = ['details'];
const PAGES_AND_OUTPUT: readonly Mode[] = ['rows', 'details', 'output'];

/** Whether Escape has nothing nearer to take away than the pane beside the rows. */
function hasPaneOnly(model: Model): boolean {
  return isBeside(model) && model.state.filter === '' && model.state.marked.size === 0;
}

function hasDetails({ view }: Model): boolean {
  return view.details !== undefined;
}

const SORTING: readonly Binding[] = [
  { modes: ROWS, keys: ['S'], help: 'sort by ...', footer: 'sort', run: openSort },
  { modes: ROWS, keys: ['<'], help: 'sort: column left', run: (m) => sortByNext(m, -1) },
  { modes: ROWS, keys: ['>'], help: 'sort: column right', run: (m) => sortByNext(m, 1) },
  { modes: ROWS, keys: ['R'], help: 'reverse the order', run: reverseSort },
  { modes: SORT, keys: ['up', 'k'], footer: 'move', run: (model) => moveSortMenu(model, -1) },
  { modes: SORT, keys: ['down', 'j'], footer: 'move', run: (model) => moveSortMenu(model, 1) },
  { modes: SORT, keys: ['return', ' '], footer: 'sort; again: reverse', run: chooseSort },
  { modes: SORT, keys: ['escape', 'S'], footer: 'back', run: goBack },
];

const PANES: readonly Binding[] = [
  {
    modes: ROWS,
    keys: ['return'],
    help: 'details',
    footer: 'details',
    isHere: hasDetails,
    run: openDetails,
  },
  { modes: ROWS, keys: ['escape'], footer: 'close', isHere: hasPaneOnly, run: closePane },
  {
    modes: PAGES_AND_OUTPUT,
    keys: ['tab'],
    help: 'to the pane, to the rows',
    isHere: (model) => model.pane !== null || hasDetails(model),
    run: switchPane,
  },
  {
    modes: DETAILS,
    keys: ['up', 'k'],
    footer: 'scroll',
    run: (m, nowMs) => scrollDetails(m, -1, nowMs),
  },
  {
    modes: DETAILS,
    keys: ['down', 'j'],
    footer: 'scroll',
    run: (m, nowMs) => scrollDetails(m, 1, nowMs),
  },
  { modes: DETAILS, keys: ['escape', 'return', 'left', 'h'], footer: 'back', run: closePane },
];

export const PANE_BINDINGS: readonly Binding[] = [...SORTING, ...PANES];
