/** From the words and the flags of `dagent exec`, or from a plan, to what is to be run. */
import { DagentError } from '../protocol/errors.ts';
import { formatAgain, hasFileFlag } from './exec-args.ts';
import { readCommand } from './exec-command.ts';
import { type ExecFlags, findPlanned, readPace, readStdinMode, readView } from './exec-flags.ts';
import { recallPlan, unpackPlan } from './exec-plan.ts';
import type { ExecRun } from './exec-request.ts';
import { readJobWish } from './job-flags.ts';
import { isStdinIdle } from './stdin.ts';
import { readTargets } from './target-flags.ts';

/** A command line, cut where the command begins. */
export interface Typed {
  /** Our flags as they were typed, and perhaps the TARGET. */
  readonly ours: readonly string[];
  /** The words among them. */
  readonly before: readonly string[];
  /** What stands behind. */
  readonly rest: readonly string[];
}

/** What is the same whether it is typed or planned. */
function readShown(flags: Partial<ExecFlags>, isStdinTaken: boolean) {
  const job = readJobWish(flags);
  // A job has none.
  const hasNone = isStdinTaken || job !== undefined || isStdinIdle();
  return {
    job,
    stdin: readStdinMode(flags, hasNone),
    isTerminal: flags.tty === true,
    exit: flags.exit ?? 'auto',
    view: readView(flags),
    home: flags.home,
  } as const;
}

function readPlanned(id: string, typed: Typed, flags: Partial<ExecFlags>): ExecRun {
  const flag = findPlanned(flags);
  if (flag !== undefined || typed.before.length + typed.rest.length > 0) {
    const what = flag === undefined ? 'a TARGET and a COMMAND' : `--${flag}`;
    throw new DagentError('E_USAGE', { reason: `the plan says it all: leave out ${what}` });
  }
  // Who has looked at it means it.
  const guard = { expectCount: undefined, isSure: true };
  const planned = unpackPlan(recallPlan(flags.home, id));
  return { ...planned, guard, pick: undefined, ...readShown(flags, false) };
}

/** Who leaves out one of the two, or forgets that a flag takes the next word, sees which it is. */
function tellMissing(hasTarget: boolean, target: string | undefined): never {
  const usage = 'dagent exec TARGET [FLAG...] COMMAND [ARGUMENT...]';
  const fault =
    target === undefined
      ? 'there is no COMMAND'
      : `${target} is the TARGET, and the COMMAND is missing`;
  const isNothing = !hasTarget && target === undefined;
  const reason = isNothing ? 'TARGET and COMMAND are missing' : fault;
  throw new DagentError('E_USAGE', { reason: `${reason}: ${usage}` });
}

/** What is to be run. Throws E_USAGE, E_PLAN_UNKNOWN, and what stands in the way of the targets. */
export async function readRun(typed: Typed, flags: Partial<ExecFlags>): Promise<ExecRun> {
  if (flags.plan !== undefined) return readPlanned(flags.plan, typed, flags);
  const { ours, before, rest } = typed;
  const hasTarget = before.length > 0 || hasFileFlag(ours);
  const words = rest.slice(hasTarget ? 0 : 1);
  if (words.length === 0 && flags.script === undefined) {
    tellMissing(hasTarget, hasTarget ? before[0] : rest[0]);
  }
  const command = readCommand(words, flags, process.env);
  const targets = await readTargets(hasTarget ? before : rest.slice(0, 1), flags);
  const { pick } = flags;
  return {
    targets: {
      ...targets,
      isSingle: targets.isSingle && pick === undefined,
      askMs: flags['connect-timeout'],
    },
    pick,
    command,
    pace: readPace(flags),
    guard: { expectCount: flags['expect-count'], isSure: flags.yes === true },
    connectMs: flags['connect-timeout'],
    overallMs: flags.overall,
    scriptPath: flags.script,
    again: formatAgain(ours, words),
    ...readShown(flags, targets.hasReadStdin),
  };
}
