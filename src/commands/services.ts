import * as Flags from '@oclif/core/flags';
import { escapeLine } from '../base/escape.ts';
import { matchesGlob } from '../base/glob.ts';
import { sortNaturally } from '../base/natural.ts';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { lookUpListed } from '../cli/listed-targets.ts';
import { printDocument, printLine } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { readTargets, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import { foldNames } from '../protocol/node-set.ts';

export default class Services extends DagentCommand {
  static override summary = 'List the services of all nodes';
  static override examples = [
    '<%= config.bin %> services',
    "<%= config.bin %> services 'under:east'",
    "<%= config.bin %> services --name 'order*' --fold",
    "<%= config.bin %> services --json | jq -r '.[].address'",
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: 'Only those of these nodes; of all without it' }),
  };
  static override flags = {
    name: Flags.string({ helpValue: 'GLOB', description: 'Only services of such a name' }),
    fold: Flags.boolean({ exclusive: ['json'], description: 'A line for each name: web[1-40]' }),
    json: Flags.boolean({ description: 'Print a JSON array' }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Services);
    const words = wordsOf(raw);
    const isAll = words.length === 0 && flags.file === undefined;
    const wanted = await readTargets(isAll ? ['*'] : words, flags);
    const { names, nodes } = await this.withClient(flags, (client) => lookUpListed(client, wanted));
    const all = names
      .map((name) => nodes.get(name))
      .filter((node) => node?.state === 'up')
      .flatMap((node) => (node?.services ?? []).map((service) => ({ service, node: node?.name })))
      .filter(({ service }) => flags.name === undefined || matchesGlob(flags.name, service))
      .map((entry) => ({ ...entry, address: `${entry.node}:${entry.service}` }));
    // Of one name those of the nodes come in the order of the nodes.
    const services = sortNaturally(all, ({ service, address }) => `${service} ${address}`);
    if (flags.json) {
      printDocument(services);
      return;
    }
    const rows = services.map((entry) => [entry.service, entry.node ?? '', entry.address]);
    if (rows.length === 0) process.stderr.write(`${describeNone(flags.name)}\n`);
    else if (flags.fold) printLine(formatFolded(services));
    else printLine(formatTable(['SERVICE', 'NODE', 'ADDRESS'], rows));
  }
}

function describeNone(pattern: string | undefined): string {
  if (pattern === undefined) return 'no services; register one: dagent listen NAME';
  return `no service matches ${escapeLine(pattern)}`;
}

/** A line for each name, with the nodes that have it in short. */
function formatFolded(services: readonly { service: string; node: string | undefined }[]): string {
  const byName = Map.groupBy(services, ({ service }) => service);
  const rows = Array.from(byName, ([service, all]) => {
    return [service, String(all.length), foldNames(all.map(({ node = '' }) => node))];
  });
  const count = { head: 'COUNT', isNumber: true };
  return formatTable(['SERVICE', count, { head: 'NODES', isText: true }], rows);
}
