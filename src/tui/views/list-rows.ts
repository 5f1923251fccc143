/** Rows of a view that is a plain list: filtered and sorted as its columns say. */
import type { Model } from '../model.ts';
import type { Column, Rows, View } from './view.ts';

/** Whether an item passes the filter that is written; undefined while there is none. */
export function matcherOf<Item>(
  model: Model,
  view: View<Item>,
): ((item: Item) => boolean) | undefined {
  const wanted = model.state.filter.toLowerCase();
  if (wanted === '') return undefined;
  return (item) => view.searchText(item, model).toLowerCase().includes(wanted);
}

/** The column that rows are sorted by, or undefined. */
export function sortColumnOf<Item>(model: Model, view: View<Item>): Column<Item> | undefined {
  const { sort } = model.state;
  return sort === null ? undefined : view.columns.find(({ title }) => title === sort.title);
}

function isUnknown(key: number | string): boolean {
  return key === '' || Number.isNaN(key);
}

/** The items in the order that is asked for, as a new list; ties stay as they are. */
export function sortItems<Item>(
  model: Model,
  view: View<Item>,
  items: readonly Item[],
): readonly Item[] {
  const column = sortColumnOf(model, view);
  if (column?.sortKey === undefined) return items;
  const isReversed = model.state.sort?.isReversed ?? false;
  const sign = isReversed === (column.isHighFirst ?? false) ? 1 : -1;
  const keys = items.map((item) => column.sortKey!(item, model));
  const compare = (a: number, b: number): number => {
    const [first, second] = [keys[a]!, keys[b]!];
    const areUnknown = Number(isUnknown(first)) - Number(isUnknown(second));
    if (areUnknown !== 0) return areUnknown;
    return first < second ? -sign : first > second ? sign : 0;
  };
  return Array.from(keys.keys())
    .sort(compare)
    .map((index) => items[index]!);
}

/** Those of `items`, which are in their own order, that pass the filter, sorted as asked for. */
export function listRows<Item>(
  model: Model,
  view: View<Item>,
  items: readonly Item[],
  idOf: (item: Item) => string,
): Rows<Item> {
  const isWanted = matcherOf(model, view);
  const kept = sortItems(model, view, isWanted === undefined ? items : items.filter(isWanted));
  return {
    count: kept.length,
    matchCount: kept.length,
    item: (index) => kept[index]!,
    id: (index) => idOf(kept[index]!),
    isMatch: () => true,
  };
}
