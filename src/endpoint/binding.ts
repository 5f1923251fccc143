/**
 * Arguments, given by position and by name, brought into the order in which a method takes them.
 * What it takes is a list of names: `words`, `times?` (may be left out), `...rest` (all that
 * follow, as a list).
 */
import type { Arguments, Named } from '../protocol/call.ts';
import { DagentError } from '../protocol/errors.ts';

interface Parameter {
  readonly name: string;
  readonly isOptional: boolean;
  readonly isRest: boolean;
}

function parseParameter(text: string): Parameter {
  const isRest = text.startsWith('...');
  const isOptional = isRest || text.endsWith('?');
  return { name: text.replace(/^\.\.\.|\?$/g, ''), isOptional, isRest };
}

function fail(method: string, reason: string): never {
  throw new DagentError('E_ARGUMENT_INVALID', { method, reason });
}

/** Puts named arguments to their places. */
function placeNamed(
  method: string,
  parameters: readonly Parameter[],
  bound: unknown[],
  kws: Named,
): void {
  const count = bound.length;
  for (const [name, value] of Object.entries(kws)) {
    const at = parameters.findIndex((each) => each.name === name && !each.isRest);
    if (at < 0) fail(method, `it takes no argument ${name}`);
    if (at < count) fail(method, `the argument ${name} is given twice`);
    bound[at] = value;
  }
}

/**
 * The arguments for `method`, one for each of `names`; undefined for what is left out. Throws
 * E_ARGUMENT_INVALID when one is missing, unknown, given twice, or too many.
 */
export function bindArguments(
  method: string,
  names: readonly string[],
  given: Arguments,
): unknown[] {
  const parameters = names.map(parseParameter);
  const rest = parameters.at(-1)?.isRest === true ? parameters.length - 1 : undefined;
  const { args, kws } = given;
  if (rest === undefined && args.length > parameters.length) {
    fail(method, `it takes ${parameters.length} arguments, not ${args.length}`);
  }
  const bound = args.slice(0, rest);
  placeNamed(method, parameters, bound, kws);
  for (const [at, { name, isOptional }] of parameters.entries()) {
    if (!isOptional && bound[at] === undefined) fail(method, `the argument ${name} is missing`);
  }
  bound.length = parameters.length;
  if (rest !== undefined) bound[rest] = args.slice(rest);
  return bound;
}

/** The same for a method that sorts out itself what it is given: names only find their places. */
export function fillByName(method: string, names: readonly string[], given: Arguments): unknown[] {
  const bound = [...given.args];
  placeNamed(method, names.map(parseParameter), bound, given.kws);
  return bound;
}
