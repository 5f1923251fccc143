import * as Flags from '@oclif/core/flags';
import { formatDuration } from '../base/duration.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { createEnding, type Ending } from '../cli/ending.ts';
import { rememberRun, type TargetVerdict } from '../cli/last-run.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { computePingStatistics, formatPingStatistics } from '../cli/ping-statistics.ts';
import { readTargets, resolveWanted, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { verdictOf } from '../client/exec.ts';
import { DagentError } from '../protocol/errors.ts';

const PING_MS_MAX = 5_000;
const INTERVAL_MS = 1_000;

interface PingFlags {
  readonly count: number;
  readonly interval: number | undefined;
  readonly timeout: number | undefined;
  readonly json: boolean;
}

/** What became of the pings to one node so far. */
interface Tally {
  readonly times: number[];
  sent: number;
  error: DagentError | undefined;
}

/** Who answered once is there. */
function judge([target, { times, error }]: readonly [string, Tally]): TargetVerdict {
  if (times.length > 0) return { target, verdict: 'ok' };
  return { target, verdict: error === undefined ? 'cancelled' : verdictOf(error.code) };
}

export default class Ping extends DagentCommand {
  static override summary = 'Measure the round trip to nodes';
  static override description = [
    'Ends with 0 when every node answered at least once. Ctrl-C ends it with the figures so',
    'far.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> ping web1',
    '<%= config.bin %> ping web1 db1 --count 100 --interval 100ms',
    "<%= config.bin %> ping '*' --count 1 --json",
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: "Names, lists, web[1-40], 'web*', site=oslo" }),
  };
  static override flags = {
    count: Flags.integer({
      char: 'c',
      helpValue: 'N',
      min: 1,
      default: 4,
      description: 'How many',
    }),
    interval: durationFlag({ char: 'i', description: 'Time between two (1s)' }),
    timeout: durationFlag({ description: 'How long one may take (5s)' }),
    json: Flags.boolean({ description: 'Print NDJSON: reply, error, statistics' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Ping);
    const wanted = await readTargets(wordsOf(raw), flags);
    await this.withClient(flags, async (client) => {
      const { names } = await resolveWanted(client, wanted);
      const tallies = new Map<string, Tally>();
      for (const name of names) tallies.set(name, { times: [], sent: 0, error: undefined });
      await this.pingAll(client, tallies, flags);
      for (const [target, tally] of tallies) this.conclude(target, tally, flags);
      if (!wanted.isSingle) rememberRun(flags.home, [...tallies].map(judge));
    });
  }

  /** One round after the other, until the last one or the end of it. */
  private async pingAll(
    client: Client,
    tallies: ReadonlyMap<string, Tally>,
    flags: PingFlags,
  ): Promise<void> {
    const ending = createEnding();
    for (let seq = 1; seq <= flags.count && !ending.isOver; seq++) {
      if (seq > 1) await ending.wait(flags.interval ?? INTERVAL_MS);
      if (ending.isOver) return;
      const round = [...tallies].map(async ([target, tally]) => {
        const ms = await this.ping(client, target, flags);
        if (!ending.isOver) await this.note(client, { target, seq, ms, tally, tallies }, flags);
      });
      await this.untilDone(Promise.all(round), ending);
    }
  }

  /** What is under way when it is over is not waited for. What it throws is thrown. */
  private async untilDone(round: Promise<unknown>, ending: Ending): Promise<void> {
    await Promise.race([round, ending.over]);
    if (ending.isOver) round.catch(() => undefined);
  }

  /** Milliseconds of one round trip, or why there was none. */
  private async ping(
    client: Client,
    target: string,
    flags: PingFlags,
  ): Promise<number | DagentError> {
    const startedAtMs = performance.now();
    try {
      const timeoutMs = flags.timeout ?? PING_MS_MAX;
      await client.call(`${target}:`, 'node.ping', [], { timeoutMs });
      return performance.now() - startedAtMs;
    } catch (error) {
      if (error instanceof DagentError) return error;
      throw error;
    }
  }

  private async note(
    client: Client,
    result: {
      readonly target: string;
      readonly seq: number;
      readonly ms: number | DagentError;
      readonly tally: Tally;
      readonly tallies: ReadonlyMap<string, Tally>;
    },
    flags: PingFlags,
  ): Promise<void> {
    const { target, seq, ms, tally, tallies } = result;
    tally.sent++;
    if (typeof ms === 'number') {
      tally.times.push(ms);
      if (flags.json) printRecord({ type: 'reply', target, seq, ms: Number(ms.toFixed(3)) });
      else printLine(`${target}  seq ${seq}  ${formatDuration(ms)}`);
      return;
    }
    tally.error = ms;
    if (tallies.size === 1 && ms.code === 'E_UNREACHABLE') {
      const { explainUnreachable } = await import('../client/targets.ts');
      const unknown = await explainUnreachable(client, target);
      if (unknown !== undefined) throw unknown;
    }
    if (flags.json) printRecord({ type: 'error', target, seq, error: ms.toData() });
    else this.complain(`${target}  seq ${seq}  ${ms.message}`);
  }

  /** The figures of one node. One that never answered makes the exit status. */
  private conclude(target: string, { times, sent, error }: Tally, flags: PingFlags): void {
    const statistics = computePingStatistics(sent, times);
    if (flags.json) printRecord({ type: 'statistics', target, ...statistics });
    else printLine(`${target}  ${formatPingStatistics(statistics)}`);
    // Interrupted before anything could be said of it: 130, as for others.
    if (times.length === 0) process.exitCode = error?.exit ?? 130;
  }
}
