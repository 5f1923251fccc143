import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { hasColour, printDocument, printLine } from '../cli/output.ts';
import { DagentError } from '../protocol/errors.ts';

/** Whether the terminal can show more than ASCII. */
function isUtf8(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

export default class Top extends DagentCommand {
  static override summary = 'Watch the tree live';
  static override description = [
    'Keys are shown on the screen; ? explains them. Where stdout is no terminal, or with',
    '--once, it prints one picture and ends.',
  ].join(' ');
  static override examples = [
    '<%= config.bin %> top',
    '<%= config.bin %> top --once --plain',
    '<%= config.bin %> top --once --json | jq \'.nodes[] | select(.state == "lost") | .name\'',
  ];
  static override flags = {
    once: Flags.boolean({ description: 'Print one picture and end' }),
    json: Flags.boolean({ description: 'That picture as one JSON document' }),
    plain: Flags.boolean({ description: 'That picture as text, one node a line' }),
    ascii: Flags.boolean({ description: 'Draw with ASCII only' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Top);
    const isLive = process.stdout.isTTY === true && process.stdin.isTTY === true;
    if (flags.json || flags.plain || flags.once || !isLive) {
      await this.once(flags);
      return;
    }
    const { watchTree } = await import('../client/watch.ts');
    const { connect } = await import('../client/client.ts');
    // The first connection shows, before the screen is taken, whether there is anything to see.
    const client = await connect({ ...flags, reconnect: false });
    const { realm } = client;
    await client.close();
    const { runTop } = await import('../tui/run.tsx');
    const { createFetcher } = await import('../tui/fetcher.ts');
    const fetcher = createFetcher(flags);
    await runTop({
      fetch: fetcher.fetch,
      subscribe: async (onRecord, onLost) => {
        const subscription = await watchTree(flags, onRecord);
        void subscription.over.then((reason) => {
          if (reason !== undefined) onLost(reason);
        });
        return subscription;
      },
      ...(realm === null ? {} : { realm }),
      nowMs: Date.now,
      stdout: process.stdout,
      stdin: process.stdin,
      colour: hasColour(process.stdout),
      ascii: flags.ascii || !isUtf8(),
    }).finally(() => fetcher.close());
  }

  private async once(flags: { json: boolean; home?: string; via?: string }): Promise<void> {
    const { fetchPicture } = await import('../client/picture.ts');
    const picture = await fetchPicture(flags);
    if (flags.json) {
      printDocument(picture);
      return;
    }
    const { formatPlain } = await import('../tui/snapshot.ts');
    if (picture.nodes.length === 0)
      throw new DagentError('E_INTERNAL', { reason: 'an empty tree' });
    printLine(formatPlain(picture.nodes, Date.now()).trimEnd());
  }
}
