import * as Flags from '@oclif/core/flags';
import { formatDuration, parseDurationMs } from '../base/duration.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { catchSignals } from '../cli/interruption.ts';
import { LineSender, type LineSenderOptions } from '../cli/line-sender.ts';
import { printRecord } from '../cli/output.ts';
import { parseParams } from '../cli/params.ts';
import { readData } from '../cli/reader.ts';
import { reconnecting } from '../cli/reconnecting.ts';
import { untilTaken } from '../cli/taken.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import type { ConnectOptions } from '../client/connection.ts';
import type { Delivery } from '../client/delivery.ts';
import type { CacheOption, ReportOption } from '../client/options.ts';
import { parseBroadcast } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { HANDSHAKE_MS_MAX, HELD_MS_MAX, HELD_MS_MIN } from '../protocol/limits.ts';

/** Exit status with --keep-going when some lines could not be sent. */
const EXIT_SOME_FAILED = 1;

/** Time in which a message must be in its receiver's hands, in milliseconds. */
const DELIVER_MS_DEFAULT = 5_000;

/** Time in which a durable one must be stored: also when its daemon is restarted meanwhile. */
const STORE_MS_DEFAULT = 30_000;

/** A daemon that is busy has so long to answer when --timeout is shorter, in milliseconds. */
const CONNECT_MS_MIN = 1_000;

/** How long a message is kept: what is absent is left to the daemon. Throws E_USAGE. */
function parseCache(text: string | undefined): CacheOption | undefined {
  if (text === undefined || text === 'no') return text;
  const ttlMs = parseDurationMs(text);
  if (ttlMs !== undefined && ttlMs >= HELD_MS_MIN && ttlMs <= HELD_MS_MAX) return { ttlMs };
  throw usage(`--cache takes no, or a time from 10s to 1d, not ${text}`);
}

function usage(reason: string): DagentError {
  return new DagentError('E_USAGE', { reason });
}

function hintOfRest(rest: string, line: number): string {
  return `to send ${rest}, begin with line ${line} (tail -n +${line})`;
}

