import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { hubRows, readStatus } from '../../cli/hub.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { formatTable } from '../../cli/table.ts';
import { HubClient, type HubFilter } from '../../client/hub.ts';
import { DagentError } from '../../protocol/errors.ts';
import { parsePlace } from '../../protocol/hub.ts';

export default class HubLs extends DagentCommand {
  static override summary = 'List who is in the hub, and how many connections each can still take';
  static override description = [
    'FREE is the status: so many connections are free; 0 not available; -1 a zombie: a node that',
    'is lost. LEASED are those that leases hold.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> hub ls',
    '<%= config.bin %> hub ls --available',
    '<%= config.bin %> hub ls --addr 192.0.2.7:8080 --json',
  ];
  static override flags = {
    available: Flags.boolean({
      exclusive: ['idle', 'status'],
      description: 'Those with a free place',
    }),
    idle: Flags.boolean({ exclusive: ['status'], description: 'Those with status 0' }),
    status: Flags.string({ helpValue: 'N', description: 'Those with this one' }),
    addr: Flags.string({
      helpValue: 'ADDRESS[:PORT]',
      description: 'Those at this address; a node has its name for one',
    }),
    json: Flags.boolean({ description: 'Print a JSON array' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(HubLs);
    const filter: HubFilter = {
      ...(flags.available ? { isAvailable: true } : {}),
      ...(flags.idle ? { isIdle: true } : {}),
      ...(flags.status === undefined ? {} : { status: readStatus(flags.status) }),
      ...(flags.addr === undefined ? {} : readAddress(flags.addr)),
    };
    const records = await this.withClient(flags, async (client) =>
      (await HubClient.of(client)).list(filter),
    );
    if (flags.json) return printDocument(records);
    const { head, rows } = hubRows(records);
    if (rows.length > 0) printLine(formatTable(head, rows));
    else if (Object.keys(filter).length > 0) this.complain('nobody of that kind is in the hub');
    else this.complain('nobody is in the hub', 'add one: dagent hub register');
  }
}

/** An address alone is that of all programs there, and of a node of that name. */
function readAddress(text: string): Pick<HubFilter, 'address' | 'port'> {
  const place = parsePlace(text);
  if (place !== undefined) return place.port === 0 ? { address: place.address } : place;
  const [, v6 = text] = /^\[([^\]]+)\]$/.exec(text) ?? [];
  if (/^[A-Za-z0-9:.%-]+$/.test(v6)) return { address: v6 };
  throw new DagentError('E_USAGE', { reason: `${text} is neither ADDRESS nor ADDRESS:PORT` });
}
