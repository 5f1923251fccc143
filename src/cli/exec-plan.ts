/**
 * What a run would do, told without doing it: `--dry-run`. It is kept under an id, the hash of all
 * of it, so that `--plan ID` runs exactly what was looked at.
 */
import { createHash } from 'node:crypto';
import {
  forgetOldest,
  memoryPathOf,
  readJson,
  resolveHome,
  writeMemory,
} from '../adapters/home.ts';
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import type { Client } from '../client/client.ts';
import type { Targets } from '../client/targets.ts';
import { DagentError } from '../protocol/errors.ts';
import { EXEC_PLANS_MAX } from '../protocol/limits.ts';
import { foldNames } from '../protocol/node-set.ts';
import { expandNames } from '../protocol/selector-parser.ts';
import { quoteWord } from './exec-args.ts';
import type { CommandSpec } from './exec-command.ts';
import { mustAsk } from './exec-guard.ts';
import type { ExecRun } from './exec-request.ts';
import type { Amount } from './exec-schedule.ts';
import { fetchParents, findWays, type Way } from './exec-way.ts';
import { printDocument, printLine } from './output.ts';
import { lookUpWanted } from './target-flags.ts';

/** What of a run its plan holds: who, what and how, but not how it is shown. */
type Planned = Pick<ExecRun, 'pace' | 'connectMs' | 'overallMs' | 'scriptPath' | 'again'>;

export interface ExecPlan extends Planned {
  /** Names in their short form. */
  readonly targets: string;
  readonly isSingle: boolean;
  readonly command: Omit<CommandSpec, 'script'> & {
    /** In base64. */
    readonly script?: string;
  };
}

const PREFIX = 'plan-';
const ID = /^[0-9a-f]{16}$/;

function identify(plan: ExecPlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16);
}

/** The plan of a run over `names`. */
export function makePlan(run: ExecRun, names: readonly string[]): ExecPlan {
  const { pace, connectMs, overallMs, scriptPath, again, targets, command } = run;
  const { script, ...rest } = command;
  const more = script === undefined ? {} : { script: script.toString('base64') };
  const plan = {
    targets: foldNames(names),
    isSingle: targets.isSingle,
    command: { ...rest, ...more },
    ...{ pace, connectMs, overallMs, scriptPath, again },
  };
  // As it will be read: what is undefined is not there.
  return JSON.parse(JSON.stringify(plan)) as ExecPlan;
}

/** Keeps a plan for its owner only, and forgets the oldest ones. Returns its id. */
export function keepPlan(homeFlag: string | undefined, plan: ExecPlan): string {
  const home = resolveHome(homeFlag, process.env);
  const id = identify(plan);
  writeMemory(home, `${PREFIX}${id}`, plan);
  forgetOldest(home, PREFIX, EXEC_PLANS_MAX);
  return id;
}

/** The plan of that id, unchanged. Throws E_PLAN_UNKNOWN, E_STATE_BROKEN. */
export function recallPlan(homeFlag: string | undefined, id: string): ExecPlan {
  const home = resolveHome(homeFlag, process.env);
  if (!ID.test(id)) throw new DagentError('E_PLAN_UNKNOWN', { id, home: home.label });
  const path = memoryPathOf(home, `${PREFIX}${id}`);
  const plan = readJson(path) as ExecPlan | undefined;
  if (plan === undefined) throw new DagentError('E_PLAN_UNKNOWN', { id, home: home.label });
  if (identify(plan) === id) return plan;
  throw new DagentError('E_STATE_BROKEN', { path, reason: 'it was changed' });
}

/** What a plan says, as parts of a run. */
export function unpackPlan(plan: ExecPlan): Planned & Pick<ExecRun, 'targets' | 'command'> {
  const { pace, connectMs, overallMs, scriptPath, again, isSingle, targets } = plan;
  const { script, ...command } = plan.command;
  const more = script === undefined ? {} : { script: Buffer.from(script, 'base64') };
  return {
    ...{ pace, connectMs, overallMs, scriptPath, again },
    command: { ...command, ...more },
    targets: {
      selector: { kind: 'names', names: expandNames(targets) },
      text: targets,
      isSingle,
      hasReadStdin: false,
      limit: undefined,
    },
  };
}

