import * as Flags from '@oclif/core/flags';
import { escapeForTerminal } from '../base/escape.ts';
import { DagentCommand, durationFlag, type ViaFlags, viaFlags } from '../cli/base.ts';
import { formatServiceHelp } from '../cli/call-help.ts';
import { type CallFlags, readRequest, readWords, splitMany } from '../cli/call-request.ts';
import { answerRecord, type CallPlan, describeException, runCalls } from '../cli/call-run.ts';
import { sendCalls } from '../cli/call-send.ts';
import { rememberRun, type TargetVerdict } from '../cli/last-run.ts';
import { printDocument, printLine, printRecord } from '../cli/output.ts';
import { withoutName } from '../cli/own-name.ts';
import { readTargets, resolveWanted, type TargetFlags, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { verdictOf } from '../client/exec.ts';
import { statusOfMany } from '../client/exec-status.ts';
import { parseBroadcast } from '../protocol/address.ts';
import type { DagentError } from '../protocol/errors.ts';

type AllFlags = CallFlags &
  TargetFlags &
  ViaFlags & { readonly json: boolean; readonly progress: boolean };

const listFlag = { multiple: true, multipleNonGreedy: true } as const;

export default class Call extends DagentCommand {
  static override summary = 'Call a method of a service';
  static override description = [
    'Arguments are JSON where they read as such, and text otherwise. --help behind an address',
    'tells what there is to call. On several nodes when the part before the last colon is a',
    'selector: then each answer is a record. What it can be: dagent help targets.',
  ].join(' ');
  static override usage = '<%= command.id %> ADDRESS CLASS.METHOD [ARGUMENT...] [FLAG...]';
  static override examples = [
    '<%= config.bin %> call web1: admin.echo hello',
    '<%= config.bin %> call web1: info.get kernel | jq .kernel.release',
    '<%= config.bin %> call greeter --help',
    '<%= config.bin %> call kennel Dog.bark hello --new Rex --kw times=2 --version 2.1',
    "<%= config.bin %> call 'web*:orders' orders.count | jq .value",
    '<%= config.bin %> call web1:backup Backup.run --async',
  ];
  static override strict = false;
  static override args = {
    address: wordArg({ description: 'NODE:SERVICE, SERVICE, NODE:, TARGETS:' }),
    method: wordArg({ description: 'class.method; with --help a class, or neither' }),
  };
  static override flags = {
    kw: Flags.string({ ...listFlag, helpValue: 'NAME=VALUE', description: 'An argument by name' }),
    new: Flags.string({
      ...listFlag,
      helpValue: 'VALUE',
      description: 'An argument for the constructor of the object that is called',
    }),
    'new-kw': Flags.string({
      ...listFlag,
      helpValue: 'NAME=VALUE',
      description: 'The same, by name',
    }),
    version: Flags.string({
      helpValue: 'MAJOR[.MINOR[.PATCH]]',
      description: 'The version that is wanted: the newest compatible one is called',
    }),
    data: Flags.string({
      helpValue: 'VALUE',
      description: 'Goes along, so that admin.cancel can choose calls by it',
    }),
    timeout: durationFlag({ description: 'How long it may take (30s; a day where nobody waits)' }),
    async: Flags.boolean({
      exclusive: ['no-reply'],
      description: 'Print its sn and let it run on; its outcome: admin.result SN',
    }),
    'no-reply': Flags.boolean({ description: 'Wait for no answer; it may go to many (*:SERVICE)' }),
    progress: Flags.boolean({
      description: 'Tell progress on stderr, also where that is no terminal',
    }),
    json: Flags.boolean({ description: 'Print all that is heard, a record per line' }),
    help: Flags.boolean({ char: 'h', description: 'What the service, or a class of it, offers' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Call);
    const words = wordsOf(raw);
    const [address, word] = words;
    if (flags.help && address !== undefined) {
      await this.withClient(flags, (client) => this.describe(client, address, word, flags));
      return;
    }
    const { method, args, ...what } = readWords(words);
    const request = readRequest(flags);
    // What goes to all of a service has no answer: where one is wanted, `*` means each node.
    const isToAll = flags['no-reply'] && parseBroadcast(what.address) !== undefined;
    const many = isToAll ? undefined : splitMany(what.address, flags);
    const wanted = many === undefined ? undefined : await readTargets(many.words, flags);
    await this.withClient(flags, async (client) => {
      const names = wanted === undefined ? [] : (await resolveWanted(client, wanted)).names;
      const targets =
        many === undefined
          ? [[what.address, what.address] as const]
          : names.map((name) => [`${name}:${many.service}`, name] as const);
      const plan = {
        ...{ targets: new Map(targets), method, args, request },
        ...{ isJson: flags.json, tellsProgress: flags.progress },
      };
      const isUnheard = flags.async || flags['no-reply'];
      if (isUnheard) await this.send(client, plan, flags.async);
      else if (many === undefined) await this.callOne(client, plan);
      else await this.callMany(client, plan, flags);
    });
  }

  private async describe(
    client: Client,
    address: string,
    word: string | undefined,
    flags: Pick<AllFlags, 'json' | 'timeout'>,
  ): Promise<void> {
    const classes = await client.describe(address, { timeoutMs: flags.timeout });
    const text = formatServiceHelp(address, classes, word);
    if (text === undefined) {
      this.complain(`${address} has no ${word}`, `see what it has: dagent call ${address} --help`);
      process.exitCode = 1;
    } else if (flags.json) {
      printDocument(classes.filter(({ name }) => word === undefined || name === word));
    } else {
      printLine(text);
    }
  }

  /** The calls whose answers nobody waits for. */
  private async send(client: Client, plan: CallPlan, isDetached: boolean): Promise<void> {
    const failures = await sendCalls(client, plan, isDetached);
    const isOne = plan.targets.size === 1;
    for (const { target, error } of failures) this.tell(isOne ? undefined : target, error);
    const verdicts = failures.map(({ error }) => ({ verdict: verdictOf(error.code), ms: 0 }));
    const [only] = failures;
    if (only !== undefined) {
      process.exitCode = isOne ? only.error.exit : statusOfMany(verdicts);
    }
  }

  private async callOne(client: Client, plan: CallPlan): Promise<void> {
    const { interrupted } = await runCalls(client, plan, (target, answer) => {
      if (plan.isJson) printRecord(answerRecord(target, answer));
      if (answer.kind === 'value') {
        if (!plan.isJson) this.print(answer.value);
      } else {
        this.tell(undefined, answer.error);
        process.exitCode = answer.error.exit;
      }
    });
    process.exitCode = interrupted ?? process.exitCode;
  }

  private print(value: unknown): void {
    if (value === undefined || value === null) return;
    const { isTTY } = process.stdout;
    if (typeof value === 'string') printLine(isTTY ? escapeForTerminal(value) : value);
    else printLine(JSON.stringify(value, null, isTTY ? 2 : undefined));
  }

  private async callMany(client: Client, plan: CallPlan, flags: AllFlags): Promise<void> {
    const results: TargetVerdict[] = [];
    const { interrupted } = await runCalls(client, plan, (target, answer) => {
      printRecord(answerRecord(target, answer));
      const isWell = answer.kind === 'value';
      if (!isWell) this.tell(target, answer.error);
      results.push({ target, verdict: isWell ? 'ok' : verdictOf(answer.error.code) });
    });
    rememberRun(flags.home, results);
    const status = statusOfMany(results.map(({ verdict }) => ({ verdict, ms: 0 })));
    process.exitCode = interrupted ?? status;
  }

  /** Tells what became of a call: the sentence, what the exception carries, what to do. */
  private tell(target: string | undefined, error: DagentError): void {
    const { message, code, origin, hint } = error;
    const at = origin === undefined ? code : `${code} at ${origin}`;
    const text =
      target === undefined ? `${message} (${at})` : `${target}: ${withoutName(message, target)}`;
    const more = target === undefined ? (describeException(error) ?? hint) : undefined;
    this.complain(text, more);
  }
}
