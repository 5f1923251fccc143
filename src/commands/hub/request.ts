import * as Flags from '@oclif/core/flags';
import { formatDuration, parseDurationMs } from '../../base/duration.ts';
import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { chooseByWhere } from '../../cli/hub.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { targetFlags } from '../../cli/target-flags.ts';
import { wordArg } from '../../cli/words.ts';
import { HubClient } from '../../client/hub.ts';
import { DagentError } from '../../protocol/errors.ts';
import { formatPlace } from '../../protocol/hub.ts';
import {
  HUB_LEASE_MS_DEFAULT,
  HUB_LEASE_MS_MAX,
  HUB_LEASE_MS_MIN,
  HUB_REQUEST_COUNT_MAX,
} from '../../protocol/limits.ts';

/** `none` is no lease: the places are taken for good. */
const leaseFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  parse(text) {
    if (text === 'none') return Promise.resolve(0);
    const ms = parseDurationMs(text) ?? 0;
    if (ms >= HUB_LEASE_MS_MIN && ms <= HUB_LEASE_MS_MAX) return Promise.resolve(ms);
    const reason = `${text} is no time for a lease: from 1s to 24h, or none`;
    throw new DagentError('E_USAGE', { reason });
  },
});

function readCount(word: string): number {
  const count = Number(word);
  if (/^\d{1,9}$/.test(word) && count > 0 && count <= HUB_REQUEST_COUNT_MAX) return count;
  const reason = `${word} is no number of nodes, from 1 to ${HUB_REQUEST_COUNT_MAX}`;
  throw new DagentError('E_USAGE', { reason });
}

export default class HubRequest extends DagentCommand {
  static override summary = 'Reserve a place at up to N nodes that have one free, drawn by chance';
  static override description = [
    'Prints where, a line for each. The places are given back when the lease is over, or with',
    'hub release. Ends with 3 when nobody has a free place.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> hub request 2',
    '<%= config.bin %> hub request 3 --exact --lease 10m --json',
    "<%= config.bin %> hub request 1 --where 'memory.available>8Gi'",
  ];
  static override args = {
    count: wordArg({ required: true, description: 'How many nodes' }),
  };
  static override flags = {
    where: targetFlags.where,
    exact: Flags.boolean({ description: 'All of them, or none and status 3' }),
    lease: leaseFlag({ description: 'For how long (1m); none: for good, until hub set' }),
    json: Flags.boolean({ description: 'Print a JSON object' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HubRequest);
    const count = readCount(args.count);
    const { where, exact } = flags;
    const leaseMs = flags.lease ?? HUB_LEASE_MS_DEFAULT;
    const granted = await this.withClient(flags, async (client) => {
      const hub = await HubClient.of(client);
      const among = where === undefined ? {} : { among: await chooseByWhere(client, hub, where) };
      return hub.request({ count, ...among, isExact: exact, leaseMs });
    });
    const { lease, nodes } = granted;
    if (flags.json) return printDocument(granted);
    for (const node of nodes) printLine(formatPlace(node));
    const fewer = nodes.length < count ? `only ${nodes.length} of ${count}; ` : '';
    const told = `lease ${lease} for ${formatDuration(leaseMs)}: dagent hub release ${lease}`;
    process.stderr.write(`${fewer}${lease === '' ? 'for good: dagent hub set' : told}\n`);
  }
}
