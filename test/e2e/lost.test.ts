import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning } from './harness.ts';

const test = suite('what is lost beyond the parent');
const home = new Home();

/** Well below the silence after which `exec` gives up by itself, and above a few probes. */
const SOON_MS = 10_000;

test.before(async () => {
  const shape = { root: null, east: 'root', web1: 'east', west: 'root', db1: 'west', db2: 'west' };
  await home.startTree(shape, ['--hold', '1s']);
});
test.after(() => home.close());

/** Runs a command on `target` from web1 that lasts; does `act` once it has begun. */
async function lose(target: string, act: () => Promise<unknown>): Promise<void> {
  const line = `echo $$ > ${home.file(target)}.pid; echo begun; exec sleep 90`;
  const program = home.start(['exec', '--via', 'web1', target, line]);
  await program.sees(/begun/);
  const atMs = performance.now();
  await act();
  const { status, stderr } = await program.end();
  assert.is(status, 255);
  assert.match(stderr, `${target}: lost`);
  const ms = performance.now() - atMs;
  assert.ok(ms < SOON_MS, `${ms} ms`);
}

test('a leaf hears soon that the node which works for it was killed', () =>
  lose('db1', () => home.kill9('db1')));

test('and soon that the agent above that node was killed', () =>
  lose('db2', () => home.kill9('west')));

test('what a killed daemon was running is ended when it is started again', async () => {
  const file = (name: string) => `echo $$ >${home.file(name)}`;
  const deaf = `sh -c 'trap "" TERM; ${file('deaf')}; sleep 90'`;
  const program = home.start(['exec', '--via', 'root', 'web1', `${file('tidy')}; ${deaf} & wait`]);
  await home.pid('deaf');
  await home.kill9('web1');
  assert.is((await program.ended).status, 255);
  assert.ok(isRunning(await home.pid('tidy')));
  await home.ok(['daemon', 'restart', 'web1']);
  await home.gone('tidy', 'deaf');
  assert.match(await home.ok(['daemon', 'logs', 'web1']), /commands of a daemon that was killed/);
});

test.run();
