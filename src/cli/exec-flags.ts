/** The flags of `dagent exec`, by what they are about. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { EXIT_MODES } from '../client/exec-status.ts';
import { DagentError } from '../protocol/errors.ts';
import { EXEC_CONFIRM_COUNT } from '../protocol/limits.ts';
import { durationFlag, viaFlags } from './base.ts';
import { COMMAND, commandFlags, terminalFlag } from './exec-command-flags.ts';
import type { Amount, Pace } from './exec-schedule.ts';
import { STDIN_MODES, type StdinMode } from './exec-stdin.ts';
import type { ExecView } from './exec-view.ts';
import { jobFlags } from './job-flags.ts';
import { sizeFlag } from './size-flag.ts';
import { targetFlags } from './target-flags.ts';

const countFlag = Flags.custom<number>({
  helpValue: 'N',
  parse(text) {
    const count = Number(text);
    if (/^\d{1,9}$/.test(text) && count > 0) return Promise.resolve(count);
    throw new DagentError('E_USAGE', { reason: `${text} is not a number of targets, 1 or more` });
  },
});

/** A number of targets, or a part of them; `min` is the least of it. */
const amountFlag = (min: 0 | 1) =>
  Flags.custom<Amount>({
    helpValue: 'N|N%',
    parse(text) {
      const [, digits, percent] = /^(\d{1,9})(%?)$/.exec(text) ?? [];
      const count = Number(digits);
      if (count >= min) return Promise.resolve({ count, isPercent: percent === '%' });
      const bound = min === 0 ? '' : `, ${min} or more`;
      const reason = `${text} is not a number of targets or a part of them${bound}: 5, 10%`;
      throw new DagentError('E_USAGE', { reason });
    },
  });

const TIME = { helpGroup: 'TIME' };

const timeFlags = {
  timeout: durationFlag({
    ...TIME,
    char: 't',
    description: 'End the command where it runs after this long',
  }),
  overall: durationFlag({
    ...TIME,
    description: 'End it everywhere this long after the run began',
  }),
  'connect-timeout': durationFlag({
    ...TIME,
    description: 'How long a node may take to say that it has the command; 5s otherwise',
  }),
  grace: durationFlag({
    ...TIME,
    description: 'Between TERM and KILL for what must end; 5s otherwise',
  }),
};

const FANOUT = { helpGroup: 'FAN-OUT' };

const fanoutFlags = {
  batch: amountFlag(1)({
    ...FANOUT,
    description: 'So many at a time, the next when all have ended',
  }),
  pause: durationFlag({
    ...FANOUT,
    description: 'Time between two batches, also behind the canary',
  }),
  canary: countFlag({ ...FANOUT, description: 'So many first; the others if none of them failed' }),
  'max-fail': amountFlag(0)({
    ...FANOUT,
    description: 'So many may fail; with one more, the rest is skipped',
  }),
  fanout: countFlag({ ...FANOUT, description: 'At most so many at a time' }),
  splay: durationFlag({ ...FANOUT, description: 'Each waits for a random part of this' }),
  'expect-count': countFlag({
    ...FANOUT,
    description: 'Start nothing unless it is so many targets',
  }),
  pick: countFlag({
    ...FANOUT,
    exclusive: ['dry-run', 'async'],
    description: 'On so many of them that have a free place in the hub, which is held meanwhile',
  }),
  yes: Flags.boolean({
    ...FANOUT,
    char: 'y',
    description: `Do not ask, also for more than ${EXEC_CONFIRM_COUNT} targets`,
  }),
};

const OUTPUT = { helpGroup: 'OUTPUT' };

