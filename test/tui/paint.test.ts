/**
 * What reaches the terminal is what the view says. Only differences between frames are sent; an
 * emulated terminal puts them together again, and after each step its screen must be the one that
 * a full drawing would give.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import xterm from '@xterm/headless';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { WatchRecord } from '../../src/protocol/status.ts';
import { createModel, type Size } from '../../src/tui/model.ts';
import { ERASE } from '../../src/tui/painter.ts';
import { drawScreen } from '../../src/tui/screen.ts';
import type { TopOptions } from '../../src/tui/top-options.ts';
import { update } from '../../src/tui/update.ts';
import { VIEWS } from '../../src/tui/views/index.ts';
import { bundle } from './bundle.ts';
import { NOW_MS, nodeOf, smallRealm } from './nodes.ts';
import { poll } from './terminal.ts';

type RunTop = (options: TopOptions) => Promise<void>;

const paint = suite<{ home: string; runTop: RunTop }>('what is drawn');
paint.before(async (context) => {
  context.home = mkdtempSync(join(tmpdir(), 'paint-'));
  const program = await bundle('src/tui/run.ts', context.home);
  ({ runTop: context.runTop } = await import(program));
});
paint.after(({ home }) => rmSync(home, { recursive: true }));

/** A terminal in memory, as a stream that can be written to. */
class Screen extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  /** All that was written to it. */
  written = '';
  onWrite = (): void => undefined;
  readonly #emulator: xterm.Terminal;

  constructor({ columns, rows }: Size) {
    super();
    this.columns = columns;
    this.rows = rows;
    this.#emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString();
    this.onWrite();
    // A terminal's line discipline: a line feed also returns the carriage.
    this.#emulator.write(chunk.toString().replaceAll('\n', '\r\n'), done);
  }

  resize({ columns, rows }: Size): void {
    this.columns = columns;
    this.rows = rows;
    this.#emulator.resize(columns, rows);
    this.emit('resize');
  }

  lines(): string[] {
    const { active } = this.#emulator.buffer;
    // A line that was longer before keeps its end out of sight.
    const read = (row: number) =>
      active.getLine(active.baseY + row)?.translateToString(true, 0, this.columns);
    return Array.from({ length: this.rows }, (_, row) => read(row)?.trimEnd() ?? '');
  }

  get isAlternate(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }
}

type Step =
  | { readonly kind: 'record'; readonly record: WatchRecord }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'resized'; readonly size: Size };

const FIRST_SIZE: Size = { columns: 80, rows: 14 };
const aStep: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({
      name: fc.constantFrom('web1', 'web2', 'db1', 'new1', 'new2', 'agent2'),
      parent: fc.constantFrom('agent1', 'agent2', 'root1'),
      state: fc.constantFrom('up', 'lost'),
      rttMs: fc.constantFrom(null, 0.5, 33),
      services: fc.constantFrom(['dagent'], ['日本語', 'http'], ['orders.paid', 'cache']),
    })
    .map(({ name, ...more }) => {
      return { kind: 'record', record: { type: 'node', node: nodeOf(name, more) } } as const;
    }),
  fc
    .constantFrom('web1', 'db2', 'agent1')
    .map((name) => ({ kind: 'record', record: { type: 'gone', name } }) as const),
  fc
    .constantFrom('j', 'k', 'G', 'g', ' ', 'h', 'l', '?', 'p', '1', '2', '>', 'S', '\r')
    .map((key) => ({ kind: 'key', key: key === '\r' ? 'return' : key }) as const),
  fc
    .record({ columns: fc.integer({ min: 40, max: 130 }), rows: fc.integer({ min: 5, max: 30 }) })
    .map((size) => ({ kind: 'resized', size }) as const),
);

