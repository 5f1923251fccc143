/**
 * Questions about a host in the words of BasicAgent: `getinfo.users` with arguments such as
 * `-U root`, and the two shapes of its answers.
 */
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import {
  FACT_CLASSES,
  type FactClass,
  parseFactClass,
  type WhichUsers,
} from '../protocol/facts.ts';

/** A question: the class of facts, and of accounts which. */
export interface Question {
  readonly factClass: FactClass;
  readonly users: WhichUsers;
}

export type Answer =
  | {
      readonly resp: 'success';
      readonly retcode: 0;
      readonly message: string;
      readonly data: unknown;
    }
  | { readonly resp: 'failed'; readonly retcode: number; readonly message: string };

const PREFIX = 'getinfo.';
const GROUPS: Readonly<Record<string, WhichUsers>> = {
  '-A': 'all',
  '-u': 'normal',
  '-S': 'system',
};

/** The one code that BasicAgent itself has a number for; ours follow it. */
const INVALID_PARAMS = 3021;
const RETCODES: Partial<Record<ErrorCode, number>> = {
  E_ARGUMENT_INVALID: INVALID_PARAMS,
  E_USAGE: INVALID_PARAMS,
  E_ACCOUNT_UNKNOWN: 3022,
  E_PROBE_TIMEOUT: 3023,
  E_PROBE_FAILED: 3024,
  E_TOO_LARGE: 3025,
};
const OTHER = 3000;

function invalid(command: string, reason: string): DagentError {
  return new DagentError('E_ARGUMENT_INVALID', { method: command, reason });
}

function parseUsers(command: string, args: string): WhichUsers {
  const words = args.split(/\s+/).filter((word) => word !== '');
  const [option = '-A', ...rest] = words;
  const group = Object.hasOwn(GROUPS, option) ? GROUPS[option] : undefined;
  if (group !== undefined && rest.length === 0) return group;
  // As with getopt(3), the name may stand in the same word.
  const [, attached = ''] = /^-U(.*)$/.exec(option) ?? [];
  const names = attached === '' ? rest : [attached, ...rest];
  const [name] = names;
  if (option.startsWith('-U') && name !== undefined && names.length === 1) return { name };
  throw invalid(command, `the arguments are -U NAME, -A, -u or -S, not ${JSON.stringify(args)}`);
}

/** The question that a command and its arguments ask. Throws E_ARGUMENT_INVALID. */
export function parseQuestion(command: string, args: string): Question {
  const word = command.startsWith(PREFIX) ? command.slice(PREFIX.length) : '';
  const factClass = parseFactClass(word);
  if (factClass === undefined) {
    const known = FACT_CLASSES.map((each) => PREFIX + each).join(', ');
    throw invalid(command, `there is no such command; there are ${known}`);
  }
  if (factClass === 'users') return { factClass, users: parseUsers(command, args) };
  if (args.trim() === '') return { factClass, users: 'all' };
  throw invalid(command, `it takes no arguments, and was given ${JSON.stringify(args)}`);
}

/** The answer that tells facts. */
export function toSuccess(data: unknown): Answer {
  return { resp: 'success', retcode: 0, message: 'Normal termination', data };
}

/** The answer that tells an error. */
export function toFailure({ code, message }: { code: ErrorCode; message: string }): Answer {
  const retcode = RETCODES[code] ?? OTHER;
  return {
    resp: 'failed',
    retcode,
    message: retcode === INVALID_PARAMS ? 'Invalid params' : message,
  };
}
