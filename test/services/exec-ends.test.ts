import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { EXEC_GRACE_MS, EXEC_STRAY_MS, STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { quiet } from '../endpoint/pair.ts';
import { Bench } from './exec-bench.ts';
import { ID } from './jobs-bench.ts';

test('grace is what a command has between TERM and KILL', async () => {
  const bench = new Bench();
  const { played } = await bench.start({ timeoutMs: 1_000 });
  bench.clock.advance(999);
  assert.equal(played.signals, []);
  bench.clock.advance(1);
  assert.equal(played.signals, ['SIGTERM']);
  bench.clock.advance(EXEC_GRACE_MS - 1);
  assert.equal(played.signals, ['SIGTERM']);
  bench.clock.advance(1);
  assert.equal(played.signals, ['SIGTERM', 'SIGKILL']);
});

test('whose time is over is ended, with what it answered to that', async () => {
  const bench = new Bench();
  const killed = await bench.start({ timeoutMs: 1_000 });
  const tidy = await bench.start({ timeoutMs: 1_000 });
  bench.clock.advance(1_000);
  killed.played.die('SIGTERM');
  tidy.played.exit(0);
  await quiet();
  const late = { verdict: 'timeout', limit: 'command', ms: 1_000 };
  assert.equal(killed.result, { ...late, signal: 'SIGTERM', killed: 2 });
  assert.equal(tidy.result, { ...late, code: 0, killed: 2 });
  assert.is(bench.clock.timerCount, 0);
});

test('of two limits the first counts, and the grace is as long as was asked for', async () => {
  const bench = new Bench();
  const times = { timeoutMs: 2_000, overallMs: 1_500, graceMs: 300 };
  const command = await bench.start(times);
  const { played } = command;
  bench.clock.advance(1_500);
  assert.equal(played.signals, ['SIGTERM']);
  bench.clock.advance(299);
  assert.is(played.signals.length, 1);
  bench.clock.advance(1);
  assert.equal(played.signals, ['SIGTERM', 'SIGKILL']);
  bench.clock.advance(1_000);
  played.die('SIGKILL');
  await quiet();
  assert.is(command.result?.limit, 'overall');
});

test('what is left of the group when its leader has answered TERM has the same grace', async () => {
  const bench = new Bench();
  const command = await bench.start({ timeoutMs: 1_000 });
  const { played } = command;
  bench.clock.advance(1_000);
  played.exit(0, 1);
  for (let passedMs = 0; passedMs < EXEC_GRACE_MS; passedMs += 100) {
    assert.equal(played.signals, ['SIGTERM']);
    bench.clock.advance(100);
    await quiet();
  }
  assert.is(played.signals[1], 'SIGKILL');
  assert.is(command.result?.signal, 'SIGKILL');
});

test('the verdict comes as soon as nothing is left of the group', async () => {
  const bench = new Bench();
  const command = await bench.start({ timeoutMs: 1_000 });
  const { played } = command;
  bench.clock.advance(1_000);
  played.die('SIGTERM', 1);
  bench.clock.advance(100);
  await quiet();
  assert.is(command.result, undefined);
  played.groupCount = 0;
  bench.clock.advance(100);
  await quiet();
  assert.is(command.result?.signal, 'SIGTERM');
  assert.is(bench.clock.timerCount, 0);
});

test('the signal that is told is KILL where something of the command needed that', async () => {
  const bench = new Bench();
  const times = { timeoutMs: 1_000, graceMs: 300 };
  const left = await bench.start(times);
  const tidy = await bench.start(times);
  const deaf = await bench.start(times);
  const outside = await bench.start({ ...times, job: ID });
  outside.played.strays.isObedient = false;
  outside.played.strays.add(1);
  bench.clock.advance(1_000);
  await quiet();
  left.played.die('SIGTERM', 1);
  tidy.played.exit(3, 1);
  outside.played.die('SIGTERM');
  for (let passedMs = 0; passedMs < 500; passedMs += 100) {
    bench.clock.advance(100);
    await quiet();
  }
  // Its leader had ended at once, and who still held its output did so only by KILL.
  deaf.played.die('SIGTERM');
  await quiet();
  const told = [left, tidy, deaf, outside].map(({ result }) => [result?.code, result?.signal]);
  assert.equal(told, [
    [undefined, 'SIGKILL'],
    [3, 'SIGKILL'],
    [undefined, 'SIGKILL'],
    [undefined, 'SIGKILL'],
  ]);
});

test('what a command has started outside of its group is ended with it, and counted', async () => {
  const bench = new Bench();
  const command = await bench.start({ job: ID, timeoutMs: 1_000 });
  const { played } = command;
  played.strays.isObedient = false;
  played.strays.add(2);
  bench.clock.advance(1_000);
  await quiet();
  assert.equal(played.strays.signals, ['SIGTERM 301', 'SIGTERM 302']);
  played.die('SIGTERM');
  await quiet();
  bench.clock.advance(EXEC_GRACE_MS - 1);
  await quiet();
  assert.is(command.result, undefined, 'they have the same grace');
  for (let looks = 0; looks < 3; looks++) {
    bench.clock.advance(100);
    await quiet();
  }
  assert.equal(played.strays.signals.slice(2), ['SIGKILL 301', 'SIGKILL 302']);
  assert.is(command.result?.strays, 2);
  assert.is(bench.clock.timerCount, 0);
});

test('what cannot be ended at all is not waited for without end', async () => {
  const bench = new Bench();
  const command = await bench.start({ job: ID, timeoutMs: 1_000, graceMs: 300 });
  const { played } = command;
  played.strays.signal = () => undefined;
  played.strays.add(1);
  bench.clock.advance(1_000);
  played.die('SIGTERM');
  await quiet();
  for (let passedMs = 0; passedMs < 300 + EXEC_STRAY_MS; passedMs += 100) {
    assert.is(command.result, undefined);
    bench.clock.advance(100);
    await quiet();
  }
  assert.is(command.result?.strays, 1);
});

test('whoever has no id of its own is not looked for outside of the group', async () => {
  const bench = new Bench();
  const first = await bench.start({ job: ID, timeoutMs: 1_000 });
  const second = await bench.start({ job: ID, timeoutMs: 1_000 });
  const other = await bench.start({ job: 'nightly', timeoutMs: 1_000 });
  const idOf = ({ played }: typeof first) => played.request.env.DAGENT_JOB_ID;
  assert.equal([first, second, other].map(idOf), [ID, undefined, 'nightly']);
  bench.clock.advance(1_000);
  for (const { played } of [first, second, other]) played.die('SIGTERM');
  await quiet();
  const looksOf = ({ played }: typeof first) => played.strays.lookCount;
  assert.equal([looksOf(second), looksOf(other)], [0, 0]);
  assert.ok(looksOf(first) > 0);
});

test('who ends in time is not killed, nor is what it left in the background', async () => {
  const bench = new Bench();
  const command = await bench.start({ job: ID, timeoutMs: 1_000 });
  command.played.exit(0);
  await quiet();
  bench.clock.advance(10_000);
  assert.equal(command.played.signals, []);
  assert.is(command.played.strays.lookCount, 0);
});

test('a caller that cancels ends the command, and hears so', async () => {
  const bench = new Bench();
  const command = await bench.start({ timeoutMs: 1_000 });
  command.asking.cancel();
  await quiet();
  assert.equal(command.played.signals, ['SIGTERM']);
  bench.clock.advance(20);
  command.played.die('SIGTERM');
  await quiet();
  assert.equal(command.result, { verdict: 'cancelled', signal: 'SIGTERM', killed: 2, ms: 20 });
});

test('cancelling twice, or after the time is over, changes nothing', async () => {
  const bench = new Bench();
  const command = await bench.start({ timeoutMs: 1_000 });
  bench.clock.advance(1_000);
  command.asking.cancel();
  command.asking.cancel();
  await quiet();
  assert.equal(command.played.signals, ['SIGTERM']);
  command.played.die('SIGTERM');
  await quiet();
  assert.is(command.result?.verdict, 'timeout');
});

test('output that nobody reads does not hold up the end of what was cancelled', async () => {
  const bench = new Bench();
  const command = await bench.start();
  command.isReading = false;
  command.played.say('stdout', Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  assert.ok(command.played.isPaused);
  command.asking.cancel();
  await quiet();
  command.played.say('stdout', Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  assert.not.ok(command.played.isPaused);
  command.played.die('SIGTERM');
  await quiet();
  assert.is(command.result?.verdict, 'cancelled');
});

test('a cancel that comes when the command has ended kills nobody', async () => {
  const bench = new Bench();
  const command = await bench.start();
  command.isReading = false;
  // The verdict waits for the output; the command is over, and its pid may be another one's.
  command.played.say('stdout', Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  command.played.exit(0);
  await quiet();
  assert.is(command.result, undefined);
  command.asking.cancel();
  await quiet();
  bench.clock.advance(10_000);
  assert.equal(command.played.signals, []);
  assert.is(command.played.strays.lookCount, 0);
  assert.is(command.result?.verdict, 'ok');
  assert.is(bench.clock.timerCount, 0);
});

test('when the caller is gone the command is ended', async () => {
  const bench = new Bench();
  const { played } = await bench.start();
  bench.pair.there.close(new DagentError('E_CONNECTION_LOST', { node: 'here', reason: 'gone' }));
  assert.equal(played.signals, ['SIGTERM']);
  played.die('SIGTERM');
  await quiet();
  assert.is(bench.clock.timerCount, 0);
});

test('a node that stops ends its commands, and waits until they are gone', async () => {
  const bench = new Bench();
  const one = await bench.start();
  const two = await bench.start();
  let isStopped = false;
  const stopping = bench.service.stop().then(() => {
    isStopped = true;
  });
  one.played.die('SIGTERM');
  await quiet();
  assert.not.ok(isStopped);
  bench.clock.advance(EXEC_GRACE_MS);
  assert.equal(two.played.signals, ['SIGTERM', 'SIGKILL']);
  two.played.die('SIGKILL');
  await stopping;
  await quiet();
  const reason = 'the node was shut down';
  assert.equal(one.result, { verdict: 'cancelled', reason, signal: 'SIGTERM', killed: 2, ms: 0 });
  assert.is(two.result?.reason, reason);
});

test('a caller that does not read cannot keep a node from stopping', async () => {
  const bench = new Bench();
  const command = await bench.start();
  command.isReading = false;
  command.played.say('stdout', Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  const stopping = bench.service.stop();
  // A command that is paused cannot end: its last words must find a taker.
  command.played.say('stdout', Buffer.alloc(STREAM_WINDOW_BYTES));
  assert.not.ok(command.played.isPaused);
  command.played.die('SIGTERM');
  await stopping;
});

test('nor can one whose command has run out of time', async () => {
  const bench = new Bench();
  const command = await bench.start({ timeoutMs: 1_000 });
  command.isReading = false;
  command.played.say('stdout', Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  bench.clock.advance(1_000);
  assert.ok(command.played.isPaused);
  const stopping = bench.service.stop();
  assert.not.ok(command.played.isPaused);
  command.played.die('SIGKILL');
  await stopping;
});

test('a node on which nothing runs stops at once', async () => {
  await new Bench().service.stop();
});

test.run();
