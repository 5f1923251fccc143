/** What a caller asks `exec.run` for, checked. */
import { DagentError } from '../protocol/errors.ts';
import {
  type ExecSpec,
  isDeniedVariable,
  isTextList,
  isVariableName,
  parseTerminal,
  type Terminal,
} from '../protocol/exec.ts';
import {
  EXEC_ARGV_BYTES_MAX,
  EXEC_ENV_BYTES_MAX,
  EXEC_KEPT_BYTES_MAX,
  EXEC_SCRIPT_BYTES_MAX,
} from '../protocol/limits.ts';
import { parseUlimit, type Ulimits } from '../protocol/ulimit.ts';

type Values = Readonly<Record<keyof ExecSpec, unknown>>;

function fail(reason: string): never {
  throw new DagentError('E_ARGUMENT_INVALID', { method: 'exec.run', reason });
}

function readArgv({ argv, script }: Values): readonly string[] {
  if (!isTextList(argv)) return fail('argv is empty');
  if (script === undefined && (argv.length === 0 || argv[0] === '')) return fail('argv is empty');
  if (argv.some((each) => each.includes('\0'))) return fail('argv has a zero byte');
  const bytes = argv.reduce((sum, each) => sum + Buffer.byteLength(each) + 1, 0);
  if (bytes <= EXEC_ARGV_BYTES_MAX) return argv;
  return fail(`argv has ${bytes} bytes; at most ${EXEC_ARGV_BYTES_MAX} are allowed`);
}

/** A field that is a text, if it is there. */
function readText(
  values: Values,
  field: 'cwd' | 'user' | 'group' | 'job' | 'owner',
): string | undefined {
  const value = values[field];
  if (value === undefined) return undefined;
  const isText = typeof value === 'string' && value !== '' && !value.includes('\0');
  return isText ? value : fail(`${field} is not a text`);
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** A field that is a whole number, if it is there. */
function readNumber(
  values: Values,
  field: 'umask' | 'nice' | 'rank' | 'count' | 'outputBytesMax',
  { min, max }: Range,
): number | undefined {
  const value = values[field];
  if (value === undefined) return undefined;
  const isNumber = Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
  return isNumber ? Number(value) : fail(`${field} is not a number from ${min} to ${max}`);
}

function readTime(values: Values, field: 'timeoutMs' | 'overallMs' | 'graceMs') {
  const value = values[field];
  if (value === undefined || (typeof value === 'number' && value > 0)) return value;
  return fail(`${field} is not a positive number`);
}

function readEnv({ env }: Values): Readonly<Record<string, string>> | undefined {
  if (env === undefined) return undefined;
  if (typeof env !== 'object' || env === null) return fail('env is no map');
  const entries = Object.entries(env as Record<string, unknown>);
  let bytes = 0;
  for (const [name, value] of entries) {
    if (!isVariableName(name)) return fail(`${name} is no name of a variable`);
    if (isDeniedVariable(name)) return fail(`the variable ${name} is not taken from others`);
    if (typeof value !== 'string' || value.includes('\0')) return fail(`${name} is not a text`);
    bytes += name.length + Buffer.byteLength(value) + 2;
  }
  if (bytes <= EXEC_ENV_BYTES_MAX) return Object.fromEntries(entries) as Record<string, string>;
  return fail(`env has ${bytes} bytes; at most ${EXEC_ENV_BYTES_MAX} are allowed`);
}

function readUlimits({ ulimits }: Values): Ulimits | undefined {
  if (ulimits === undefined) return undefined;
  if (typeof ulimits !== 'object' || ulimits === null) return fail('ulimits is no map');
  const entries = Object.entries(ulimits).map(([name, value]): [string, string] => {
    const limit = typeof value === 'string' ? parseUlimit(name, value) : undefined;
    return [name, limit ?? fail(`${name.slice(0, 40)} is no limit, or not to that`)];
  });
  return Object.fromEntries(entries);
}

function readScript({ script }: Values): Buffer | undefined {
  if (script === undefined) return undefined;
  if (!(script instanceof Uint8Array)) return fail('script is not bytes');
  if (script.length <= EXEC_SCRIPT_BYTES_MAX) return Buffer.from(script);
  return fail(`script has ${script.length} bytes; at most ${EXEC_SCRIPT_BYTES_MAX} are allowed`);
}

function readTerminal({ terminal }: Values): Terminal | undefined {
  if (terminal === undefined) return undefined;
  return parseTerminal(terminal) ?? fail('terminal is none that there could be');
}

const UMASK = { min: 0, max: 0o777 };
const NICE = { min: -20, max: 19 };
const CAP = { min: 1, max: EXEC_KEPT_BYTES_MAX };
const COUNT = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** The command in the argument of a call. Throws E_ARGUMENT_INVALID. */
export function readSpec(value: unknown): ExecSpec {
  const values = (value ?? {}) as Values;
  const spec: { [Field in keyof ExecSpec]: ExecSpec[Field] | undefined } = {
    argv: readArgv(values),
    timeoutMs: readTime(values, 'timeoutMs'),
    overallMs: readTime(values, 'overallMs'),
    graceMs: readTime(values, 'graceMs'),
    hasStdin: values.hasStdin === true,
    tellsHost: values.tellsHost === true,
    isMerged: values.isMerged === true,
    isLogin: values.isLogin === true,
    isSudo: values.isSudo === true,
    isTemplate: values.isTemplate === true,
    env: readEnv(values),
    script: readScript(values),
    terminal: readTerminal(values),
    cwd: readText(values, 'cwd'),
    user: readText(values, 'user'),
    group: readText(values, 'group'),
    job: readText(values, 'job'),
    owner: readText(values, 'owner'),
    umask: readNumber(values, 'umask', UMASK),
    nice: readNumber(values, 'nice', NICE),
    ulimits: readUlimits(values),
    outputBytesMax: readNumber(values, 'outputBytesMax', CAP),
    rank: readNumber(values, 'rank', COUNT),
    count: readNumber(values, 'count', COUNT),
  };
  return spec as ExecSpec;
}
