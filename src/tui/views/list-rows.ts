/** Rows of a view that is a plain list: filtered and sorted as its columns say. */
import type { FieldValue } from '../../protocol/expression.ts';
import { type FilterSubject, type ParsedFilter, parseFilter } from '../filter.ts';
import type { Model } from '../model.ts';
import type { Column, Rows, View } from './view.ts';

function lookAt<Item>(item: Item, column: Column<Item>, model: Model): FieldValue {
  const value = column.value?.(item, model) ?? column.sortKey?.(item, model);
  return typeof value === 'number' && Number.isNaN(value) ? undefined : value;
}

/** What filters can ask of the items of a view: its columns, by their titles. */
function subjectOf<Item>(model: Model, view: View<Item>): FilterSubject<Item> {
  const columns = new Map(
    view.columns
      .filter(({ value, sortKey }) => value !== undefined || sortKey !== undefined)
      .map((column) => [column.title.toLowerCase(), column]),
  );
  const kindOf = ({ isRight }: Column<Item>) => (isRight === true ? 'number' : 'text');
  return {
    fields: Object.fromEntries([...columns].map(([name, column]) => [name, kindOf(column)])),
    look: (item, field) => {
      const column = columns.get(field);
      return column === undefined ? undefined : lookAt(item, column, model);
    },
    text: (item) => view.searchText(item, model),
  };
}

/** What the filter of the view that is looked at says. */
export function filterOf<Item>(model: Model, view: View<Item>): ParsedFilter<Item> {
  return parseFilter(model.state.filter, subjectOf(model, view));
}

/** Whether an item passes the filter that is written; undefined while there is none. */
export function matcherOf<Item>(
  model: Model,
  view: View<Item>,
): ((item: Item) => boolean) | undefined {
  return filterOf(model, view).isMatch;
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
