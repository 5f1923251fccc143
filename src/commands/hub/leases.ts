import * as Flags from '@oclif/core/flags';
import { formatDuration } from '../../base/duration.ts';
import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import { HubClient } from '../../client/hub.ts';
import { formatPlace } from '../../protocol/hub.ts';

export default class HubLeases extends DagentCommand {
  static override summary = 'List what is reserved in the hub, by whom and for how long';
  static override examples = [
    '<%= config.bin %> hub leases',
    "<%= config.bin %> hub leases --json | jq -r '.[].lease'",
  ];
  static override flags = {
    json: Flags.boolean({ description: 'Print a JSON array' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(HubLeases);
    const [leases, records] = await this.withClient(flags, async (client) => {
      const hub = await HubClient.of(client);
      return Promise.all([hub.leases(), hub.list()]);
    });
    if (flags.json) return printDocument(leases);
    const places = new Map(records.map((record) => [record.id, formatPlace(record)]));
    const rows = leases.map(({ lease, holder, expiresAtMs, ids }) => {
      const left = formatDuration(Math.max(0, expiresAtMs - Date.now()));
      return [lease, holder, left, ids.map((id) => places.get(id) ?? String(id)).join(', ')];
    });
    if (rows.length > 0) printLine(formatTable(['LEASE', 'BY', 'ENDS IN', 'PLACES'], rows));
    else process.stderr.write('nothing is reserved\n');
  }
}
