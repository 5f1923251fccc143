/** The targets of a command line: the words and the flags that every command shares. */
import * as Flags from '@oclif/core/flags';
import { escapeLine } from '../base/escape.ts';
import type { Client } from '../client/client.ts';
import { EXIT } from '../client/exec-status.ts';
import {
  drawTargets,
  hintOf,
  type Limit,
  lookUpTargets,
  meansAny,
  resolveTargets,
  type Targets,
} from '../client/targets.ts';
import type { Doubt } from '../client/where.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { foldNames } from '../protocol/node-set.ts';
import type { Unmatched } from '../protocol/select.ts';
import { eitherOf, RESERVED, replaceLast, type Selector, without } from '../protocol/selector.ts';
import { parseSelector } from '../protocol/selector-parser.ts';
import { tellCutOff, tellWait } from './cut-off.ts';
import { recallRun } from './last-run.ts';
import { readTargetFile } from './target-file.ts';

const limitFlag = Flags.custom<Omit<Limit, 'seed'>>({
  helpValue: 'N|N%',
  helpGroup: 'TARGETS',
  parse(text) {
    const [, digits, percent] = /^(\d{1,9})(%?)$/.exec(text) ?? [];
    const count = Number(digits);
    if (count > 0) return Promise.resolve({ count, isPercent: percent === '%' });
    const reason = `a number of targets or a part of them is needed: 5, 10%; not ${text}`;
    throw new DagentError('E_USAGE', { reason });
  },
});

/** Flags of every command that takes targets. */
export const targetFlags = {
  exclude: Flags.string({
    char: 'x',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'EXPR',
    helpGroup: 'TARGETS',
    description: 'All but these',
  }),
  file: Flags.string({
    char: 'f',
    multiple: true,
    multipleNonGreedy: true,
    helpValue: 'FILE',
    helpGroup: 'TARGETS',
    description: 'Targets from a file, one name or expression to a line; - is stdin',
  }),
  where: Flags.string({
    helpValue: 'CONDITION',
    helpGroup: 'TARGETS',
    description: "Those whose facts meet it: 'memory.total>16Gi and os.id=debian'",
  }),
  limit: limitFlag({ description: 'Only so many of them, always the same ones' }),
  seed: Flags.string({
    helpValue: 'TEXT',
    helpGroup: 'TARGETS',
    description: 'Draw others for --limit',
  }),
};

export interface TargetFlags {
  readonly exclude?: readonly string[] | undefined;
  readonly file?: readonly string[] | undefined;
  readonly where?: string | undefined;
  readonly limit?: Omit<Limit, 'seed'> | undefined;
  readonly seed?: string | undefined;
  readonly home?: string | undefined;
}

/** What the words and the flags say. */
export interface Wanted {
  readonly selector: Selector;
  /** As it was typed, for errors and records. */
  readonly text: string;
  /** One node, named in full and by nothing else. */
  readonly isSingle: boolean;
  readonly hasReadStdin: boolean;
  readonly limit: Limit | undefined;
  /** Names that nobody has are no targets. */
  readonly isKnown?: boolean | undefined;
  /** What each `--exclude` takes away of them. */
  readonly excluded?: readonly { readonly text: string; readonly selector: Selector }[];
  /** A condition on the facts of each. */
  readonly where?: string | undefined;
  /** How long each may take to say whether it meets it, where the command bounds it. */
  readonly askMs?: number | undefined;
}

/** A word by itself is a name, also when it is a word of the grammar. */
function parseWord(word: string): Selector {
  return isNodeName(word) ? { kind: 'names', names: [word] } : parseSelector(word);
}

/** Words are any of several selectors; `web* and role=leaf` without quotes is one. */
function parseWords(words: readonly string[]): Selector[] {
  const isSentence = words.length > 1 && words.some((word) => RESERVED.test(word));
  return isSentence ? [parseSelector(words.join(' '))] : words.map(parseWord);
}

/**
 * The targets in `words` and `flags`. Throws E_USAGE without any, E_SELECTOR, E_TOO_LARGE,
 * E_NO_LAST_RUN, E_WHERE.
 */
