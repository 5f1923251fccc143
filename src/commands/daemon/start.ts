import * as Flags from '@oclif/core/flags';
import { resolveHome } from '../../adapters/home.ts';
import { DagentCommand, durationFlag, homeFlags } from '../../cli/base.ts';
import { UPLINK_MS_DEFAULT } from '../../cli/daemon-waits.ts';
import { formatDaemon, formatUnlinked } from '../../cli/format-daemon.ts';
import { parseLabels } from '../../cli/labels.ts';
import { printDocument, printLine } from '../../cli/output.ts';
import { sizeFlag } from '../../cli/size-flag.ts';

export default class DaemonStart extends DagentCommand {
  static override summary = 'Start a daemon on this host';
  static override examples = [
    {
      description: 'A root that others can join through this machine',
      command: '<%= config.bin %> daemon start --listen cd://127.0.0.1:4042',
    },
    {
      description: 'A leaf below it',
      command:
        '<%= config.bin %> daemon start --name web1 --role leaf --parent cd://127.0.0.1:4042',
    },
    {
      description: 'An agent below a daemon of another host, through its sshd',
      command: '<%= config.bin %> daemon start --parent ssh://hall/run/dagent/hall/daemon.sock',
    },
    {
      description: 'In the foreground, for a service manager',
      command: '<%= config.bin %> daemon start -f -L /var/log/dagent.log -P /run/dagent.pid',
    },
  ];
  static override flags = {
    name: Flags.string({
      helpValue: 'NAME',
      description: 'Name of the node; the name of the host when absent',
    }),
    role: Flags.string({
      options: ['root', 'agent', 'leaf'],
      description: 'Role: root without a parent, agent with one, unless said',
    }),
    parent: Flags.string({
      multiple: true,
      helpValue: 'URL',
      description:
        'Parent, in order of preference: cd://HOST:PORT, cd:/PATH, ssh://[USER@]HOST[:PORT]/PATH',
    }),
    peer: Flags.string({
      multiple: true,
      helpValue: 'URL',
      description: 'Node beside this one: each reaches what the other reaches',
    }),
    label: Flags.string({
      multiple: true,
      helpValue: 'NAME=VALUE',
      description: 'What to select the node by, as in exec site=oslo',
    }),
    advertise: Flags.string({
      multiple: true,
      helpValue: 'URL',
      description: 'Where others reach this node, when it is not where it listens',
    }),
    listen: Flags.string({
      multiple: true,
      helpValue: 'URL',
      description: 'Where else to listen; port 0 takes a free one',
    }),
    metrics: Flags.string({
      helpValue: 'HOST:PORT',
      description: 'Serve figures to Prometheus there, over HTTP, as /metrics',
    }),
    realm: Flags.string({ helpValue: 'NAME', description: 'Name of the realm of a root' }),
    foreground: Flags.boolean({ char: 'f', description: 'Stay in the foreground, log to stderr' }),
    log: Flags.string({ char: 'L', helpValue: 'FILE', description: 'Log file' }),
    pidfile: Flags.string({ char: 'P', helpValue: 'FILE', description: 'File for the process id' }),
    ...homeFlags,
    timeout: durationFlag({
      description: 'How long parents may take to answer',
      defaultHelp: () => Promise.resolve('10s'),
    }),
    hold: durationFlag({ description: 'Silence after which a link is dead (15s)' }),
    'max-mailbox': Flags.integer({
      min: 1,
      helpValue: 'COUNT',
      description: 'Durable messages that may wait for one address (10,000,000)',
    }),
    'max-spool': sizeFlag({
      description: 'Blocks of files that it keeps on disk to pass them on (1Gi)',
    }),
    'max-children': Flags.integer({
      helpValue: 'N',
      description: 'Children that it takes; more are sent to agents below it (10000)',
    }),
    plugins: Flags.string({
      helpValue: 'DIR',
      description: 'Directory of plugins to run; data/NAME/plugins of the home otherwise',
    }),
    insecure: Flags.boolean({ description: 'Listen beyond loopback without encryption' }),
    json: Flags.boolean({ description: 'Print one JSON document' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DaemonStart);
    const daemon = await import('../../daemon/index.ts');
    const home = resolveHome(flags.home, process.env);
    const options = daemon.completeOptions({
      name: flags.name,
      role: flags.role,
      realm: flags.realm,
      parents: flags.parent,
      peers: flags.peer,
      labels: parseLabels(flags.label ?? []),
      urls: flags.advertise,
      listen: flags.listen,
      metrics: flags.metrics,
      holdMs: flags.hold,
      childrenMax: flags['max-children'],
      mailboxMax: flags['max-mailbox'],
      spoolBytesMax: flags['max-spool'],
      isInsecure: flags.insecure,
      logFile: flags.log,
      pidFile: flags.pidfile,
      plugins: flags.plugins,
    });
    const print = (status: Parameters<typeof formatDaemon>[0]): void => {
      if (flags.json) printDocument(status);
      else if (!flags.foreground) printLine(formatDaemon(status));
    };
    if (flags.foreground) {
      const uplinkMs = flags.timeout ?? null;
      await daemon.runDaemon({ home, options, isForeground: true, uplinkMs }, print);
      return;
    }
    const status = await daemon.launchDaemon(home, options, flags.timeout ?? UPLINK_MS_DEFAULT);
    print(status);
    for (const line of formatUnlinked(status)) process.stderr.write(`${line}\n`);
  }
}
