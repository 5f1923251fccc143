/** A flag that takes a size, in bytes. */
import * as Flags from '@oclif/core/flags';
import { parseSize } from '../base/size.ts';
import { DagentError } from '../protocol/errors.ts';

export const sizeFlag = Flags.custom<number>({
  helpValue: 'SIZE',
  parse(text) {
    const bytes = parseSize(text);
    if (bytes !== undefined && bytes > 0) return Promise.resolve(bytes);
    throw new DagentError('E_USAGE', { reason: `${text} is not a size: write 10000, 64k, 10Mi` });
  },
});
