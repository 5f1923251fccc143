/** The flags of `dagent cp`. */
import type { Interfaces } from '@oclif/core';
import * as Flags from '@oclif/core/flags';
import { DagentError } from '../protocol/errors.ts';
import type { Owner } from '../protocol/file.ts';
import { EXEC_CONFIRM_COUNT } from '../protocol/limits.ts';
import { durationFlag, viaFlags } from './base.ts';
import { targetFlags } from './target-flags.ts';

const MODE_MAX = 0o7777;

const modeFlag = Flags.custom<number>({
  helpValue: 'MODE',
  parse(text) {
    const mode = /^[0-7]{1,5}$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
    if (mode <= MODE_MAX) return Promise.resolve(mode);
    throw new DagentError('E_USAGE', { reason: `${text} is not a mode in octal, such as 644` });
  },
});

const ownerFlag = Flags.custom<Owner>({
  helpValue: 'USER[:GROUP]',
  parse(text) {
    const [, user = '', group = ''] = /^([^:\s]*)(?::([^:\s]+))?$/.exec(text) ?? [];
    if (user !== '' || group !== '') {
      return Promise.resolve({
        ...(user === '' ? {} : { user }),
        ...(group === '' ? {} : { group }),
      });
    }
    throw new DagentError('E_USAGE', { reason: `${text} is not USER, USER:GROUP or :GROUP` });
  },
});

export const cpFlags = {
  recursive: Flags.boolean({ char: 'r', description: 'Directories with all that is in them' }),
  mode: modeFlag({ description: 'Mode of the files there; that of the source otherwise' }),
  owner: ownerFlag({ description: 'Owner there; that of the source where both sides are root' }),
  timeout: durationFlag({ char: 't', description: 'Give up what is not there after this long' }),
  retry: durationFlag({ description: 'How long to try again what broke off; 30s otherwise' }),
  'expect-count': Flags.integer({
    min: 1,
    helpValue: 'N',
    description: 'Begin nothing unless it is so many targets',
  }),
  yes: Flags.boolean({
    char: 'y',
    description: `Do not ask, also for more than ${EXEC_CONFIRM_COUNT} targets`,
  }),
  quiet: Flags.boolean({ char: 'q', description: 'No summary, no progress' }),
  json: Flags.boolean({ description: 'Print NDJSON: a result for each target, then a summary' }),
  ...targetFlags,
  ...viaFlags,
};

/** The values of these flags; the parser leaves out one that was not given. */
export type CpFlags = Partial<Interfaces.InferredFlags<typeof cpFlags>>;
