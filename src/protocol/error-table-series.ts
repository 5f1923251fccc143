/** The part of the registry of errors that is about what programs report. See error-table.ts. */
import type { ErrorEntry } from './error-table-nodes.ts';

export const SERIES_ERRORS = {
  // Reports.
  E_REPORT_KIND: {
    message: '{name} is a {known}, and was reported as a {given}',
    hint: 'report it as it is known, or under another name; see: dagent metrics --name {name}',
    exit: 1,
  },
  E_REPORT_FULL: {
    message: '{name} is not kept: there are {max} series with other names',
    hint: 'see them: dagent metrics; an id or a path does not belong in a name',
    exit: 1,
  },
} as const satisfies Record<string, ErrorEntry>;