export async function readTargets(words: readonly string[], flags: TargetFlags): Promise<Wanted> {
  const typed = words.filter((word) => word !== '-');
  const files = [...(flags.file ?? []), ...(typed.length < words.length ? ['-'] : [])];
  if (words.length === 0 && files.length === 0) {
    const reason = 'no TARGET: name a node, or take them from a file with -f';
    throw new DagentError('E_USAGE', { reason });
  }
  const parts = parseWords(typed);
  const excluded = (flags.exclude ?? []).map(parseWord);
  for (const file of new Set(files)) parts.push(await readTargetFile(file));
  const recall = (verdict: string): Selector => {
    return { kind: 'names', names: recallRun(flags.home, verdict) };
  };
  const { where } = flags;
  if (where !== undefined) {
    const { parseFactExpression } = await import('../protocol/fact-expression.ts');
    parseFactExpression(where);
  }
  const isWhole = flags.limit === undefined && where === undefined;
  const isPlain = files.length === 0 && excluded.length === 0 && isWhole;
  const all = eitherOf(parts);
  return {
    selector: replaceLast(without(all, excluded), recall),
    excluded: excluded.map((part, at) => ({
      text: flags.exclude?.[at] ?? '',
      selector: replaceLast({ kind: 'both', parts: [all, part] }, recall),
    })),
    text: [...typed, ...files.map((file) => (file === '-' ? '- (stdin)' : `-f ${file}`))].join(' '),
    isSingle: isPlain && typed.length === 1 && isNodeName(typed[0] ?? ''),
    hasReadStdin: files.includes('-'),
    limit: flags.limit === undefined ? undefined : { ...flags.limit, seed: flags.seed ?? '' },
    where,
  };
}

/** Names that no node has are told one by one up to here, and in short when there are more. */
const NOTES_COUNT_MAX = 3;
const NOTE_LENGTH_MAX = 200;

/** A name or a condition that no node meets, and what may have been meant. */
function note({ part, similar }: Unmatched): string {
  return `dagent: no node matches ${escapeLine(part)}\n  ${escapeLine(hintOf(similar))}\n`;
}

function foldShort(names: Iterable<string>): string {
  return foldNames(names).slice(0, NOTE_LENGTH_MAX);
}

/** What kept nodes from being judged, or a part of the condition from counting. */
function noteDoubt({ names, reason, isSilent }: Doubt): string {
  const who = `${foldShort(names)}${isSilent ? ' could not be asked' : ''}`;
  return `dagent: --where: ${escapeLine(`${who}: ${reason}`)}\n`;
}

/** Of some nodes, those whose facts are so. */
interface Chosen {
  readonly names: readonly string[];
  /** Those of which it is not known, and why. */
  readonly silent: ReadonlyMap<string, DagentError>;
}

interface Choice {
  readonly where: string;
  /** What the nodes are, for errors. */
  readonly text: string;
  /** How long each may take to say whether it is one. */
  readonly timeoutMs?: number | undefined;
}

/** What could not be judged is told on stderr. Throws E_NO_TARGET. */
async function judge(
  client: Client,
  all: readonly string[],
  { where, text, timeoutMs }: Choice,
): Promise<Chosen> {
  const { judgeByFacts } = await import('../client/where.ts');
  const judged = await judgeByFacts(client, all, { condition: where, timeoutMs });
  process.stderr.write(judged.doubts.map(noteDoubt).join(''));
  if (judged.names.length > 0 || judged.silent.size > 0) return judged;
  const similar = `${all.length} nodes were asked; see what they say: dagent info`;
  throw new DagentError('E_NO_TARGET', { selector: `${text} --where '${where}'`, similar });
}

/**
 * The command goes on without the nodes that could not be asked, and ends with 5 for them, unless
 * what it does itself ends with more. Throws E_NOT_JUDGED when nothing is left to do.
 */
function leaveOut(names: readonly string[], silent: Chosen['silent']): readonly string[] {
  const left = names.filter((name) => !silent.has(name));
  if (left.length === names.length) return names;
  if (left.length === 0) throw new DagentError('E_NOT_JUDGED', { nodes: foldShort(silent.keys()) });
  process.once('exit', (status) => {
    if (status === EXIT.OK || status === EXIT.FAILED) process.exitCode = EXIT.UNREACHED;
  });
  return left;
}

