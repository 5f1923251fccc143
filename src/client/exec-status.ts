/** Exit status of `dagent exec` from its verdicts: a table that scripts can branch on. */
import { constants } from 'node:os';
import type { ExecResult, Verdict } from '../protocol/exec.ts';

/** Exit statuses of a command that worked on targets; the higher row wins when several apply. */
export const EXIT = {
  DENIED: 4,
  SKIPPED: 7,
  TIMEOUT: 124,
  CANCELLED: 130,
  UNREACHED: 5,
  FAILED: 1,
  OK: 0,
} as const;

const TRANSPORT_FAILURE = 255;

const STATUS_OF: Readonly<Record<Verdict, number>> = {
  ok: EXIT.OK,
  failed: EXIT.FAILED,
  signaled: EXIT.FAILED,
  timeout: EXIT.TIMEOUT,
  cancelled: EXIT.CANCELLED,
  'not-started': EXIT.FAILED,
  unreachable: EXIT.UNREACHED,
  'no-reply': EXIT.UNREACHED,
  denied: EXIT.DENIED,
  lost: EXIT.UNREACHED,
  skipped: EXIT.SKIPPED,
};

const PRECEDENCE = [
  EXIT.CANCELLED,
  EXIT.DENIED,
  EXIT.SKIPPED,
  EXIT.TIMEOUT,
  EXIT.UNREACHED,
  EXIT.FAILED,
];

function signalStatus(signal: string | undefined): number {
  const number = (constants.signals as Record<string, number>)[signal ?? ''];
  return 128 + (number ?? 0);
}

/** As ssh: one literally named target passes its own status through. */
export function statusOfOne(result: ExecResult): number {
  switch (result.verdict) {
    case 'ok':
    case 'failed':
    case 'not-started':
      return result.code ?? EXIT.FAILED;
    case 'signaled':
      return signalStatus(result.signal);
    case 'unreachable':
    case 'no-reply':
    case 'lost':
      return TRANSPORT_FAILURE;
    case 'timeout':
    case 'cancelled':
    case 'denied':
    case 'skipped':
      return STATUS_OF[result.verdict];
  }
}

/** Several targets: 0 only when all are ok. */
export function statusOfMany(results: readonly ExecResult[]): number {
  const statuses = new Set(results.map((result) => STATUS_OF[result.verdict]));
  return PRECEDENCE.find((status) => statuses.has(status)) ?? EXIT.OK;
}

/** How verdicts become an exit status: `--exit`. */
export const EXIT_MODES = ['auto', 'reached', 'max', 'any', 'passthrough', 'zero'] as const;
export type ExitMode = (typeof EXIT_MODES)[number];

/** The one status that all have; undefined when they differ. */
function commonStatus(results: readonly ExecResult[]): number | undefined {
  const statuses = new Set(results.map(statusOfOne));
  const [first] = statuses;
  return statuses.size === 1 ? first : undefined;
}

/**
 * The exit status of a run. `auto`: that of one target that is named in full, by the table for
 * several. `reached`: the same, of those that were reached, if any was. `max`: the highest that one
 * of them would have alone. `any`: 1 when one is not ok. `passthrough`: what all of them would have
 * alone, by the table where they differ. `zero`: 0.
 */
export function statusOfRun(
  results: readonly ExecResult[],
  isSingle: boolean,
  mode: ExitMode,
): number {
  const [only] = results;
  switch (mode) {
    case 'auto':
      return isSingle && only !== undefined ? statusOfOne(only) : statusOfMany(results);
    case 'reached': {
      const reached = results.filter(({ verdict }) => STATUS_OF[verdict] !== EXIT.UNREACHED);
      return statusOfRun(reached.length === 0 ? results : reached, isSingle, 'auto');
    }
    case 'max':
      return results.reduce(
        (most, result) => Math.max(most, statusOfOne(result)),
        EXIT.OK as number,
      );
    case 'any':
      return results.some(({ verdict }) => verdict !== 'ok') ? EXIT.FAILED : EXIT.OK;
    case 'passthrough':
      return commonStatus(results) ?? statusOfMany(results);
    case 'zero':
      return EXIT.OK;
  }
}
