import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openCall } from '../../src/endpoint/methods.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { Channel } from '../../src/protocol/exec.ts';
import {
  EXEC_ALIVE_MS,
  EXEC_ARGV_BYTES_MAX,
  EXEC_COUNT_MAX,
  EXEC_ENV_BYTES_MAX,
  EXEC_SCRIPT_BYTES_MAX,
  EXEC_WINDOW_MAX,
  STREAM_WINDOW_BYTES,
} from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { quiet } from '../endpoint/pair.ts';
import { Bench, ENV } from './exec-bench.ts';

test('a command runs with the environment and in the directory of the service', async () => {
  const { played } = await new Bench().start({ argv: ['ls', '-l', 'a b'] });
  assert.equal(played.request, { argv: ['ls', '-l', 'a b'], env: ENV, cwd: '/srv' });
});

test('its output comes by channel, and then its verdict with the time that it took', async () => {
  const bench = new Bench();
  const command = await bench.start();
  command.played.say('stdout', 'out');
  command.played.say('stderr', 'err');
  bench.clock.advance(250);
  command.played.exit(0);
  await quiet();
  assert.equal(command.output, ['1 out', '2 err']);
  assert.equal(command.result, { verdict: 'ok', code: 0, ms: 250 });
  assert.is(bench.clock.timerCount, 0);
});

test('a status that is not 0 is a failure, a signal is told by its name', async () => {
  const bench = new Bench();
  const failed = await bench.start();
  failed.played.exit(3);
  const killed = await bench.start();
  killed.played.die('SIGSEGV');
  await quiet();
  assert.equal(failed.result, { verdict: 'failed', code: 3, ms: 0 });
  assert.equal(killed.result, { verdict: 'signaled', signal: 'SIGSEGV', ms: 0 });
});

test('the caller hears at once that it was started, and then that it still runs', async () => {
  const bench = new Bench();
  const command = await bench.start();
  const { pid } = command.played;
  assert.equal(command.progress, [{ state: 'started', pid }]);
  bench.clock.advance(3 * EXEC_ALIVE_MS);
  await quiet();
  const running = { state: 'running' };
  assert.equal(command.progress.slice(1), [running, running, running]);
});

test('a caller that wants to know what the host is called hears it at the start', async () => {
  const command = await new Bench().start({ tellsHost: true });
  const { pid } = command.played;
  assert.equal(command.progress, [{ state: 'started', pid, host: ['box', '10.0.0.1'] }]);
});

test('what could not be started says why, and never that it was', async () => {
  const bench = new Bench();
  bench.spawner.refusal = 'no such program: work';
  const command = await bench.start();
  const reason = 'no such program: work';
  assert.equal(command.result, { verdict: 'not-started', reason, code: 127, ms: 0 });
  assert.equal(command.progress, []);
  assert.is(bench.clock.timerCount, 0);
});

const SIZE = { columns: 80, rows: 24 };
const WIDE = { columns: EXEC_WINDOW_MAX + 1, name: 'xterm' };

const BAD_SPECS: readonly (readonly [string, unknown, RegExp])[] = [
  ['nothing', undefined, /argv is empty/],
  ['a text', 'ls', /argv is empty/],
  ['no words', { argv: [] }, /argv is empty/],
  ['an empty program', { argv: ['', 'x'] }, /argv is empty/],
  ['words that are none', { argv: ['ls', 1] }, /argv is empty/],
  ['a zero byte', { argv: ['ls', 'a\0b'] }, /argv has a zero byte/],
  ['no time', { argv: ['ls'], timeoutMs: 0 }, /timeoutMs is not a positive number/],
  ['a time that is text', { argv: ['ls'], timeoutMs: '5' }, /timeoutMs is not a positive number/],
  ['a variable with an odd name', { argv: ['ls'], env: { 'A B': '1' } }, /A B is no name/],
  ['a variable that is none', { argv: ['ls'], env: { A: 1 } }, /A is not a text/],
  ['no map of variables', { argv: ['ls'], env: 'A=1' }, /env is no map/],
  ['a user that is none', { argv: ['ls'], user: 0 }, /user is not a text/],
  ['an empty directory', { argv: ['ls'], cwd: '' }, /cwd is not a text/],
  ['a umask that is none', { argv: ['ls'], umask: 0o1000 }, /umask is not a number from 0 to 511/],
  ['a niceness that is none', { argv: ['ls'], nice: 20 }, /nice is not a number from -20 to 19/],
  ['no map of limits', { argv: ['ls'], ulimits: 7 }, /ulimits is no map/],
  ['a limit that is none', { argv: ['ls'], ulimits: { load: '1' } }, /load is no limit/],
  ['an option', { argv: ['ls'], ulimits: { nofile: '1 --pid=1' } }, /nofile is no limit, or not/],
  ['a script that is none', { argv: [], script: 'x' }, /script is not bytes/],
  ['no terminal', { argv: ['ls'], terminal: { columns: 80, rows: 0, name: 'a' } }, /terminal is/],
  ['a kind that is none', { argv: ['ls'], terminal: { ...SIZE, name: 'a b' } }, /terminal is none/],
  ['a terminal too wide', { argv: ['ls'], terminal: { ...SIZE, ...WIDE } }, /terminal is none/],
  ['a time that is none', { argv: ['ls'], timeoutMs: Number.NaN }, /timeoutMs is not/],
];

