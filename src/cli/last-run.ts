/**
 * What `@last` means: the targets of the last run over several nodes, by how it ended for them.
 * Kept in the home, one for all commands.
 */
import { type Home, memoryPathOf, readJson, resolveHome, writeMemory } from '../adapters/home.ts';
import { DagentError } from '../protocol/errors.ts';
import { VERDICTS, type Verdict } from '../protocol/exec.ts';
import { LAST_RUN_BYTES_MAX } from '../protocol/limits.ts';
import { foldNames } from '../protocol/node-set.ts';
import { expandNames } from '../protocol/selector-parser.ts';

const MEMORY = 'last-run';

/** What became of one target. */
export interface TargetVerdict {
  readonly target: string;
  readonly verdict: Verdict;
}

/** Names in their short form, by verdict. */
type Ends = Readonly<Partial<Record<Verdict, string>>>;

/** What is kept of a run; undefined when it is more than is kept. */
export function packRun(results: readonly TargetVerdict[]): { readonly ends: Ends } | undefined {
  const groups = Map.groupBy(results, ({ verdict }) => verdict);
  const ends = Object.fromEntries(
    [...groups].map(([verdict, each]) => [verdict, foldNames(each.map(({ target }) => target))]),
  );
  return JSON.stringify(ends).length <= LAST_RUN_BYTES_MAX ? { ends } : undefined;
}

/**
 * Remembers how a run over several nodes ended. A home that cannot be written in is one without a
 * memory: what was run is done all the same, and @last says that it knows of none.
 */
export function rememberRun(home: string | undefined, results: readonly TargetVerdict[]): void {
  try {
    writeMemory(resolveHome(home, process.env), MEMORY, packRun(results));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
  }
}

function readEnds(home: Home): Ends {
  const path = memoryPathOf(home, MEMORY);
  const { ends } = (readJson(path) ?? {}) as { ends?: unknown };
  if (typeof ends === 'object' && ends !== null) return ends as Ends;
  throw new DagentError('E_NO_LAST_RUN', { home: home.label });
}

/**
 * The targets of the last run that ended with `verdict`; `failed` are all that are not ok, '' are
 * all. Throws E_NO_LAST_RUN, E_STATE_BROKEN, E_SELECTOR.
 */
export function recallRun(homeFlag: string | undefined, verdict: string): string[] {
  const ends = readEnds(resolveHome(homeFlag, process.env));
  const isWanted = (each: Verdict): boolean =>
    verdict === '' || (verdict === 'failed' ? each !== 'ok' : each === verdict);
  return VERDICTS.filter(isWanted).flatMap((each) => {
    const names = Object.hasOwn(ends, each) ? ends[each] : undefined;
    return typeof names === 'string' ? expandNames(names) : [];
  });
}