export default class Send extends DagentCommand {
  static override summary = 'Send a message to a service, or to many';
  static override description = [
    'Ends with 0 when the receiver has it: its node has put it on the connection of the program,',
    'which need not have read it. Otherwise it says where it ended and why. While the',
    'receiver is known but away, a node keeps the message for it: that is said on stderr, and',
    'ends with 0 too, unless --wait is given. With',
    '--request it waits for the answer: its data on stdout. To many goes what is sent to . (all',
    'services of this node), ? (of this realm), * (of neighbouring realms too), or *:SERVICE;',
    'it ends with 0 when the daemon has it, and nothing tells who got it. With --stdin each line',
    'is a message, {"to", "command", "params", "data"}, as listen --json prints them; they go out',
    'in their order, and the first one that cannot be delivered ends it, also one that was kept',
    'and has to make room for more: a node keeps 1000 for a receiver. With --durable the end',
    'is 0 as soon as the daemon has it, or all lines, on disk: they arrive then, whatever crashes,',
    'also when their receiver, or the node of it, comes much later; see: dagent mailbox ls. When',
    'the daemon is gone meanwhile it is waited for, and what it had not confirmed is sent again.',
    'Ctrl-C then waits for what is on its way, and says how many lines are stored.',
  ].join(' ');
  static override usage = [
    '<%= command.id %> ADDRESS COMMAND [NAME=VALUE...] [FLAG...]',
    '<%= command.id %> --stdin [FLAG...]',
  ];
  static override examples = [
    '<%= config.bin %> send web1:printer PRINT copies=2 page=A4',
    '$ cat report.pdf | <%= config.bin %> send printer PRINT --data -',
    '<%= config.bin %> send clock TIME --request',
    '<%= config.bin %> send web1:orders NEW id=7 --cache 1h',
    '<%= config.bin %> send web1:orders NEW id=7 --wait',
    '<%= config.bin %> send web1:orders NEW id=7 --durable',
    "<%= config.bin %> send '*:cache' FLUSH",
    `<%= config.bin %> listen in --json | jq -c '.to = "out"' | <%= config.bin %> send --stdin`,
  ];
  static override strict = false;
  static override args = {
    address: wordArg({
      description: 'NODE:SERVICE, SERVICE for the nearest, or . ? * *:SERVICE for many',
    }),
    command: wordArg({ description: 'What to do, by convention in capitals' }),
  };
  static override flags = {
    request: Flags.boolean({ description: 'Wait for the answer and print its data' }),
    data: Flags.string({ helpValue: 'FILE|-', description: 'Data that goes along' }),
    stdin: Flags.boolean({
      description: 'Send the messages that come on stdin, one JSON object to a line',
      exclusive: ['request', 'data', 'json'],
    }),
    'keep-going': Flags.boolean({
      description: 'With --stdin: go on behind a line that fails; the end is then 1',
      dependsOn: ['stdin'],
    }),
    cache: Flags.string({
      helpValue: 'no|TIME',
      description: 'How long it is kept for a receiver that is away (1m; 10s to 1d), or not at all',
      exclusive: ['request'],
    }),
    wait: Flags.boolean({
      description: 'Wait until the receiver has it, also when it is kept',
      exclusive: ['request'],
    }),
    durable: Flags.boolean({
      description: 'Keep it on disk until its receiver has done it',
      exclusive: ['request', 'cache', 'wait'],
    }),
    ttl: durationFlag({
      description: 'With --durable: after that time it is a dead letter (never)',
      dependsOn: ['durable'],
    }),
    timeout: durationFlag({
      description:
        'How long it may take (5s; --request, --durable 30s; with --wait as long as it is kept)',
    }),
    json: Flags.boolean({ description: 'Print the answer, or what became of it, as a record' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, raw, flags } = await this.parse(Send);
    const { address, command } = args;
    const report: ReportOption = flags.wait ? 'delivered' : 'kept';
    const usualMs = flags.durable ? STORE_MS_DEFAULT : DELIVER_MS_DEFAULT;
    const timeoutMs = flags.timeout ?? (flags.wait ? undefined : usualMs);
    const durable = flags.durable ? { ttlMs: flags.ttl } : undefined;
    const options = { report, timeoutMs, cache: parseCache(flags.cache), durable };
    if (flags.stdin) {
      if (address !== undefined) throw usage('--stdin takes addresses and commands from its lines');
      const keepGoing = flags['keep-going'];
      const send = (client: Client): Promise<void> => this.sendLines(client, options, keepGoing);
      await this.withClient(flags, send, this.connecting(flags));
      return;
    }
    if (address === undefined || command === undefined) {
      throw usage('an address and a command are needed, or --stdin');
    }
    const params = parseParams(wordsOf(raw).slice(2));
    const data = await readData(flags.data);
    const send = async (client: Client): Promise<void> => {
      if (durable !== undefined) {
        const all = { params, data, timeoutMs, durable: true, ...durable } as const;
        await client.send(address, command, all);
        if (flags.json) printRecord({ to: address, state: 'stored', node: client.node });
        return;
      }
      if (!flags.request && parseBroadcast(address) !== undefined) {
        const hasOneOutcome = flags.wait || (flags.cache ?? 'no') !== 'no';
        if (hasOneOutcome) throw new DagentError('E_BROADCAST', { to: address });
        client.send(address, command, { params, data });
        await untilTaken(client, flags.timeout ?? DELIVER_MS_DEFAULT);
        if (flags.json) printRecord({ to: address, takenBy: client.node });
        return;
      }
      if (!flags.request) {
        const delivery = await client.deliver(address, command, { params, data, ...options });
        this.showDelivery(address, delivery, flags.json);
        return;
      }
      const asked = { params, data, timeoutMs: flags.timeout };
      const reply = await client.request(address, command, asked);
      if (flags.json) {
        const { command: answer, params: answered } = reply;
        printRecord({ command: answer, params: answered, data: reply.data.toString('utf8') });
      } else {
        process.stdout.write(reply.data);
      }
    };
    await this.withClient(flags, send, this.connecting(flags));
  }

  /** What is durable is not given up when the daemon is gone. */
  private connecting(flags: { durable: boolean; timeout: number | undefined }): ConnectOptions {
    const wantedMs = Math.max(CONNECT_MS_MIN, flags.timeout ?? HANDSHAKE_MS_MAX);
    const timeoutMs = Math.min(wantedMs, HANDSHAKE_MS_MAX);
    return { ...reconnecting(flags.durable, (text) => this.complain(text)), timeoutMs };
  }

  /** What became of it: for scripts on stdout, that it is only kept for people on stderr. */
  private showDelivery(to: string, delivery: Delivery, isJson: boolean): void {
    const { state } = delivery;
    if (state === 'delivered') {
      if (isJson) printRecord({ to, state });
      return;
    }
    const { node, ms } = delivery;
    const until = new Date(Date.now() + ms).toISOString();
    if (isJson) printRecord({ to, state, node, until });
    this.complain(`${to} is away: ${node} keeps the message for ${formatDuration(ms)}`);
  }

  private async sendLines(
    client: Client,
    options: Pick<LineSenderOptions, 'timeoutMs' | 'cache' | 'report' | 'durable'>,
    keepGoing: boolean,
  ): Promise<void> {
    const onFailure = (line: number, error: DagentError): void =>
      this.complain(`line ${line}: ${error.message} (${error.code})`, error.hint);
    const sender = new LineSender(client, { ...options, keepGoing, onFailure });
    // Who sends on what is not stored has to know how much is.
    const cancel = (): void => sender.stop();
    const tellStatus = (): void => this.complain(`${sender.lineCount} lines are read`);
    const signals = { cancel, tellStatus, hasKeyboard: false };
    const end = options.durable === undefined ? undefined : catchSignals(signals);
    await sender.sendAll(process.stdin).finally(() => end?.restore());
    if (sender.hasBroadcasts) await untilTaken(client, options.timeoutMs ?? DELIVER_MS_DEFAULT);
    if (sender.cachedCount > 0) {
      this.complain(`${sender.cachedCount} of ${sender.lineCount} are kept: receivers are away`);
    }
    const { lineCount, failedCount, failure } = sender;
    const ended = keepGoing ? undefined : failure;
    const behindCount = lineCount - (ended?.line ?? lineCount);
    if (behindCount > 0) {
      const state = options.durable === undefined ? 'sent' : 'stored';
      const others = `${failedCount - 1} failed and ${behindCount - failedCount + 1} are ${state}`;
      this.complain(`of ${behindCount} lines read behind it, ${others}`);
    }
    if (end?.status !== undefined) {
      process.exitCode = end.status;
      const isGapped = keepGoing && failure !== undefined;
      const failed = isGapped ? `, ${failedCount} failed, the first is line ${failure.line}` : '';
      this.complain(
        `stopped: ${lineCount - failedCount} of ${lineCount} lines are stored${failed}`,
        hintOfRest(isGapped ? 'what was not read' : 'the rest', ended?.line ?? lineCount + 1),
      );
      return;
    }
    if (failure === undefined) return;
    process.exitCode = keepGoing ? EXIT_SOME_FAILED : failure.error.exit;
    if (keepGoing) this.complain(`${failedCount} of ${lineCount} lines failed`);
  }
}
