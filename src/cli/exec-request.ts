/** What a run of `dagent exec` is asked for with. */
import type { ExitMode } from '../client/exec-status.ts';
import { EXEC_CONNECT_MS, EXEC_CONNECT_MS_EACH } from '../protocol/limits.ts';
import type { CommandSpec } from './exec-command.ts';
import type { Guard } from './exec-guard.ts';
import type { Pace } from './exec-schedule.ts';
import type { StdinMode } from './exec-stdin.ts';
import type { ExecView } from './exec-view.ts';
import type { JobWish } from './job-flags.ts';
import type { Wanted } from './target-flags.ts';

export interface ExecRun {
  readonly targets: Wanted;
  readonly command: CommandSpec;
  readonly pace: Pace;
  readonly guard: Guard;
  /** Only so many of the targets, those that have a free place in the hub. */
  readonly pick: number | undefined;
  readonly connectMs: number | undefined;
  readonly overallMs: number | undefined;
  readonly stdin: StdinMode;
  /** Whether our terminal is that of the command. */
  readonly isTerminal: boolean;
  readonly exit: ExitMode;
  readonly view: ExecView;
  /** How it runs apart from us; undefined: it does not. */
  readonly job: JobWish | undefined;
  /** Directory of the installation, as it was given. */
  readonly home: string | undefined;
  /** File of the script that is sent along, as it was named; for people. */
  readonly scriptPath: string | undefined;
  /** The line that runs it once more where it failed. */
  readonly again: string;
}

/** How long a node may take to say that it has the command; a job may take as long as it likes. */
export function chooseConnectMs(
  { connectMs, job }: Pick<ExecRun, 'connectMs' | 'job'>,
  count: number,
): number | undefined {
  if (connectMs !== undefined || job !== undefined) return connectMs;
  return EXEC_CONNECT_MS + count * EXEC_CONNECT_MS_EACH;
}