/** How what commands write is shown. */
export const outputFlags = {
  group: Flags.boolean({
    ...OUTPUT,
    description: 'At the end, once for all that ended alike; the odd ones last',
  }),
  diff: Flags.boolean({
    ...OUTPUT,
    description: 'Group, and show of all but the largest group what is different',
  }),
  live: Flags.boolean({ ...OUTPUT, description: 'Lines as they come, also with --group' }),
  sort: Flags.boolean({
    ...OUTPUT,
    description: 'Target by target, in their order, each when it has ended',
  }),
  'no-empty': Flags.boolean({
    ...OUTPUT,
    description: 'Leave out who writes nothing (--group, --sort, --log-dir)',
  }),
  'mask-host': Flags.boolean({
    ...OUTPUT,
    description: 'Own names and addresses of hosts become {host} (--group, --sort)',
  }),
  'log-dir': Flags.string({
    ...OUTPUT,
    helpValue: 'DIR',
    description:
      'All output also into files there, with lists of who succeeded and failed; ' +
      'what others than these targets have there stays, and is told',
  }),
  'max-output': sizeFlag({
    ...OUTPUT,
    description: 'Of more than this only the first and the last lines, cut where it runs',
  }),
  quiet: Flags.boolean({ ...OUTPUT, char: 'q', description: 'No summary, no progress' }),
  raw: Flags.boolean({
    ...OUTPUT,
    description: 'Do not escape control characters on a terminal',
  }),
  json: Flags.boolean({
    ...OUTPUT,
    description: 'Print NDJSON: start, out, err, omitted, result, group, summary',
  }),
};

/** All that a plan holds: with --plan none of it can be said anew. */
const PLANNED = { ...commandFlags, ...timeFlags, ...fanoutFlags, ...targetFlags };

export const execFlags = {
  ...PLANNED,
  'dry-run': Flags.boolean({
    ...FANOUT,
    description:
      'Start nothing: tell the targets, the ways there, what would run, and an id for it',
  }),
  plan: Flags.string({
    ...FANOUT,
    helpValue: 'ID',
    description: 'Run exactly what a --dry-run told',
  }),
  stdin: Flags.option({
    ...COMMAND,
    options: STDIN_MODES,
    description: 'Who gets our stdin: all, a line each in turn, ...; none of a terminal',
  })(),
  'no-stdin': Flags.boolean({ ...COMMAND, char: 'n', description: 'The same as --stdin=none' }),
  exit: Flags.option({
    options: EXIT_MODES,
    description: 'How the verdicts become our exit status: see dagent help exit-codes',
  })(),
  ...terminalFlag,
  ...jobFlags,
  ...outputFlags,
  ...viaFlags,
};

/** Spellings of those that take the next word as their value. That of --shell stands behind a =. */
export const EXEC_VALUE_FLAGS: ReadonlySet<string> = new Set(
  Object.entries(execFlags)
    .filter(([name, flag]) => flag.type === 'option' && name !== 'shell')
    .flatMap(([name, flag]) => [`--${name}`, ...('char' in flag ? [`-${flag.char}`] : [])]),
);

/** The values of these flags. */
export type ExecFlags = Interfaces.InferredFlags<typeof execFlags>;

/** How output is to be shown. The parser leaves out a flag that was not given. */
export function readView(flags: Partial<ExecFlags>): ExecView {
  return {
    isRaw: flags.raw === true,
    isJson: flags.json === true,
    isQuiet: flags.quiet === true,
    isLive: flags.live === true,
    isGrouped: flags.group === true || flags.diff === true,
    isDiff: flags.diff === true,
    isSorted: flags.sort === true,
    hidesEmpty: flags['no-empty'] === true,
    masksHost: flags['mask-host'] === true,
    logDir: flags['log-dir'],
    outputBytesMax: flags['max-output'],
  };
}

/** How many are started when. Throws E_USAGE. */
export function readPace(flags: Partial<ExecFlags>): Pace {
  if (flags.pause !== undefined && flags.batch === undefined && flags.canary === undefined) {
    const reason = '--pause is between batches: say how large they are with --batch, or --canary';
    throw new DagentError('E_USAGE', { reason });
  }
  return {
    batch: flags.batch,
    pauseMs: flags.pause,
    canary: flags.canary,
    maxFail: flags['max-fail'],
    splayMs: flags.splay,
    fanout: flags.fanout,
  };
}

/** Who gets stdin, which is a terminal or is not, and may have been read for its targets. */
export function readStdinMode(flags: Partial<ExecFlags>, isUsed: boolean): StdinMode {
  if (isUsed || flags['no-stdin'] === true) return 'none';
  return flags.stdin ?? 'broadcast';
}

/** The first flag that says what the plan says; undefined when there is none. */
export function findPlanned(flags: Partial<ExecFlags>): string | undefined {
  return Object.keys(PLANNED).find((name) => flags[name as keyof typeof PLANNED] !== undefined);
}
