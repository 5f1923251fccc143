import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { formatTable, printDocument, printLine } from '../cli/output.ts';

export default class Services extends DagentCommand {
  static override summary = 'List the services of all nodes';
  static override examples = [
    '<%= config.bin %> services',
    "<%= config.bin %> services --json | jq -r '.[].address'",
  ];
  static override flags = {
    json: Flags.boolean({ description: 'Print a JSON array' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Services);
    const { fetchTree } = await import('../client/tree.ts');
    const { nodes } = await this.withClient(flags, fetchTree);
    const services = nodes
      .filter((node) => node.state === 'up')
      .flatMap((node) => node.services.map((service) => ({ service, node: node.name })))
      .map((entry) => ({ ...entry, address: `${entry.node}:${entry.service}` }))
      .sort((a, b) => a.service.localeCompare(b.service) || a.node.localeCompare(b.node));
    if (flags.json) {
      printDocument(services);
      return;
    }
    const rows = services.map((entry) => [entry.service, entry.node, entry.address]);
    if (rows.length === 0) process.stderr.write('no services; register one: dagent listen NAME\n');
    else printLine(formatTable(['SERVICE', 'NODE', 'ADDRESS'], rows));
  }
}
