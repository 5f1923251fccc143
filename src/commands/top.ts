import * as Flags from '@oclif/core/flags';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { tellCutOff } from '../cli/cut-off.ts';
import { createEnding } from '../cli/ending.ts';
import { hasColour, printDocument, printLine, printRecord, stdoutDrained } from '../cli/output.ts';
import { recallTop, rememberTop } from '../cli/top-memory.ts';
import type { ConnectOptions } from '../client/connection.ts';
import type { Picture } from '../client/picture.ts';
import { DagentError } from '../protocol/errors.ts';

/** Whether the terminal can show more than ASCII. */
function isUtf8(): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

interface PictureFlags {
  readonly json: boolean;
  readonly home?: string;
  readonly via?: string;
}

interface BatchFlags extends PictureFlags {
  readonly count?: number | undefined;
  readonly interval?: number | undefined;
}

/** What prints pictures, where a screen reader is told of changes. */
const NOT_READ = ['once', 'batch', 'json', 'plain'] as const;

/** Time between pictures when none is given. */
const INTERVAL_MS = 3_000;

export default class Top extends DagentCommand {
  static override summary = 'Watch the tree live';
  static override description = [
    'Keys are shown on the screen; ? explains them, : is the command bar. Where stdout is no',
    'terminal or a dumb one, or with --once, it prints one picture and ends; with --batch, one',
    'after the other.',
  ].join(' ');
  static override usage = '<%= command.id %> [FLAG...]';
  static override examples = [
    '<%= config.bin %> top',
    '<%= config.bin %> top --once --plain',
    '<%= config.bin %> top --batch -n 5 --interval 2s --json',
    '<%= config.bin %> top --once --json | jq \'.nodes[] | select(.state == "lost") | .name\'',
  ];
  static override flags = {
    once: Flags.boolean({ description: 'Print one picture and end', exclusive: ['batch'] }),
    batch: Flags.boolean({ description: 'Print pictures until -n or Ctrl-C' }),
    count: Flags.integer({
      char: 'n',
      helpValue: 'N',
      min: 1,
      dependsOn: ['batch'],
      description: 'So many pictures',
    }),
    interval: durationFlag({ dependsOn: ['batch'], description: 'Time between them (3s)' }),
    json: Flags.boolean({ description: 'A picture as one JSON document; with --batch, NDJSON' }),
    plain: Flags.boolean({
      description: 'A picture as text, one node a line',
      exclusive: ['json'],
    }),
    'screen-reader': Flags.boolean({
      env: 'INK_SCREEN_READER',
      description: 'Say what happens, a line for each change, until Ctrl-C; draw nothing',
    }),
    'read-only': Flags.boolean({ description: 'Offer nothing that changes anything' }),
    mouse: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'Use the mouse; Shift selects text then',
    }),
    ascii: Flags.boolean({ description: 'Draw with ASCII only' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Top);
    // In the environment it is meant for all programs, and is no wish for this run.
    const isTyped = raw.some((token) => token.type === 'flag' && token.flag === 'screen-reader');
    const other = NOT_READ.find((name) => flags[name]);
    if (isTyped && other !== undefined) {
      this.error(`--screen-reader does not go with --${other}`, { exit: 2 });
    }
    // A dumb terminal cannot place what is drawn.
    const canDraw = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
    const isLive = canDraw && process.stdin.isTTY === true;
    if (flags.batch) {
      await this.batch(flags);
      return;
    }
    if (flags['screen-reader'] && !flags.once && !flags.json && !flags.plain) {
      await this.linear(flags);
      return;
    }
    if (flags.json || flags.plain || flags.once || !isLive) {
      await this.once(flags);
      return;
    }
    const { createSubscriber, subscribeEarly } = await import('../tui/subscriber.ts');
    const { schedule } = await import('../tui/schedule.ts');
    const subscriber = createSubscriber(flags, schedule);
    const subscribe = subscribeEarly(subscriber.subscribe);
    const optionsNow = (): ConnectOptions => {
      return { ...flags, via: subscriber.source()?.via ?? flags.via };
    };
    const { connect } = await import('../client/client.ts');
    const { runTop } = await import('../tui/run.ts');
    const { createFetcher } = await import('../tui/fetcher.ts');
    const fetcher = createFetcher(optionsNow);
    await runTop({
      fetch: fetcher.fetch,
      runs: {
        connect: () => connect({ ...optionsNow(), reconnect: false }),
        monotonicMs: () => performance.now(),
      },
      follow: fetcher.follow,
      subscribe,
      begun: subscriber.begun,
      readOnly: flags['read-only'],
      mouse: flags.mouse,
      colourBits: process.stdout.getColorDepth(),
      settings: recallTop(flags),
      // A mouse that was not wanted this time may be the next.
      onSettings: (before, after, odd) => {
        const { hasMouse, ...others } = after;
        rememberTop(flags, before, flags.mouse ? { ...others, hasMouse } : others, odd);
      },
      nowMs: Date.now,
      stdout: process.stdout,
      stdin: process.stdin,
      colour: hasColour(process.stdout),
      ascii: flags.ascii || !isUtf8(),
    }).finally(() => fetcher.close());
  }

  /** What happens, line by line. */
  private async linear(flags: PictureFlags): Promise<void> {
    const { runLinear } = await import('../tui/linear.ts');
    const { createSubscriber } = await import('../tui/subscriber.ts');
    const { schedule } = await import('../tui/schedule.ts');
    const { subscribe } = createSubscriber(flags, schedule);
    await runLinear({ subscribe, nowMs: Date.now, print: printLine, over: createEnding().over });
  }

  private async once(flags: PictureFlags): Promise<void> {
    const { fetchPicture } = await import('../client/picture.ts');
    const picture = await fetchPicture(flags);
    tellCutOff(picture.cutOffAt);
    if (flags.json) printDocument(picture);
    else printLine(await this.plain(picture));
  }

  /** Pictures one after the other; each is as new as its own line says. */
  private async batch(flags: BatchFlags): Promise<void> {
    const { fetchPicture } = await import('../client/picture.ts');
    const ending = createEnding();
    for (let printed = 0; !ending.isOver; ) {
      const picture = await fetchPicture(flags);
      if (ending.isOver) break;
      tellCutOff(picture.cutOffAt);
      if (flags.json) printRecord({ atMs: Date.now(), ...picture });
      else printLine(`${printed > 0 ? '\n' : ''}${await this.plain(picture)}`);
      await stdoutDrained();
      printed++;
      if (printed === flags.count) break;
      await ending.wait(flags.interval ?? INTERVAL_MS);
    }
  }

  private async plain(picture: Picture): Promise<string> {
    const { formatPlain } = await import('../tui/snapshot.ts');
    if (picture.nodes.length === 0)
      throw new DagentError('E_INTERNAL', { reason: 'an empty tree' });
    return formatPlain(picture.nodes, Date.now()).trimEnd();
  }
}
