/** What is to be run, from the words and the flags of `dagent exec`. */
import { readFileSync } from 'node:fs';
import { DagentError } from '../protocol/errors.ts';
import { type ExecSpec, isDeniedVariable, isVariableName } from '../protocol/exec.ts';
import { EXEC_SCRIPT_BYTES_MAX } from '../protocol/limits.ts';
import { parseUlimit, ULIMIT_NAMES, type Ulimits } from '../protocol/ulimit.ts';
import type { ExecFlags } from './exec-flags.ts';
import { unreadable } from './reader.ts';

/** What is the same for all targets. */
export type CommandSpec = Omit<
  ExecSpec,
  'rank' | 'count' | 'job' | 'hasStdin' | 'tellsHost' | 'terminal'
>;

function usage(reason: string): never {
  throw new DagentError('E_USAGE', { reason });
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readScript(path: string): Buffer {
  const script = readFile(path);
  if (script.length <= EXEC_SCRIPT_BYTES_MAX) return script;
  return usage(`${path} has ${script.length} bytes; a script has ${EXEC_SCRIPT_BYTES_MAX} at most`);
}

/** `K=V`, or `K` for what it is here. `where` it was typed is told; values may be secret. */
function readVariable(text: string, own: NodeJS.ProcessEnv, where: string): [string, string] {
  const [name = ''] = text.split('=', 1);
  if (!isVariableName(name)) {
    const rule = 'letters, digits and _, and no digit first';
    return usage(`${where}: ${name === '' ? 'nothing' : name} is no name of a variable: ${rule}`);
  }
  if (isDeniedVariable(name)) return usage(`${where}: ${name} is not taken by nodes from others`);
  if (name.length < text.length) return [name, text.slice(name.length + 1)];
  return [name, own[name] ?? usage(`the variable ${name} is not set here`)];
}

/** The variables in a file: `K=V` to a line, as it is, without quotes; `#` begins a comment. */
function readVariables(path: string): [string, string][] {
  const lines = readFile(path).toString('utf8').split('\n');
  return lines.flatMap((line, index): [string, string][] => {
    const text = line.replace(/\r$/, '').trimStart();
    if (text === '' || text.startsWith('#')) return [];
    const where = `${path}, line ${index + 1}`;
    return text.indexOf('=') > 0
      ? [readVariable(text, {}, where)]
      : usage(`${where}: not NAME=VALUE`);
  });
}

/** What the command gets of variables: those of files first, so that a flag has the last word. */
export function readEnv(
  flags: Pick<Partial<ExecFlags>, 'env' | 'env-file'>,
  own: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const ofFiles = (flags['env-file'] ?? []).flatMap(readVariables);
  const typed = (flags.env ?? []).map((text) => readVariable(text, own, '-e'));
  return Object.fromEntries([...ofFiles, ...typed]);
}

/** The limits of `--ulimit`. */
function readUlimits(typed: readonly string[]): Ulimits {
  const entries = typed.map((text): [string, string] => {
    const [name = '', value = ''] = text.split(/=(.*)/s, 2);
    if (!ULIMIT_NAMES.includes(name)) {
      return usage(`--ulimit ${text}: its name is one of ${ULIMIT_NAMES.join(', ')}`);
    }
    const rule = 'a number, or SOFT:HARD with SOFT the smaller one, or unlimited';
    return [name, parseUlimit(name, value) ?? usage(`--ulimit ${text}: what follows = is ${rule}`)];
  });
  return Object.fromEntries(entries);
}

/** What nobody can mean. */
const NOT_EMPTY = ['cwd', 'user', 'user-group', 'shell'] as const;

/** More than one word is run as it is; a single one is for the shell, as are all for `--shell`. */
export function toArgv(words: readonly string[], shell?: string): string[] {
  const [only] = words;
  if (shell !== undefined) return [shell, '-c', words.join(' ')];
  return words.length === 1 && only !== undefined ? ['sh', '-c', only] : [...words];
}

/** The command of a run. Throws E_USAGE. */
export function readCommand(
  words: readonly string[],
  flags: Partial<ExecFlags>,
  own: NodeJS.ProcessEnv,
): CommandSpec {
  const { script, shell, cwd, user, umask, nice, ulimit, timeout, grace } = flags;
  const group = flags['user-group'];
  const empty = NOT_EMPTY.find((name) => flags[name] === '');
  if (empty !== undefined) return usage(`--${empty} is empty`);
  const isEmpty = words.length === 0 || (words.length === 1 && words[0] === '');
  if (isEmpty && script === undefined) return usage('the command is empty');
  if (script !== undefined && shell !== undefined) {
    return usage('--script says by itself what runs it: leave out --shell');
  }
  const isTemplate = flags.template === true;
  if (isTemplate && script === undefined && (shell !== undefined || words.length === 1)) {
    return usage('--template is for words, and no shell: a shell has $DAGENT_TARGET, $DAGENT_RANK');
  }
  const env = readEnv(flags, own);
  return {
    argv: script === undefined ? toArgv(words, shell) : words,
    ...(script === undefined ? {} : { script: readScript(script) }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(user === undefined ? {} : { user }),
    ...(group === undefined ? {} : { group }),
    ...(flags.sudo === true ? { isSudo: true } : {}),
    ...(flags.login === true ? { isLogin: true } : {}),
    ...(umask === undefined ? {} : { umask }),
    ...(nice === undefined ? {} : { nice }),
    ...(ulimit === undefined ? {} : { ulimits: readUlimits(ulimit) }),
    ...(isTemplate ? { isTemplate } : {}),
    ...(flags.merge === true ? { isMerged: true } : {}),
    ...(timeout === undefined ? {} : { timeoutMs: timeout }),
    ...(grace === undefined ? {} : { graceMs: grace }),
  };
}
