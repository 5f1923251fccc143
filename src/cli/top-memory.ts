/**
 * What `dagent top` keeps from one time to the next: in the home, and there for each `--via`, since
 * that may be of another tree. Several may end at once, and each has changed something else.
 */
import { forgetOldest, memoryPathOf, resolveHome } from '../adapters/home.ts';
import { changeMemory, readJsonOr } from '../adapters/shared-memory.ts';
import { murmur3 } from '../base/hash.ts';
import { TOP_MEMORIES_MAX } from '../protocol/limits.ts';

/** What a `top` looks at. */
export interface TopPlace {
  readonly home?: string | undefined;
  readonly via?: string | undefined;
}

type Values = Readonly<Record<string, unknown>>;

const PREFIX = 'top-';

function nameOf({ via }: TopPlace): string {
  const wanted = via || process.env.DAGENT_VIA || '';
  // Another one of the same hash only looks as this one does.
  return `${PREFIX}${murmur3(wanted, 0).toString(16)}`;
}

/** What was kept; undefined when nothing was, or what is there cannot be read. */
export function recallTop(place: TopPlace): unknown {
  return readJsonOr(memoryPathOf(resolveHome(place.home, process.env), nameOf(place)));
}

function isMap(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** `kept` with what has changed between `before` and `after`; maps in it, one by one. */
function merge(kept: unknown, before: Values, after: Values, depth = 0): Values {
  const merged: Record<string, unknown> = { ...(isMap(kept) ? kept : {}) };
  for (const [name, now] of Object.entries(after)) {
    const then = before[name];
    if (isMap(now) && depth === 0) {
      merged[name] = merge(merged[name], isMap(then) ? then : {}, now, depth + 1);
    } else if (!(name in merged) || !isSame(then, now)) {
      merged[name] = now;
    }
  }
  return merged;
}

/** `kept` without what is `odd`, as far as it is still so; of maps in it, one by one. */
function without(kept: unknown, odd: Values): Values {
  if (!isMap(kept)) return {};
  const left = Object.entries(kept).flatMap(([name, value]): [string, unknown][] => {
    const strange = Object.hasOwn(odd, name) ? odd[name] : undefined;
    if (isMap(value) && isMap(strange) && !isSame(value, strange)) {
      return [[name, without(value, strange)]];
    }
    return Object.hasOwn(odd, name) && isSame(value, strange) ? [] : [[name, value]];
  });
  return Object.fromEntries(left);
}

/**
 * Keeps what has changed between `before` and `after`, beside what others have changed meanwhile;
 * of what was kept before not what was `odd`. A home that cannot be written in is one without a
 * memory.
 */
export function rememberTop(
  place: TopPlace,
  before: object,
  after: object,
  odd: object = {},
): void {
  const home = resolveHome(place.home, process.env);
  try {
    changeMemory(home, nameOf(place), (kept) =>
      merge(without(kept, { ...odd }), { ...before }, { ...after }),
    );
    forgetOldest(home, PREFIX, TOP_MEMORIES_MAX);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
  }
}
