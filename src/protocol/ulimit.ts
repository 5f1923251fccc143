/** Limits that the kernel keeps for a process: see getrlimit(2). Their names are prlimit(1)'s. */
import { parseSize } from '../base/size.ts';

/** Those that are counted in bytes. */
const SIZES = ['as', 'core', 'data', 'fsize', 'memlock', 'msgqueue', 'rss', 'stack'];
const NUMBERS = ['cpu', 'locks', 'nice', 'nofile', 'nproc', 'rtprio', 'rttime', 'sigpending'];

export const ULIMIT_NAMES: readonly string[] = [...SIZES, ...NUMBERS].sort();

/** By their names, `SOFT:HARD`, each a number or `unlimited`. */
export type Ulimits = Readonly<Record<string, string>>;

const UNLIMITED = 'unlimited';

/** A limit as a number; undefined when it is none. */
function parseBound(text: string, isSize: boolean): number | undefined {
  if (text === UNLIMITED) return Number.POSITIVE_INFINITY;
  if (isSize) return parseSize(text);
  const number = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(number) ? number : undefined;
}

/**
 * `1024`, which is both, or `1024:4096`, the soft and the hard limit, as `SOFT:HARD`; sizes with
 * units. Undefined when it is none of `name`.
 */
export function parseUlimit(name: string, text: string): string | undefined {
  if (!ULIMIT_NAMES.includes(name)) return undefined;
  const [first = '', second = first, ...more] = text.split(':');
  const bounds = [first, second].map((each) => parseBound(each, SIZES.includes(name)));
  const [soft, hard] = bounds;
  if (soft === undefined || hard === undefined || soft > hard || more.length > 0) return undefined;
  return bounds.map((each) => (each === Number.POSITIVE_INFINITY ? UNLIMITED : each)).join(':');
}
