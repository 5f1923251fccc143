import * as Flags from '@oclif/core/flags';
import { formatDuration } from '../base/duration.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { onPipeClosed } from '../cli/pipe.ts';
import { wordArg } from '../cli/words.ts';
import { DagentError } from '../protocol/errors.ts';

const PING_MS_MAX = 5_000;
const INTERVAL_MS = 1_000;

export default class Ping extends DagentCommand {
  static override summary = 'Measure the round trip to nodes';
  static override examples = [
    '<%= config.bin %> ping web1',
    "<%= config.bin %> ping '*' --count 1 --json",
  ];
  static override args = {
    target: wordArg({ required: true, description: "Name, list, glob, or '*'" }),
  };
  static override flags = {
    count: Flags.integer({ char: 'c', min: 1, default: 4, description: 'How many, one a second' }),
    timeout: durationFlag({ description: 'How long one may take (5s)' }),
    json: Flags.boolean({ description: 'Print NDJSON records' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ping);
    const { resolveTargets, explainUnreachable } = await import('../client/targets.ts');
    await this.withClient(flags, async (client) => {
      const targets = await resolveTargets(client, args.target);
      const timeoutMs = flags.timeout ?? PING_MS_MAX;
      const ping = async (target: string, seq: number): Promise<DagentError | undefined> => {
        const startedAtMs = performance.now();
        try {
          await client.call(`${target}:`, 'node.ping', [], { timeoutMs });
          const ms = performance.now() - startedAtMs;
          if (flags.json) printRecord({ type: 'reply', target, seq, ms: Number(ms.toFixed(3)) });
          else printLine(`${target}  seq ${seq}  ${formatDuration(ms)}`);
          return undefined;
        } catch (error) {
          if (!(error instanceof DagentError)) throw error;
          const isAlone = targets.length === 1 && error.code === 'E_UNREACHABLE';
          const unknown = isAlone ? await explainUnreachable(client, target) : undefined;
          if (unknown !== undefined) throw unknown;
          if (flags.json) printRecord({ type: 'error', target, seq, error: error.toData() });
          else this.complain(`${target}  seq ${seq}  ${error.message}`);
          return error;
        }
      };
      let isRead = true;
      onPipeClosed(() => {
        isRead = false;
      });
      for (let seq = 1; seq <= flags.count && isRead; seq++) {
        const errors = await Promise.all(targets.map((target) => ping(target, seq)));
        for (const error of errors) if (error !== undefined) process.exitCode = error.exit;
        if (seq < flags.count) await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
      }
    });
  }
}