/**
 * The nodes of `all` whose facts are as `where` says; what could not be judged is told on stderr,
 * and makes the exit status. Throws E_NO_TARGET, which names what `all` are by `text`,
 * E_NOT_JUDGED.
 */
export async function chooseByFacts(
  client: Client,
  all: readonly string[],
  choice: Choice,
): Promise<readonly string[]> {
  const { names, silent } = await judge(client, all, choice);
  return leaveOut([...names, ...silent.keys()], silent);
}

/** Targets, and those among them of which it is not known whether they are meant. */
export interface AskedTargets extends Targets {
  readonly silent: ReadonlyMap<string, DagentError>;
}

/** An exclusion of nobody is told on stderr: it may be misspelt, and then one too many is left. */
async function noteIdle(client: Client, { excluded = [] }: Wanted): Promise<void> {
  const areIdle = await Promise.all(
    excluded.map(async ({ selector }) => !(await meansAny(client, selector))),
  );
  for (const { text } of excluded.filter((_, at) => areIdle[at])) {
    process.stderr.write(`dagent: -x ${escapeLine(text)} takes none of the targets away\n`);
  }
}

/**
 * What `find` finds, and of it those whose facts are as they should be, or not known; the limit is
 * drawn from what is left. Throws E_NO_TARGET.
 */
async function findWanted(
  client: Client,
  wanted: Wanted,
  find: typeof lookUpTargets,
): Promise<AskedTargets> {
  const { selector, where, limit, text, isKnown, askMs } = wanted;
  const isWhole = where === undefined;
  const options = isWhole ? wanted : { text, isKnown };
  const all = await find(client, selector, { ...options, onWait: tellWait });
  tellCutOff(all.cutOffAt);
  if (isWhole) return { ...all, silent: new Map() };
  const { names, silent } = await judge(client, all.names, { where, text, timeoutMs: askMs });
  const met = new Set(names);
  const kept = all.names.filter((name) => met.has(name) || silent.has(name));
  return { ...all, names: limit === undefined ? kept : drawTargets(kept, limit), silent };
}

/**
 * The targets, also those that could not be asked for their facts: they must have a verdict, and
 * must not be sent anything. A condition that no node meets is told on stderr. Throws E_NO_TARGET.
 */
export async function resolveAsked(client: Client, wanted: Wanted): Promise<AskedTargets> {
  const targets = await findWanted(client, wanted, resolveTargets);
  await noteIdle(client, wanted);
  const names = new Set(targets.names);
  const conditions = targets.unmatched.filter(({ part }) => !names.has(part));
  process.stderr.write(conditions.map(note).join(''));
  return targets;
}

/**
 * The targets; a condition that no node meets is told on stderr, a name that nobody has where it
 * comes to it. Throws E_NO_TARGET, E_NOT_JUDGED.
 */
export async function resolveWanted(client: Client, wanted: Wanted): Promise<Targets> {
  const { names, silent, ...targets } = await resolveAsked(client, wanted);
  return { ...targets, names: leaveOut(names, silent) };
}

/**
 * The targets, with what is known of each; what no node meets, and names that nobody has, are told
 * on stderr. Throws E_NO_TARGET, E_NOT_JUDGED.
 */
export async function lookUpWanted(client: Client, wanted: Wanted): Promise<Targets> {
  const { silent, ...targets } = await findWanted(client, wanted, lookUpTargets);
  await noteIdle(client, wanted);
  const names = leaveOut(targets.names, silent);
  const strange = wanted.isKnown ? targets.unknown : names.filter((it) => !targets.nodes.has(it));
  const unknown = new Set(strange);
  const isMany = unknown.size > NOTES_COUNT_MAX;
  const alone = targets.unmatched.filter(({ part }) => !isMany || !unknown.has(part));
  process.stderr.write(alone.map(note).join(''));
  if (isMany) {
    process.stderr.write(`dagent: ${unknown.size} names that no node has: ${foldShort(unknown)}\n`);
  }
  return { ...targets, names };
}