for (const [title, spec, message] of BAD_SPECS) {
  test(`${title} is nothing to run`, async () => {
    const bench = new Bench();
    const { outcome } = openCall(bench.pair.here, 'there:', 'exec.run', { args: [spec] });
    const error = await outcome.catch((thrown) => thrown);
    assert.instance(error, DagentError);
    assert.is(error.code, 'E_ARGUMENT_INVALID');
    assert.match(error.message, message);
    assert.is(bench.spawner.children.length, 0);
  });
}

test('arguments may be as long as the limit, and not one byte longer', async () => {
  const bench = new Bench();
  const longest = 'x'.repeat(EXEC_ARGV_BYTES_MAX - 'work\0\0'.length);
  const command = await bench.start({ argv: ['work', longest] });
  assert.ok(command.child);
  const refused = await bench.start({ argv: ['work', `${longest}x`] });
  assert.is(refused.error?.code, 'E_ARGUMENT_INVALID');
  assert.match(refused.error?.message ?? '', /argv has 262145 bytes; at most 262144/);
});

test('variables and scripts may be as long as their limits, and not longer', async () => {
  const bench = new Bench();
  const env = { A: 'x'.repeat(EXEC_ENV_BYTES_MAX - 'A=\0'.length) };
  const script = Buffer.alloc(EXEC_SCRIPT_BYTES_MAX, '#');
  assert.ok((await bench.start({ env, script })).child);
  const longer = await bench.start({ env: { ...env, B: '' } });
  assert.match(longer.error?.message ?? '', /env has 131075 bytes; at most 131072/);
  const larger = await bench.start({ script: Buffer.concat([script, Buffer.from('#')]) });
  assert.match(larger.error?.message ?? '', /script has 524289 bytes/);
});

test('variables that make programs do something else, or are ours, are not taken', async () => {
  for (const name of ['LD_PRELOAD', 'NODE_OPTIONS', 'BASH_ENV', 'DAGENT_TARGET', 'IFS']) {
    const { error } = await new Bench().start({ env: { [name]: 'x' } });
    assert.match(error?.message ?? '', `the variable ${name} is not taken from others`);
  }
});

test('what a command gets besides its words is what was asked for', async () => {
  const script = Buffer.from('echo');
  const ulimits = { core: '0:0' };
  const spec = { argv: ['a'], script, umask: 0o27, nice: 5, ulimits, isMerged: true, cwd: 'logs' };
  const more = { env: { PATH: '/own', A: '1' }, rank: 3, count: 7, job: 'j1' };
  const { played } = await new Bench().start({ ...spec, ...more });
  const { env, ...request } = played.request;
  assert.equal(request, { ...spec, cwd: '/srv/logs' });
  const ours = { DAGENT_RANK: '3', DAGENT_COUNT: '7', DAGENT_JOB_ID: 'j1' };
  assert.equal(env, { ...ENV, PATH: '/own', A: '1', ...ours });
});

test('stdin and a cancel that come while a user is looked up are not lost', async () => {
  const bench = new Bench();
  const args = [{ argv: ['work'], user: 'ann', hasStdin: true }];
  const asking = openCall(bench.pair.here, 'there:', 'exec.run', { args });
  asking.write(Channel.STDIN, Buffer.from('early'));
  asking.end(Channel.STDIN);
  await quiet();
  assert.is(Buffer.concat(bench.spawner.last.stdin).toString(), 'early');
  assert.ok(bench.spawner.last.isStdinEnded);
  bench.accounts.findUser = () => new Promise(() => undefined);
  const waiting = await bench.start({ user: 'ann' });
  waiting.asking.cancel();
  await quiet();
  assert.equal(waiting.result, { verdict: 'cancelled', ms: 0 });
  assert.is(bench.spawner.children.length, 1);
});

