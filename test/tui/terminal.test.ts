/**
 * `dagent top` on a real terminal: what keys do, what a resize does, and that the terminal is given
 * back on every way out. What it shows comes from the test; nothing else of dagent runs.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { WatchRecord } from '../../src/protocol/status.ts';
import { bundle } from './bundle.ts';
import { nodeOf, smallRealm } from './nodes.ts';
import { hasTmux, openTerminal, poll, type Terminal } from './terminal.ts';

interface Context {
  home: string;
  program: string;
  server: Server;
  terminal: Terminal;
  /** Those who watch, the newest last, and what the newest said of itself. */
  watchers: Socket[];
  processId: number;
  /** How often the settings of the terminal were read. */
  readCount: number;
}

const top = suite<Context>('dagent top on a terminal');
const canRun = hasTmux();
const scenario = canRun ? top : top.skip;
// Making the program takes longer than most tests: once for all.
top.before(async (context) => {
  if (!canRun) return;
  context.home = mkdtempSync(join(tmpdir(), 'top-'));
  context.program = await bundle('test/tui/fixture.tsx', join(context.home, 'program'));
});
top.after(({ home }) => {
  if (canRun) rmSync(home, { recursive: true });
});
top.before.each(async (context) => {
  context.watchers = [];
  context.readCount = 0;
  context.server = createServer((socket) => {
    context.watchers.push(socket);
    socket.on('error', () => {}); // A program that was killed says no goodbye.
    socket.once('data', (id) => {
      context.processId = Number(id);
    });
    tell(context, { type: 'snapshot', realm: 'demo', nodes: smallRealm() });
  });
  context.server.listen(join(context.home, 'watch'));
  await once(context.server, 'listening');
  context.terminal = await openTerminal(context.home, 80, 24);
});
top.after.each(async (context) => {
  await context.terminal.stop();
  for (const watcher of context.watchers) watcher.destroy();
  context.server.close();
});

function tell({ watchers }: Context, record: WatchRecord | { type: 'crash' }): void {
  watchers.at(-1)?.write(`${JSON.stringify(record)}\n`);
}

/** Settings of the terminal's line, as `stty` prints them. */
async function readSettings(context: Context): Promise<string> {
  const { terminal } = context;
  // What was printed the last time may still be there.
  context.readCount++;
  const end = `printed ${context.readCount}`;
  await terminal.type(`clear; stty -g; echo ${end}\n`);
  const isEnd = new RegExp(`^${end}$`, 'm');
  const screen = await terminal.until('stty has printed', (text) => isEnd.test(text));
  return screen.replace(/\n/g, '').replace(/^.*?((?:[0-9a-f]+:){4}[0-9a-f:]+)printed.*$/, '$1');
}

/** Runs the program, and waits for its first screen. */
async function show(context: Context): Promise<string> {
  const { terminal, home, program } = context;
  await terminal.type(`${process.execPath} ${program} ${join(home, 'watch')}\n`);
  return await terminal.until('the tree is there', (screen) => /db2 .*\n[\s\S]*quit/.test(screen));
}

/** That the shell has its terminal back, with `text` on it, and that status to say. */
async function assertRestored(
  context: Context,
  { text, status, settings }: { text: RegExp; status: number; settings: string },
): Promise<void> {
  const { terminal } = context;
  const screen = await terminal.until(`the shell shows ${text}`, (each) => text.test(each));
  assert.not.match(screen, 'dagent top');
  assert.equal(await terminal.flags(), {
    isAlternate: false,
    isCursorShown: true,
    hasMouse: false,
  });
  await terminal.type('echo "status $?"\n');
  await terminal.until(`the status is ${status}`, (each) => each.includes(`status ${status}\n`));
  assert.is(await readSettings(context), settings);
}

scenario('the tree is drawn, keys move and fold, and what happens is seen', async (context) => {
  const { terminal } = context;
  const settings = await readSettings(context);
  const lines = (await show(context)).split('\n');
  assert.match(lines[0] ?? '', /^dagent top {2}demo .* live {2}updated \d+s ago$/);
  assert.is(lines[1], '9 nodes   ● 8 up   ○ 1 lost   root 1   agents 2   leaves 5/6');
  assert.is(lines.length, 24);
  assert.match(lines[23] ?? '', /^↑↓ move .* q quit +1\/9$/);
  assert.equal(await terminal.flags(), { isAlternate: true, isCursorShown: false, hasMouse: true });

  await terminal.press('j', 'Left');
  await terminal.until('agent1 is folded', (screen) => /▸ agent1 \+3[\s\S]*2\/6$/.test(screen));
  tell(context, { type: 'node', node: nodeOf('db1', { parent: 'agent2', state: 'lost' }) });
  await terminal.until('db1 is lost', (screen) => /db1 .* ○ lost/.test(screen));
  tell(context, { type: 'gone', name: 'db2' });
  await terminal.until('db2 is gone', (screen) => !screen.includes('db2'));
  await terminal.press('Space', '/');
  await terminal.type('web');
  await terminal.until('three match', (screen) => /\/web█.* 3 of 8$/.test(screen));
  await terminal.press('Escape');
  await terminal.until('all is there', (screen) => screen.includes('db1'));
  await terminal.press('?');
  await terminal.until('help is shown', (screen) => screen.includes('half a page up'));
  await terminal.press('q');
  await assertRestored(context, { text: /^left top\n\$$/m, status: 0, settings });
});

