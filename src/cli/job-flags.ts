/** The flags of `dagent exec` that make jobs of its commands. */
import * as Flags from '@oclif/core/flags';
import { formatBytes } from '../base/size.ts';
import { DagentError } from '../protocol/errors.ts';
import { JOB_SPOOL_BYTES_MAX, JOB_SPOOL_BYTES_MIN } from '../protocol/limits.ts';
import { sizeFlag } from './size-flag.ts';

const SPOOL_BOUNDS = `${formatBytes(JOB_SPOOL_BYTES_MIN)} to ${formatBytes(JOB_SPOOL_BYTES_MAX)}`;
const JOB = { helpGroup: 'JOB' };
/** How output is shown: of a job that is left to itself there is none. */
const OUTPUT = [
  ...['group', 'diff', 'sort', 'live', 'no-empty', 'raw'],
  ...['log-dir', 'max-output', 'mask-host'],
];

export const jobFlags = {
  async: Flags.boolean({
    ...JOB,
    exclusive: [...OUTPUT],
    description: 'Print the id of the job and end; see dagent job',
  }),
  key: Flags.string({
    ...JOB,
    helpValue: 'KEY',
    description: 'With --async: the same key never runs twice; again it is the same job',
  }),
  'on-disconnect': Flags.option({
    ...JOB,
    options: ['kill', 'keep'] as const,
    description: 'When we are gone it is ended (kill, the default), or goes on as a job (keep)',
  })(),
  spool: sizeFlag({
    ...JOB,
    description: `So much of each stream of a job is kept there: ${SPOOL_BOUNDS}; 16 MiB otherwise`,
  }),
};

/** How commands run as jobs. */
export interface JobWish {
  /** We end when they have begun. */
  readonly isAsync: boolean;
  readonly key: string | undefined;
  readonly spoolBytes: number | undefined;
  /** Whether it was said that our stdin is not to be read. */
  readonly isStdinRefused: boolean;
}

interface Values {
  readonly async?: boolean | undefined;
  readonly key?: string | undefined;
  readonly 'on-disconnect'?: 'kill' | 'keep' | undefined;
  readonly spool?: number | undefined;
  readonly stdin?: string | undefined;
  readonly 'no-stdin'?: boolean | undefined;
}

function usage(reason: string): never {
  throw new DagentError('E_USAGE', { reason });
}

/** What the flags say of jobs; undefined when it is none. Throws E_USAGE. */
export function readJobWish(flags: Values): JobWish | undefined {
  const { key, spool } = flags;
  const isAsync = flags.async === true;
  if (isAsync && flags['on-disconnect'] === 'kill') {
    return usage('--async leaves at once: --on-disconnect=kill would end it at once');
  }
  if (key !== undefined && !isAsync) return usage('--key is for --async');
  if (!isAsync && flags['on-disconnect'] !== 'keep') {
    return spool === undefined
      ? undefined
      : usage('--spool is for --async and --on-disconnect=keep');
  }
  if (spool !== undefined && (spool < JOB_SPOOL_BYTES_MIN || spool > JOB_SPOOL_BYTES_MAX)) {
    return usage(`--spool is ${SPOOL_BOUNDS}, not ${formatBytes(spool)}`);
  }
  if (flags.stdin !== undefined && flags.stdin !== 'none') {
    return usage('a job has no stdin: send a --script, or give it a file');
  }
  const isStdinRefused = flags.stdin === 'none' || flags['no-stdin'] === true;
  return { isAsync, key, spoolBytes: spool, isStdinRefused };
}
