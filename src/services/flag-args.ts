/** Arguments of the methods about flags, as they came: anything. */
import { parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  FLAG_PRIORITIES,
  type FlagKey,
  type FlagPriority,
  isFlagMessage,
  isFlagPriority,
  isFlagTags,
  isFlagWord,
  isOwnFlag,
} from '../protocol/flag.ts';
import { FLAG_MESSAGE_BYTES_MAX, FLAG_TAGS_MAX } from '../protocol/limits.ts';
import type { FlagInput, FlagWish } from './flag-state.ts';

type Fields = Readonly<Record<string, unknown>>;

function fail(method: string, reason: string): never {
  throw new DagentError('E_ARGUMENT_INVALID', { method: `flag.${method}`, reason });
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function readKey(args: readonly unknown[], method: string): FlagKey {
  const [service, section, flag] = args;
  if (isFlagWord(service) && isFlagWord(section) && isFlagWord(flag)) {
    return { service, section, flag };
  }
  return fail(method, 'a flag is named by three words: SERVICE, SECTION, FLAG, each like a name');
}

function readPriority(value: unknown, method: string): FlagPriority | undefined {
  if (isAbsent(value)) return undefined;
  if (isFlagPriority(value)) return value;
  return fail(method, `a priority is one of ${FLAG_PRIORITIES.join(', ')}`);
}

function readWish(value: unknown): FlagWish {
  const { priority, tags, message, isManual } = (value ?? {}) as Fields;
  if (!isAbsent(tags) && !isFlagTags(tags)) {
    fail('raise', `tags are a list of ${FLAG_TAGS_MAX} words at most, each like a name`);
  }
  if (!isAbsent(message) && !isFlagMessage(message)) {
    fail('raise', `a message is a text of ${FLAG_MESSAGE_BYTES_MAX} bytes at most`);
  }
  return {
    priority: readPriority(priority, 'raise'),
    tags: isAbsent(tags) ? undefined : tags,
    message: isAbsent(message) ? undefined : message,
    isManual: isManual === true,
  };
}

/** What `flag.raise` asks for. Throws E_ARGUMENT_INVALID. */
export function readRaise(args: readonly unknown[], from: string): FlagInput {
  const key = readKey(args, 'raise');
  if (isOwnFlag(key)) fail('raise', 'the flags of dagent are raised by the daemon itself');
  const by = parseAddress(from);
  if (by === undefined || by.node === '') fail('raise', 'nobody can tell who raises it');
  return { kind: 'raise', key, wish: readWish(args[3]), by: from };
}

/** What `flag.lower` asks for. Throws E_ARGUMENT_INVALID. */
export function readLower(args: readonly unknown[]): FlagInput {
  const { isByHand } = (args[3] ?? {}) as Fields;
  return { kind: 'lower', key: readKey(args, 'lower'), isByHand: isByHand === true };
}

/** Which flags are wanted: of that priority or more, with that tag. Throws E_ARGUMENT_INVALID. */
export function readFlagFilter(value: unknown): {
  readonly priority: FlagPriority;
  readonly tag: string | undefined;
} {
  const { priority, tag } = (value ?? {}) as Fields;
  if (!isAbsent(tag) && !isFlagWord(tag)) fail('list', 'a tag is a word like a name');
  return {
    priority: readPriority(priority, 'list') ?? 'info',
    tag: isAbsent(tag) ? undefined : tag,
  };
}