scenario('a click chooses a row, and the wheel moves on', async (context) => {
  const { terminal } = context;
  await show(context);
  await terminal.type('\x1b[<0;5;6M\x1b[<0;5;6m');
  await terminal.until('the third row is chosen', (screen) => / 3\/9$/.test(screen));
  await terminal.type('\x1b[<65;5;6M');
  await terminal.until('the sixth row is chosen', (screen) => / 6\/9$/.test(screen));
  await terminal.press('q');
});

scenario('the screen follows the size of the terminal', async (context) => {
  const { terminal } = context;
  const settings = await readSettings(context);
  await show(context);
  await terminal.resize(110, 40);
  // A screen may be looked at while it is drawn: its last line comes last.
  const isWhole = (text: string, rows: number) =>
    /quit.*$/.test(text) && text.split('\n').length === rows;
  await terminal.until(
    'there is room for disks',
    (text) => text.includes('DISK') && isWhole(text, 40),
  );
  await terminal.resize(50, 20);
  await terminal.until('it is too small', (screen) => screen.includes('too small (50x20'));
  await terminal.resize(60, 8);
  const small = await terminal.until('it is large enough', (text) => isWhole(text, 8));
  assert.match(small, /^dagent top/);
  await terminal.press('C-c');
  await assertRestored(context, { text: /^left top\n\$$/m, status: 0, settings });
});

scenario('a lost link is shown, and the tree again when it is back', async (context) => {
  const { terminal } = context;
  await show(context);
  context.watchers[0]?.destroy();
  await terminal.until('the loss is said', (screen) => screen.includes('LINK LOST: the other end'));
  await terminal.until('it is live again', (screen) => /live[\s\S]*db2[\s\S]*quit/.test(screen));
  assert.is(context.watchers.length, 2);
  await terminal.press('q');
});

scenario('^Z gives the terminal to the shell, fg takes it back', async (context) => {
  const { terminal } = context;
  const settings = await readSettings(context);
  await show(context);
  await terminal.press('j', 'C-z');
  await assertRestored(context, { text: /Stopped[\s\S]*^\$$/m, status: 148, settings });
  await terminal.resize(100, 20);
  await terminal.type('fg\n');
  await terminal.until(
    'the tree is back',
    (text) => /^dagent top[\s\S]*2\/9/.test(text) && text.split('\n').length === 20,
  );
  await terminal.press('q');
  await assertRestored(context, { text: /^left top\n\$$/m, status: 0, settings });
});

for (const [signal, status] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
  ['SIGQUIT', 131],
  ['SIGABRT', 134],
] as const) {
  top(
    `${signal} ends it, with the terminal restored and the status of a signal`,
    async (context) => {
      const settings = await readSettings(context);
      await show(context);
      process.kill(context.processId, signal);
      await assertRestored(context, { text: /^\$ .*\n[\s\S]*^\$$/m, status, settings });
    },
  );
}

scenario('a crash restores the terminal and leaves its trace to be read', async (context) => {
  const settings = await readSettings(context);
  await show(context);
  tell(context, { type: 'crash' });
  await assertRestored(context, { text: /broken on purpose[\s\S]*^\$$/m, status: 1, settings });
});

scenario('it ends when its terminal goes away', async (context) => {
  await show(context);
  await context.terminal.stop();
  await poll('it has ended', () => context.watchers[0]?.destroyed || undefined);
  context.terminal = await openTerminal(context.home, 80, 24);
});

top(
  'when there is nothing to watch, the shell is told, and no screen is drawn',
  async (context) => {
    const { terminal, program } = context;
    const settings = await readSettings(context);
    await terminal.type(`${process.execPath} ${program} ${join(context.home, 'nobody')}\n`);
    await assertRestored(context, {
      text: /cannot show: .*ENOENT[\s\S]*^\$$/m,
      status: 0,
      settings,
    });
  },
);

if (!canRun) process.stdout.write('skipped: there is no tmux here\n');
top.run();
