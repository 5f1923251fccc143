/** What a command line says of a call: whom, what, and with which arguments. */
import type { CallRequest } from '../client/call-options.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { parseParams } from './params.ts';
import type { TargetFlags } from './target-flags.ts';

/** A value is JSON when it reads as such (numbers, true, lists, maps), and text otherwise. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The flags that a call is made of. */
export interface CallFlags {
  readonly kw?: readonly string[] | undefined;
  readonly new?: readonly string[] | undefined;
  readonly 'new-kw'?: readonly string[] | undefined;
  readonly version?: string | undefined;
  readonly data?: string | undefined;
  readonly timeout?: number | undefined;
}

function parseNamed(words: readonly string[] | undefined): Record<string, unknown> | undefined {
  if (words === undefined) return undefined;
  const entries = Object.entries(parseParams(words));
  return Object.fromEntries(entries.map(([name, text]) => [name, parseValue(text)]));
}

/** What goes along with a call. Throws E_USAGE. */
export function readRequest(flags: CallFlags): CallRequest {
  return {
    kws: parseNamed(flags.kw),
    cntr: flags.new?.map(parseValue),
    cntrKws: parseNamed(flags['new-kw']),
    version: flags.version,
    data: flags.data === undefined ? undefined : parseValue(flags.data),
    timeoutMs: flags.timeout,
  };
}

/**
 * The selector and the service of an address that means several nodes: the service stands behind
 * the last colon. Undefined when it is one address.
 */
export function splitMany(
  address: string,
  flags: TargetFlags,
): { readonly words: string[]; readonly service: string } | undefined {
  const colon = address.lastIndexOf(':');
  const node = address.slice(0, Math.max(0, colon));
  const isOne = colon < 0 || isNodeName(node);
  const { file, exclude, limit, where } = flags;
  const hasFlags = [file, exclude, limit, where].some((each) => each !== undefined);
  if (isOne && !hasFlags) return undefined;
  return { words: node === '' ? [] : [node], service: address.slice(colon + 1) };
}

/** An id of a call, which may look like a number. */
const SN = /^[0-9a-f]{16}$/;

/** The words of the command line behind its name. Throws E_USAGE when there are too few. */
export function readWords(words: readonly string[]): {
  readonly address: string;
  readonly method: string;
  readonly args: readonly unknown[];
} {
  const [address, method, ...rest] = words;
  if (address !== undefined && method !== undefined) {
    const isAdmin = method.startsWith('admin.');
    const parse = (text: string): unknown => (isAdmin && SN.test(text) ? text : parseValue(text));
    return { address, method, args: rest.map(parse) };
  }
  const missing = address === undefined ? 'ADDRESS and METHOD' : 'METHOD';
  const reason = `${missing} missing; what there is to call: dagent call ADDRESS --help`;
  throw new DagentError('E_USAGE', { reason });
}
