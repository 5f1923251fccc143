import { escapeForTerminal } from '../base/escape.ts';
import { DagentCommand, durationFlag, type ViaFlags, viaFlags } from '../cli/base.ts';
import { rememberRun, type TargetVerdict } from '../cli/last-run.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { readTargets, resolveWanted, type TargetFlags, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { verdictOf } from '../client/exec.ts';
import { statusOfMany } from '../client/exec-status.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';

/** An argument is JSON when it reads as such (numbers, true, lists, maps), and text otherwise. */
function parseArgument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What is called on each target. */
interface Wish {
  readonly service: string;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly timeoutMs: number | undefined;
}

/**
 * The selector and the service of an address that means several nodes: the service stands behind
 * the last colon. Undefined when it is one address.
 */
function splitMany(
  address: string,
  flags: TargetFlags,
): { readonly words: string[]; readonly service: string } | undefined {
  const colon = address.lastIndexOf(':');
  const node = address.slice(0, Math.max(0, colon));
  const isOne = colon < 0 || isNodeName(node);
  const hasFlags = [flags.file, flags.exclude, flags.limit].some((each) => each !== undefined);
  if (isOne && !hasFlags) return undefined;
  return { words: node === '' ? [] : [node], service: address.slice(colon + 1) };
}

export default class Call extends DagentCommand {
  static override summary = 'Call a method of a service';
  static override description = [
    'On several nodes when the part before the last colon is a selector: then each answer is a',
    'record. What it can be: dagent help targets.',
  ].join(' ');
  static override usage = '<%= command.id %> ADDRESS CLASS.METHOD [ARGUMENT...] [FLAG...]';
  static override examples = [
    '<%= config.bin %> call web1: admin.echo hello',
    '<%= config.bin %> call web1: info.get kernel | jq .kernel.release',
    '<%= config.bin %> call greeter admin.help',
    "<%= config.bin %> call 'web*:orders' orders.count | jq .value",
  ];
  static override strict = false;
  static override args = {
    address: wordArg({ required: true, description: 'NODE:SERVICE, SERVICE, NODE:, TARGETS:' }),
    method: wordArg({ required: true, description: 'class.method' }),
  };
  static override flags = {
    timeout: durationFlag({ description: 'How long it may take (30s)' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, raw, flags } = await this.parse(Call);
    const given = wordsOf(raw).slice(2).map(parseArgument);
    const many = splitMany(args.address, flags);
    if (many !== undefined) {
      const { method } = args;
      const wish = { ...many, method, args: given, timeoutMs: flags.timeout };
      await this.callMany(many.words, wish, flags);
      return;
    }
    const value = await this.withClient(flags, (client) =>
      client.call(args.address, args.method, given, { timeoutMs: flags.timeout }),
    );
    if (value === undefined || value === null) return;
    if (typeof value === 'string')
      printLine(process.stdout.isTTY ? escapeForTerminal(value) : value);
    else printLine(JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined));
  }

  private async callMany(
    words: readonly string[],
    wish: Wish,
    flags: TargetFlags & ViaFlags,
  ): Promise<void> {
    const wanted = await readTargets(words, flags);
    const results = await this.withClient(flags, async (client) => {
      const { names } = await resolveWanted(client, wanted);
      return Promise.all(names.map((name) => this.callOne(client, name, wish)));
    });
    rememberRun(flags.home, results);
    process.exitCode = statusOfMany(results.map(({ verdict }) => ({ verdict, ms: 0 })));
  }

  private async callOne(client: Client, target: string, wish: Wish): Promise<TargetVerdict> {
    const { service, method, args, timeoutMs } = wish;
    try {
      const value = await client.call(`${target}:${service}`, method, args, { timeoutMs });
      printRecord({ target, value: value ?? null });
      return { target, verdict: 'ok' };
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      printRecord({ target, error: error.toData() });
      this.complain(`${target}: ${error.message}`);
      return { target, verdict: verdictOf(error.code) };
    }
  }
}
