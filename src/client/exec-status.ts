/** Exit status of `dagent exec` from its verdicts: a table that scripts can branch on. */
import { constants } from 'node:os';
import type { ExecResult, Verdict } from '../protocol/exec.ts';

/** Exit statuses of a command that worked on targets; the higher row wins when several apply. */
export const EXIT = {
  DENIED: 4,
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
};

const PRECEDENCE = [EXIT.CANCELLED, EXIT.DENIED, EXIT.TIMEOUT, EXIT.UNREACHED, EXIT.FAILED];

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
      return STATUS_OF[result.verdict];
  }
}

/** Several targets: 0 only when all are ok. */
export function statusOfMany(results: readonly ExecResult[]): number {
  const statuses = new Set(results.map((result) => STATUS_OF[result.verdict]));
  return PRECEDENCE.find((status) => statuses.has(status)) ?? EXIT.OK;
}