test('stdin arrives in its order, and then its end', async () => {
  const bench = new Bench();
  const { asking, played } = await bench.start({ hasStdin: true });
  asking.write(Channel.STDIN, Buffer.from('one '));
  asking.write(Channel.STDIN, Buffer.from('two'));
  await quiet();
  assert.is(Buffer.concat(played.stdin).toString(), 'one two');
  assert.not.ok(played.isStdinEnded);
  asking.end(Channel.STDIN);
  await quiet();
  assert.ok(played.isStdinEnded);
});

test('a command without stdin sees its end at once', async () => {
  const { played } = await new Bench().start();
  assert.ok(played.isStdinEnded);
});

test('a command that takes no stdin stops who writes it, until it takes some', async () => {
  const bench = new Bench();
  const { asking, played } = await bench.start({ hasStdin: true });
  played.takesStdin = false;
  assert.not.ok(asking.write(Channel.STDIN, Buffer.alloc(2 * STREAM_WINDOW_BYTES)));
  await quiet();
  assert.is(Buffer.concat(played.stdin).length, STREAM_WINDOW_BYTES);
  played.handlers.onStdinDrain();
  await quiet();
  assert.is(Buffer.concat(played.stdin).length, 2 * STREAM_WINDOW_BYTES);
});

test('data on a channel that is not stdin is not stdin', async () => {
  const bench = new Bench();
  const { asking, played } = await bench.start({ hasStdin: true });
  asking.write(Channel.STDOUT, Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  asking.end(Channel.STDOUT);
  await quiet();
  assert.is(played.stdin.length, 0);
  assert.not.ok(played.isStdinEnded);
  assert.not.ok(asking.hasQueued);
});

test('a caller that does not read stops the command at the window', async () => {
  const bench = new Bench();
  const command = await bench.start();
  command.isReading = false;
  command.played.say('stdout', Buffer.alloc(STREAM_WINDOW_BYTES));
  assert.not.ok(command.played.isPaused);
  command.played.say('stdout', Buffer.alloc(1));
  assert.ok(command.played.isPaused);
  await quiet();
  assert.is(command.heardBytes, STREAM_WINDOW_BYTES);
  command.asking.grant(STREAM_WINDOW_BYTES);
  await quiet();
  assert.not.ok(command.played.isPaused);
  assert.is(command.heardBytes, STREAM_WINDOW_BYTES + 1);
});

test('as many commands run as the limit says; one more is told so', async () => {
  const bench = new Bench();
  const all = [];
  for (let count = 0; count < EXEC_COUNT_MAX; count++) all.push(await bench.start());
  const more = await bench.start();
  assert.is(bench.spawner.children.length, EXEC_COUNT_MAX);
  const reason = '512 commands run already, which is the most';
  assert.equal(more.result, { verdict: 'not-started', reason, ms: 0 });
  all[0]?.played.exit(0);
  await quiet();
  await bench.start();
  assert.is(bench.spawner.children.length, EXEC_COUNT_MAX + 1);
});

test('a terminal has its kind as TERM, and takes another size while the command runs', async () => {
  const bench = new Bench();
  const terminal = { columns: EXEC_WINDOW_MAX, rows: 24, name: 'vt100' };
  const command = await bench.start({ terminal });
  const { played } = command;
  assert.equal(played.request.env, { ...ENV, TERM: 'vt100' });
  assert.equal(played.request.terminal, terminal);
  for (const size of [{ columns: 10, rows: 5 }, { columns: 0, rows: 5 }, 'wide']) {
    command.asking.write(Channel.WINDOW, pack(size));
  }
  await quiet();
  assert.equal(played.windows, [{ columns: 10, rows: 5 }]);
});

test('a template has node, rank and count put in, and other words stay as they are', async () => {
  const bench = new Bench();
  const argv = ['cp', '/{host}', 'a{rank}-{count}{host}', '{}', '{name}'];
  const place = { argv, rank: 2, count: 7 };
  const filled = await bench.start({ ...place, isTemplate: true });
  assert.equal(filled.played.request.argv, ['cp', '/there', 'a2-7there', '{}', '{name}']);
  assert.equal((await bench.start(place)).played.request.argv, argv);
});

test.run();