/** How each is reached: `hq > east > web[1-3]`; and who is not. */
function formatWays({ names, nodes }: Targets, ways: readonly Way[]): string[] {
  const lines = ways.map(({ path, names }) => `  ${[...path, names].join(' > ')}`);
  const others = {
    lost: names.filter((name) => nodes.get(name)?.state === 'lost'),
    'nobody has the name': names.filter((name) => !nodes.has(name)),
  };
  const missing = Object.entries(others).filter(([, each]) => each.length > 0);
  return [...lines, ...missing.map(([why, each]) => `  ${why}: ${foldNames(each)}`)];
}

/** What the nodes will say to it. */
function formatDecision({ command: { user, group, isSudo } }: ExecPlan): string {
  const whom = [user, group].filter((each) => each !== undefined).join(':');
  const usual = isSudo === true ? 'root' : 'the user of each daemon';
  const as = whom === '' ? usual : whom;
  return `decision: allowed, as ${as}; nodes have no policy yet`;
}

/** Settings whose flags are called otherwise than they. */
const FLAG_NAMES: Readonly<Record<string, string>> = {
  isLogin: 'login',
  isSudo: 'sudo',
  isMerged: 'merge',
  isTemplate: 'template',
  group: 'user-group',
  connectMs: 'connect-timeout',
  maxFail: 'max-fail',
};

/** A umask as it is typed. */
function formatUmask(umask: number): string {
  return umask.toString(8).padStart(3, '0');
}

/** A setting as its flag: `--umask 022`, `--timeout 5.0s`, `--login`. */
function formatFlag(name: string, value: string | number | boolean | Amount): string {
  const flag = `--${FLAG_NAMES[name] ?? name.replace(/Ms$/, '')}`;
  if (value === true) return flag;
  if (typeof value === 'object') return `${flag} ${value.count}${value.isPercent ? '%' : ''}`;
  if (typeof value !== 'number') return `${flag} ${value}`;
  if (name === 'umask') return `${flag} ${formatUmask(value)}`;
  return `${flag} ${name.endsWith('Ms') ? formatDuration(value) : value}`;
}

function formatSettings({ command, pace, connectMs, overallMs, scriptPath }: ExecPlan): string[] {
  const { argv, script, env = {}, ulimits = {}, ...settings } = command;
  const times = { connectMs, overallMs };
  const { batch, maxFail, ...plain } = pace;
  const all = Object.entries({ ...settings, ...times, ...plain, batch, maxFail }).flatMap(
    ([name, value]) => (value === undefined ? [] : [formatFlag(name, value)]),
  );
  const bytes = Buffer.from(script ?? '', 'base64').length;
  const sent = script === undefined ? [] : [`script: ${scriptPath}, ${bytes} bytes`];
  return [
    `command: ${argv.map(quoteWord).join(' ')}`,
    ...sent,
    ...Object.entries(env).map(([name, value]) => `variable: ${name}=${quoteWord(value)}`),
    ...Object.entries(ulimits).map(([name, value]) => `limit: ${name}=${value}`),
    ...(all.length === 0 ? [] : [`settings: ${all.join(', ')}`]),
  ];
}

/** For people: who is reached and how, what runs there, and the line that runs it. */
export function formatPlan(
  { id, plan }: { readonly id: string; readonly plan: ExecPlan },
  targets: Targets,
  ways: readonly Way[],
): string {
  const count = targets.names.length;
  return [
    `${count} ${count === 1 ? 'target' : 'targets'}: ${plan.targets}`,
    ...formatWays(targets, ways),
    ...formatSettings(plan),
    formatDecision(plan),
    `to run exactly this: dagent exec --plan ${id}`,
  ]
    .map(escapeLine)
    .join('\n');
}

/** For programs. The umask is text: a number of JSON would be read as a decimal one. */
function toDocument(
  { id, plan }: { readonly id: string; readonly plan: ExecPlan },
  names: readonly string[],
  ways: readonly Way[],
): object {
  const { umask } = plan.command;
  const mode = umask === undefined ? {} : { umask: formatUmask(umask) };
  return { v: 1, id, ...plan, command: { ...plan.command, ...mode }, names, ways };
}

/** Tells what a run would do, and keeps it. Returns the exit status. Throws as a run would. */
export async function tellPlan(client: Client, run: ExecRun): Promise<number> {
  const targets = await lookUpWanted(client, run.targets);
  mustAsk(targets.names.length, run.guard);
  const plan = makePlan(run, targets.names);
  const id = keepPlan(run.home, plan);
  const ways = findWays(client.node, targets, await fetchParents(client, targets));
  if (run.view.isJson) printDocument(toDocument({ id, plan }, targets.names, ways));
  else printLine(formatPlan({ id, plan }, targets, ways));
  return 0;
}
