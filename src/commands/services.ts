import * as Flags from '@oclif/core/flags';
import { sortNaturally } from '../base/natural.ts';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { printDocument, printLine } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { lookUpWanted, readTargets, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';

export default class Services extends DagentCommand {
  static override summary = 'List the services of all nodes';
  static override examples = [
    '<%= config.bin %> services',
    "<%= config.bin %> services 'under:east'",
    "<%= config.bin %> services --json | jq -r '.[].address'",
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: 'Only those of these nodes; of all without it' }),
  };
  static override flags = {
    json: Flags.boolean({ description: 'Print a JSON array' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Services);
    const words = wordsOf(raw);
    const isAll = words.length === 0 && flags.file === undefined;
    const wanted = await readTargets(isAll ? ['*'] : words, flags);
    const { names, nodes } = await this.withClient(flags, (client) => lookUpWanted(client, wanted));
    const all = names
      .map((name) => nodes.get(name))
      .filter((node) => node?.state === 'up')
      .flatMap((node) => (node?.services ?? []).map((service) => ({ service, node: node?.name })))
      .map((entry) => ({ ...entry, address: `${entry.node}:${entry.service}` }));
    // Of one name those of the nodes come in the order of the nodes.
    const services = sortNaturally(all, ({ service, address }) => `${service} ${address}`);
    if (flags.json) {
      printDocument(services);
      return;
    }
    const rows = services.map((entry) => [entry.service, entry.node ?? '', entry.address]);
    if (rows.length === 0) process.stderr.write('no services; register one: dagent listen NAME\n');
    else printLine(formatTable(['SERVICE', 'NODE', 'ADDRESS'], rows));
  }
}