/** The program on a terminal in memory, and how to tell it something. */
async function start(runTop: RunTop) {
  const stdout = new Screen(FIRST_SIZE);
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const heard = Promise.withResolvers<(record: WatchRecord) => void>();
  const ended = runTop({
    subscribe: async (onRecord) => {
      heard.resolve(onRecord);
      return { close: async () => {} };
    },
    fetch: () => new Promise(() => {}),
    runs: { connect: () => new Promise(() => {}), monotonicMs: () => 0 },
    follow: () => () => undefined,
    nowMs: () => NOW_MS,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    colour: true,
    ascii: false,
  });
  const tell = await heard.promise;
  const take = async (step: Step) => {
    if (step.kind === 'record') tell(step.record);
    else if (step.kind === 'key') stdin.write(step.key === 'return' ? '\r' : step.key);
    else stdout.resize(step.size);
    // A key that shows nothing must be read before something else happens, too.
    await setImmediate();
    await poll('the key is read', () => stdin.readableLength === 0 || undefined);
  };
  const stop = async () => {
    stdin.write('\x03');
    await ended;
    await poll('the screen is given back', () => (stdout.isAlternate ? undefined : true));
  };
  return { stdout, take, stop };
}

type Program = Awaited<ReturnType<typeof start>>;

/** Takes the program through the steps, beside a model that only computes. */
async function play(runTop: RunTop, steps: readonly Step[]): Promise<void> {
  const program = await start(runTop);
  const { stdout } = program;
  const model = createModel({ views: VIEWS, size: FIRST_SIZE, hasColour: true, isAscii: false });
  const snapshot: WatchRecord = { type: 'snapshot', realm: 'demo', nodes: smallRealm() };
  try {
    for (const step of [{ kind: 'record', record: snapshot } as const, ...steps]) {
      await program.take(step);
      update(model, step, NOW_MS);
      const lines = drawScreen(model, NOW_MS).map((line) =>
        stripVTControlCharacters(line).trimEnd(),
      );
      const screen = lines.join('\n');
      const isDrawn = () => stdout.isAlternate && stdout.lines().join('\n') === screen;
      await poll(`${JSON.stringify(step)}\n${screen}`, () => isDrawn() || undefined);
    }
  } catch (error) {
    throw new Error(`${(error as Error).message}\nbut\n${stdout.lines().join('\n')}`);
  } finally {
    await program.stop();
  }
}

paint('the differences between frames add up to the frames', async ({ runTop }) => {
  const property = fc.asyncProperty(
    fc.array(aStep, { minLength: 6, maxLength: 12 }),
    async (steps) => await play(runTop, steps),
  );
  await fc.assert(property, { numRuns: 6, endOnFailure: true, includeErrorInReport: true });
});

const SNAPSHOT = { type: 'snapshot', realm: 'demo', nodes: smallRealm() } as const;

/** Waits for the first screen, and until a key is heard. */
async function showFirst({ stdout, take }: Program): Promise<void> {
  await take({ kind: 'record', record: SNAPSHOT });
  await poll('the first screen is there', () => stdout.written.includes('quit') || undefined);
  await take({ kind: 'key', key: 'j' });
  const end = / 2\/9$/;
  await poll('a key is heard', () => end.test(stdout.lines().at(-1) ?? '') || undefined);
}

paint('the first screen stays as it is when keys are heard', async ({ runTop }) => {
  const program = await start(runTop);
  try {
    await showFirst(program);
    const { written } = program.stdout;
    assert.is(written.split('\x1b[?1049h').length, 2, 'the other screen is taken once');
    assert.is(written.split(ERASE).length, 2, 'it is erased once, before it is drawn');
    assert.not.match(written, '\n', 'nothing scrolls');
  } finally {
    await program.stop();
  }
});

paint('a new size is heard between the first screen and the first key', async ({ runTop }) => {
  const program = await start(runTop);
  const { stdout } = program;
  stdout.onWrite = () => {
    if (!stdout.written.includes('quit')) return;
    stdout.onWrite = () => undefined;
    stdout.resize({ columns: 100, rows: 20 });
  };
  try {
    await showFirst(program);
    assert.match(stdout.lines()[0] ?? '', /^dagent top/);
    assert.is(stdout.written.split(ERASE).length, 3, 'it is drawn anew once');
  } finally {
    await program.stop();
  }
});

paint.run();
