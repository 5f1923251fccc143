import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { wordArg } from '../cli/words.ts';
import { formatHop, formatTalker, formatTraceEnd } from '../client/format-trace.ts';
import type { TracedHop, TraceEnd } from '../client/trace.ts';

const TRACE_MS_MAX = 5_000;

export default class Trace extends DagentCommand {
  static override summary = 'Show the way of a request, hop by hop';
  static override description = [
    'Sends a request and prints every node that it passes: how long after sending it was heard',
    'of, from where to where it went, the last round trip of that link, and which table decided.',
    'Where two programs talk to each other without a daemon between them, they stand last. With',
    '--dry the request is not handed over. Ends with 0 when it was delivered, or would have been.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> trace web2:',
    '<%= config.bin %> trace orders --dry',
    '<%= config.bin %> trace web2:orders --via web1 --json',
  ];
  static override args = {
    address: wordArg({
      required: true,
      description: 'NODE:SERVICE, SERVICE for the nearest, or NODE: for its daemon',
    }),
    command: wordArg({ description: 'What the receiver is asked (PING)' }),
  };
  static override flags = {
    dry: Flags.boolean({ description: 'Do not hand it over: only show the way' }),
    timeout: durationFlag({ description: 'How long to wait for its outcome (5s)' }),
    json: Flags.boolean({ description: 'Print NDJSON: a record per hop, and the end' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Trace);
    const { address, command } = args;
    const { traceRoute, toHopRecord, toEndRecord } = await import('../client/trace.ts');
    await this.withClient(flags, async (client) => {
      let hops = 0;
      const onHop = (hop: TracedHop): void => {
        hops++;
        if (flags.json) printRecord(toHopRecord(hop));
        else printLine(formatHop(hop));
      };
      const timeoutMs = flags.timeout ?? TRACE_MS_MAX;
      const how = { isDry: flags.dry, timeoutMs, command, nowMs: () => performance.now() };
      const end = await traceRoute(client, address, how, onHop);
      if (flags.json) {
        printRecord(toEndRecord(address, end, hops));
      } else {
        for (const talker of end.direct ?? []) printLine(formatTalker(talker));
        printLine(formatTraceEnd(address, end));
      }
      this.conclude(end);
    });
  }

  /** An answer of any kind shows that it arrived; none within the time does not. */
  private conclude({ outcome, error }: TraceEnd): void {
    if (error === null) return;
    const isAnswered = outcome === 'delivered' && !['E_DEADLINE', 'E_LOST'].includes(error.code);
    if (isAnswered) return;
    process.exitCode = error.exit;
    this.complain(`${error.message} (${error.code})`, error.hint);
  }
}
