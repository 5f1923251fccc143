/** The flags of `dagent exec`, by what they are about. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { parseSize } from '../base/size.ts';
import { DagentError } from '../protocol/errors.ts';
import { durationFlag, viaFlags } from './base.ts';
import type { ExecView } from './exec-view.ts';
import { targetFlags } from './target-flags.ts';

const sizeFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  parse(text) {
    const bytes = parseSize(text);
    if (bytes !== undefined && bytes > 0) return Promise.resolve(bytes);
    throw new DagentError('E_USAGE', { reason: `${text} is not a size: write 10000, 64k, 10Mi` });
  },
});

const OUTPUT = { helpGroup: 'OUTPUT' };

const outputFlags = {
  group: Flags.boolean({
    ...OUTPUT,
    description: 'At the end, once for all that ended alike; the odd ones last',
  }),
  diff: Flags.boolean({
    ...OUTPUT,
    description: 'Group, and show of all but the largest group what is different',
  }),
  live: Flags.boolean({ ...OUTPUT, description: 'Lines as they come, also with --group' }),
  sort: Flags.boolean({ ...OUTPUT, description: 'In the order of the targets' }),
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
    description: 'All output also into files there, with lists of who succeeded and failed',
  }),
  'max-output': sizeFlag({
    ...OUTPUT,
    description: 'Show only the beginning and the end of more than this, for each target',
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

export const execFlags = {
  timeout: durationFlag({
    char: 't',
    description: 'Kill the command where it runs after this long',
  }),
  'no-stdin': Flags.boolean({ char: 'n', description: 'Do not pass our stdin on' }),
  ...outputFlags,
  ...targetFlags,
  ...viaFlags,
};

/** Spellings of those that take the next word as their value. */
export const EXEC_VALUE_FLAGS: ReadonlySet<string> = new Set(
  Object.entries(execFlags)
    .filter(([, flag]) => flag.type === 'option')
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
