import * as Flags from '@oclif/core/flags';
import { escapeLine } from '../base/escape.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { rememberRun, type TargetVerdict } from '../cli/last-run.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { withoutName } from '../cli/own-name.ts';
import { formatTable } from '../cli/table.ts';
import { readTargets, resolveWanted, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { verdictOf } from '../client/exec.ts';
import type { FactsWish } from '../client/shared-facts.ts';
import { DagentError, ERRORS, type ErrorData, errorFromData } from '../protocol/errors.ts';
import type { Verdict } from '../protocol/exec.ts';
import {
  FACT_CLASSES,
  type FactOptions,
  type InfoFailure,
  isInfoFailure,
} from '../protocol/facts.ts';

const INFO_MS_MAX = 10_000;

type Facts = Readonly<Record<string, unknown>>;
type Answer = { readonly node: string } & (
  | { readonly facts: Facts }
  | { readonly error: ErrorData }
);

interface ShownFlags {
  readonly json: boolean;
  readonly all: boolean;
}

interface UserFlags {
  readonly user: string | undefined;
  readonly normal: boolean;
  readonly system: boolean;
}

/** Why a node does not tell of the account that was asked for by its name. */
function missingUser(answer: Answer, { user }: UserFlags): InfoFailure['error'] | undefined {
  if (user === undefined || 'error' in answer || !isInfoFailure(answer.facts.users))
    return undefined;
  return answer.facts.users.error;
}

/** What became of the question to a node. */
function judge(answer: Answer, flags: UserFlags): Verdict {
  if ('error' in answer) return verdictOf(answer.error.code);
  return missingUser(answer, flags) === undefined ? 'ok' : 'failed';
}

/** What is said besides the classes; nothing where nothing is. Throws E_USAGE. */
function optionsOf(classes: readonly string[], flags: UserFlags): [] | [FactOptions] {
  const { user, normal, system } = flags;
  const group = normal ? 'normal' : system ? 'system' : undefined;
  const users = user === undefined ? group : { name: user };
  if (users === undefined) return [];
  if (classes.includes('users')) return [{ users }];
  throw new DagentError('E_USAGE', { reason: '--user, --normal and --system go with users' });
}

export default class Info extends DagentCommand {
  static override summary = 'Tell facts of hosts';
  static override description = [
    `Classes: ${FACT_CLASSES.join(', ')}. Without one, those that take a few milliseconds.`,
    'In JSON sizes are in bytes and times in ms; all fields: dagent help facts.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> info web1',
    '<%= config.bin %> info web1 memory disks',
    "<%= config.bin %> info '*' kernel --json | jq -r '[.node, .kernel.release] | @tsv'",
    '<%= config.bin %> info web1 users --user alice',
    '<%= config.bin %> info --local os',
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: "Name, list, web[1-40], 'web*'; not with --local or -f" }),
  };
  static override flags = {
    local: Flags.boolean({ description: 'This host, without any daemon' }),
    all: Flags.boolean({
      description: 'Show idle interfaces, accounts without a login, services that are off too',
    }),
    user: Flags.string({
      helpValue: 'NAME',
      exclusive: ['normal', 'system'],
      description: 'Of users only this account, also of a directory (LDAP)',
    }),
    normal: Flags.boolean({ exclusive: ['system'], description: 'Of users only those of people' }),
    system: Flags.boolean({ description: 'Of users only those of the system' }),
    timeout: durationFlag({ description: 'How long a node may take (10s)' }),
    json: Flags.boolean({ description: 'Print one NDJSON record per node' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Info);
    const words = wordsOf(raw);
    if (flags.local) {
      await this.runLocal(words, flags);
      return;
    }
    if (words.length === 0 && flags.file === undefined) {
      const reason = 'no TARGET: name a node, or say --local for this host';
      throw new DagentError('E_USAGE', { reason });
    }
    // With a file all words are classes.
    const targetCount = flags.file === undefined ? 1 : 0;
    const wanted = await readTargets(words.slice(0, targetCount), flags);
    const classes = words.slice(targetCount);
    const [options] = optionsOf(classes, flags);
    const { explainUnreachable } = await import('../client/targets.ts');
    await this.withClient(flags, async (client) => {
      const { names: targets } = await resolveWanted(client, wanted);
      const read = await this.createRead(client, targets.length, {
        classes,
        options,
        timeoutMs: flags.timeout ?? INFO_MS_MAX,
      });
      const ask = async (node: string): Promise<Answer> => {
        try {
          return { node, facts: await read(node) };
        } catch (error) {
          if (!(error instanceof DagentError)) throw error;
          if (targets.length > 1) return { node, error: error.toData() };
          const isUnknown = error.code === 'E_UNREACHABLE';
          throw (isUnknown ? await explainUnreachable(client, node) : undefined) ?? error;
        }
      };
      // In the order in which they come, so that one slow host does not hide the others.
      const results = await Promise.all(
        targets.map(async (node): Promise<TargetVerdict> => {
          const answer = await ask(node);
          await this.print(answer, flags, targets.length);
          return { target: node, verdict: judge(answer, flags) };
        }),
      );
      if (!wanted.isSingle) rememberRun(flags.home, results);
    });
  }

  /** One node is asked for its facts; of several each different answer is fetched once. */
  private async createRead(
    client: Client,
    count: number,
    wish: FactsWish,
  ): Promise<(node: string) => Promise<Facts>> {
    const { classes, options, timeoutMs } = wish;
    if (count > 1) {
      const { SharedFacts } = await import('../client/shared-facts.ts');
      const shared = new SharedFacts(client, wish);
      return (node) => shared.read(node);
    }
    const args = options === undefined ? classes : [...classes, options];
    return async (node) =>
      (await client.call(`${node}:`, 'info.get', args, { timeoutMs })) as Facts;
  }

  private async runLocal(classes: string[], flags: ShownFlags & UserFlags): Promise<void> {
    const { collectLocalInfo } = await import('../cli/local-info.ts');
    const { hostname, facts } = await collectLocalInfo(classes, ...optionsOf(classes, flags));
    await this.print({ node: hostname, facts }, flags, 1);
  }

  private async print(answer: Answer, flags: ShownFlags & UserFlags, count: number): Promise<void> {
    const { node } = answer;
    const missing = missingUser(answer, flags);
    if (missing !== undefined) {
      process.exitCode = ERRORS[missing.code].exit;
      this.complain(`${node}: ${missing.message} (${missing.code})`);
    }
    if ('error' in answer) {
      const error = errorFromData(answer.error);
      process.exitCode = error.exit;
      if (flags.json) printRecord({ node, error: answer.error });
      this.complain(`${node}: ${withoutName(error.message, node)}`);
      return;
    }
    if (flags.json) {
      printRecord({ node, ...answer.facts });
      return;
    }
    const { formatInfo } = await import('../client/format-info.ts');
    if (count > 1) printLine(`== ${escapeLine(node)}`);
    for (const { title, header, rows } of formatInfo(answer.facts, { isFull: flags.all })) {
      printLine(title);
      const table = formatTable(header ?? [], rows, Number.POSITIVE_INFINITY);
      printLine(`${table.replace(/^/gm, '  ')}\n`);
    }
  }
}
