import * as Flags from '@oclif/core/flags';
import { resolveHome } from '../adapters/home.ts';
import { sortNaturally } from '../base/natural.ts';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { printDocument, printLine } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import { type MapContent, type NameEntry, readNames } from '../client/names.ts';
import { DagentError } from '../protocol/errors.ts';

function toRecord(entry: NameEntry, isStale: boolean): object {
  const { service, node, id, state, sinceMs, socket } = entry;
  return {
    ...{ service, node, address: `${node}:${service}`, state: isStale ? 'stale' : state },
    ...{ since: new Date(sinceMs).toISOString(), id, nodeId: entry.nodeId, socket },
  };
}

function toRow(entry: NameEntry, isStale: boolean): string[] {
  const { service, node, state, sinceMs, id } = entry;
  const since = new Date(sinceMs).toISOString();
  return [service, node, isStale ? 'stale' : state, since, id];
}

/** What is to be known before one believes it. */
function notesOn({ isStale, leftOutCount, unreadCount }: MapContent): string[] {
  return [
    ...(isStale ? ['stale: this was so when the daemon died, nobody knows now'] : []),
    ...(leftOutCount > 0 ? ['the map is full: names of other nodes are not in it'] : []),
    ...(unreadCount > 0 ? [`entries that could not be read: ${unreadCount}`] : []),
  ];
}

export default class Names extends DagentCommand {
  static override summary = 'Show the names that a node of this host publishes';
  static override description = [
    'Read from its name map, without asking its daemon; with --via that of another node of this',
    'host. When its daemon is dead all of it is stale, and the exit status is 6.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> names',
    '<%= config.bin %> names orders --via web1',
    '<%= config.bin %> names --json | jq -r \'.names[] | select(.state == "up") | .address\'',
  ];
  static override strict = false;
  static override args = {
    service: wordArg({ description: 'Only names of these services; all without it' }),
  };
  static override flags = {
    json: Flags.boolean({ description: 'Print one JSON document' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Names);
    const wanted = new Set(wordsOf(raw));
    const content = readNames(flags);
    const { isStale, owner, leftOutCount, unreadCount } = content;
    const chosen = content.entries.filter(
      ({ service }) => wanted.size === 0 || wanted.has(service),
    );
    const entries = sortNaturally(chosen, ({ service, node }) => `${service} ${node}`);
    if (flags.json) {
      const names = entries.map((entry) => toRecord(entry, isStale));
      const { node, pid } = owner;
      printDocument({ node, pid, isStale, leftOutCount, unreadCount, names });
    } else if (entries.length > 0) {
      const heads = ['SERVICE', 'NODE', 'STATE', 'SINCE', 'ID'];
      const rows = entries.map((entry) => toRow(entry, isStale));
      printLine(formatTable(heads, rows));
    }
    for (const note of notesOn(content)) this.complain(note);
    if (!isStale) {
      if (wanted.size === 0 || entries.length > 0) return;
      const values = { node: owner.node, service: [...wanted].join(', ') };
      throw new DagentError('E_NAME_UNKNOWN', values);
    }
    const home = resolveHome(flags.home, process.env).label;
    throw new DagentError('E_VIA_UNKNOWN', { via: owner.node, home });
  }
}
