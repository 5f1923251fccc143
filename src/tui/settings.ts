/**
 * What is kept from one time to the next: how it looks and what was looked at. It is read from a
 * file that anybody may have written: what makes no sense in it is as if it were not there.
 */
import { showView } from './cursor.ts';
import { type Model, RATE_MS_MAX, RATE_MS_MIN, type Sort } from './model.ts';
import { isSkinName, paletteFor, type SkinName } from './palette.ts';
import { sortables, sortablesOf } from './sort-menu.ts';
import type { View } from './views/view.ts';

export interface Settings {
  readonly view: string;
  readonly skin: SkinName;
  readonly rateMs: number;
  readonly hasMouse: boolean;
  /** Whether filters are kept too. */
  readonly isSticky: boolean;
  /** By view. */
  readonly sorts: Readonly<Record<string, Sort | null>>;
  readonly filters: Readonly<Record<string, string>>;
}

/** What is to be kept of `model`. */
export function settingsOf(model: Model): Settings {
  const { view, skin, rateMs, hasMouse, isSticky, states } = model;
  const each = [...states];
  return {
    ...{ view: view.name, skin, rateMs, hasMouse, isSticky },
    sorts: Object.fromEntries(each.map(([{ name }, { sort }]) => [name, sort])),
    filters: isSticky
      ? Object.fromEntries(each.map(([{ name }, { filter }]) => [name, filter]))
      : {},
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

function isRate(value: unknown): value is number {
  return typeof value === 'number' && value >= RATE_MS_MIN && value <= RATE_MS_MAX;
}

/** What makes no sense in a map of what is kept for each view. Other versions may have others. */
function findOddOf(
  kept: unknown,
  model: Model,
  isSound: (value: unknown, view: View<unknown>) => boolean,
): unknown {
  if (kept === undefined) return undefined;
  if (!isMap(kept)) return kept;
  const odd = [...model.states.keys()]
    .filter((view) => Object.hasOwn(kept, view.name) && !isSound(kept[view.name], view))
    .map(({ name }) => [name, kept[name]] as const);
  return odd.length === 0 ? undefined : Object.fromEntries(odd);
}

function isSort(value: unknown, view: View<unknown>): boolean {
  const { title, isReversed } = mapOf(value);
  const isKnown = sortablesOf(view).some((column) => column.title === title);
  return value === null || (isKnown && typeof isReversed === 'boolean');
}

/** What of what was kept makes no sense, as it is there. */
export function findOdd(model: Model, kept: unknown): Readonly<Record<string, unknown>> {
  const { view, skin, rateMs, hasMouse, isSticky, sorts, filters } = mapOf(kept);
  const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
  const plain: readonly (readonly [string, unknown, boolean])[] = [
    ['view', view, model.views.some(({ name }) => name === view)],
    ['skin', skin, isSkinName(skin)],
    ['rateMs', rateMs, isRate(rateMs)],
    ['hasMouse', hasMouse, isBoolean(hasMouse)],
    ['isSticky', isSticky, isBoolean(isSticky)],
  ];
  const odd = plain.filter(([, value, isSound]) => value !== undefined && !isSound);
  const oddSorts = findOddOf(sorts, model, isSort);
  const oddFilters = findOddOf(filters, model, (value) => typeof value === 'string');
  return {
    ...Object.fromEntries(odd.map(([name, value]) => [name, value])),
    ...(oddSorts === undefined ? {} : { sorts: oddSorts }),
    ...(oddFilters === undefined ? {} : { filters: oddFilters }),
  };
}

/** The names of what {@link findOdd} has found: `skin, sorts.tree`. */
export function nameOdd(odd: Readonly<Record<string, unknown>>): string {
  return Object.entries(odd)
    .flatMap(([name, value]) =>
      (name === 'sorts' || name === 'filters') && isMap(value)
        ? Object.keys(value).map((view) => `${name}.${view}`)
        : [name],
    )
    .join(', ');
}

/** Takes up what was kept, as far as there still is what it speaks of. */
export function applySettings(model: Model, kept: unknown): void {
  const { view, skin, rateMs, hasMouse, isSticky, sorts, filters } = mapOf(kept);
  if (isSkinName(skin)) setSkin(model, skin);
  if (isRate(rateMs)) model.rateMs = rateMs;
  if (typeof hasMouse === 'boolean') model.hasMouse &&= hasMouse;
  if (typeof isSticky === 'boolean') model.isSticky = isSticky;
  for (const [each, state] of model.states) {
    showView(model, each);
    const { title, isReversed } = mapOf(mapOf(sorts)[each.name]);
    const column = sortables(model).find((known) => known.title === title);
    if (column !== undefined) state.sort = { title: column.title, isReversed: isReversed === true };
    const filter = mapOf(filters)[each.name];
    if (model.isSticky && typeof filter === 'string') state.filter = filter.slice(0, 200);
  }
  showView(model, model.views.find(({ name }) => name === view) ?? model.views[0]);
}

export function setSkin(model: Model, skin: SkinName): undefined {
  model.skin = skin;
  model.palette = paletteFor(skin, model.colourBits);
}
