import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJobRecord } from '../../src/protocol/job.ts';
import {
  JOB_FOLLOW_MS,
  JOB_KEEP_MS,
  JOB_LOOK_MS,
  JOB_SPOOL_BYTES_MIN,
  STREAM_WINDOW_BYTES,
} from '../../src/protocol/limits.ts';
import { quiet } from '../endpoint/pair.ts';
import { Bench, ID, OTHER_ID } from './jobs-bench.ts';

test('jobs are listed by a stream of lines, all or those that run', async () => {
  const bench = new Bench();
  await bench.begun();
  bench.host.last.exit(3, bench.clock.wallMs());
  await bench.begun({}, { id: OTHER_ID });
  const list = async (filter: object) => {
    const { output } = await bench.ask('job.list', [filter]);
    const text = output.map((piece) => piece.slice(2)).join('');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => parseJobRecord(JSON.parse(line))?.id);
  };
  assert.equal(await list({}), [ID, OTHER_ID]);
  assert.equal(await list({ state: 'running' }), [OTHER_ID]);
  assert.equal(await list({ state: 'ended' }), [ID]);
  assert.equal(await list({ id: OTHER_ID }), [OTHER_ID]);
});

test('who waits hears of the end, and who comes later at once', async () => {
  const bench = new Bench();
  await bench.begun();
  const waiting = await bench.ask('job.wait', [ID]);
  assert.is(waiting.value, undefined);
  bench.host.last.exit(7, bench.clock.wallMs() + 20);
  await quiet();
  const result = { verdict: 'failed', code: 7, ms: 20 + JOB_FOLLOW_MS };
  assert.equal(waiting.record.result, result);
  assert.equal((await bench.ask('job.wait', [ID])).record.result, result);
  await bench.pass(JOB_LOOK_MS);
  assert.is(bench.clock.timerCount, 1, 'nobody looks any more but for what is to be removed');
});

test('a job is cancelled with TERM, then KILL; the caller hears how it ended', async () => {
  const bench = new Bench();
  await bench.begun({ graceMs: 1_000 });
  const cancelling = await bench.ask('job.cancel', [ID, 'enough']);
  assert.equal(bench.host.acts.slice(-2), [`ending ${ID}`, `SIGTERM ${ID}`]);
  await bench.pass(1_000 + JOB_LOOK_MS);
  assert.equal(bench.host.last.signals, ['SIGTERM', 'SIGKILL']);
  bench.host.last.exit(137, bench.clock.wallMs());
  await quiet();
  const { verdict, signal, killed, strays, reason } = cancelling.record.result ?? {};
  assert.equal(
    [verdict, signal, killed, strays, reason],
    [...['cancelled', 'SIGKILL', 2, undefined, 'enough']],
  );
});

for (const [where, leftCount, strayCount] of [
  ['in', 1, 0],
  ['outside of', 0, 1],
] as const) {
  test(`a job is told as ended by KILL where what is ${where} its group needed that`, async () => {
    const bench = new Bench();
    await bench.begun({ graceMs: 1_000 });
    const { last } = bench.host;
    last.strays.add(strayCount);
    last.strays.isObedient = false;
    const cancelling = await bench.ask('job.cancel', [ID]);
    last.exit(143, bench.clock.wallMs(), leftCount);
    for (let looks = 0; looks < 3; looks++) await bench.pass(1_000);
    assert.is(cancelling.record.result?.signal, 'SIGKILL');
  });
}

test('a job that heeds TERM is told as ended by that', async () => {
  const bench = new Bench();
  await bench.begun({ graceMs: 1_000 });
  const cancelling = await bench.ask('job.cancel', [ID]);
  bench.host.last.exit(143, bench.clock.wallMs());
  await bench.pass(JOB_LOOK_MS);
  assert.is(cancelling.record.result?.signal, 'SIGTERM');
});

test('what a job has started outside of its group is ended with it, and counted', async () => {
  const bench = new Bench();
  await bench.begun({ graceMs: 1_000 });
  const { strays } = bench.host.last;
  strays.add(2);
  strays.isObedient = false;
  const cancelling = await bench.ask('job.cancel', [ID]);
  assert.equal(strays.signals, ['SIGTERM 301', 'SIGTERM 302']);
  bench.host.last.exit(143, bench.clock.wallMs());
  await bench.pass(JOB_LOOK_MS);
  assert.is(cancelling.value, undefined, 'two are left, and have their grace');
  await bench.pass(1_000);
  assert.equal(strays.signals.slice(2), ['SIGKILL 301', 'SIGKILL 302']);
  await bench.pass(JOB_FOLLOW_MS);
  assert.is(cancelling.record.result?.strays, 2);
});

test('what a job that ends by itself has left behind is left alone', async () => {
  const bench = new Bench();
  await bench.begun();
  const { strays } = bench.host.last;
  strays.add(1);
  bench.host.last.exit(0, bench.clock.wallMs());
  await bench.pass(1_000);
  assert.is(strays.lookCount, 0);
});

test('a signal goes to the group of what runs, and to nothing that has ended', async () => {
  const bench = new Bench();
  await bench.begun();
  assert.equal((await bench.ask('job.signal', [ID, 'SIGHUP'])).value, { isSent: true });
  assert.equal(bench.host.last.signals, ['SIGHUP']);
  const { error } = await bench.ask('job.signal', [ID, 'SIGNONE']);
  assert.match(error?.message ?? '', 'SIGNONE is no signal');
  bench.host.last.exit(0, bench.clock.wallMs());
  assert.equal((await bench.ask('job.signal', [ID, 'SIGHUP'])).value, { isSent: false });
  assert.equal(bench.host.last.signals, ['SIGHUP']);
});

test('a job is removed when it has ended, and not before', async () => {
  const bench = new Bench();
  await bench.begun();
  assert.is((await bench.ask('job.remove', [ID])).error?.code, 'E_JOB_RUNS');
  bench.host.last.exit(0, bench.clock.wallMs());
  assert.equal((await bench.ask('job.remove', [ID])).value, { isKept: false });
  assert.is(bench.host.jobs.size, 0);
  assert.is((await bench.ask('job.show', [ID])).error?.code, 'E_JOB_UNKNOWN');
});

test('a job that ended long ago is forgotten by itself', async () => {
  const bench = new Bench();
  await bench.begun();
  bench.host.last.exit(0, bench.clock.wallMs());
  await bench.pass(JOB_KEEP_MS - 60_000);
  assert.is(bench.host.jobs.size, 1);
  await bench.pass(120_000);
  assert.is(bench.host.jobs.size, 0);
});

test('its output is told as far as it is, and followed to its end', async () => {
  const bench = new Bench();
  await bench.begun();
  bench.host.last.say('stdout', 'one\n');
  await bench.pass(JOB_LOOK_MS);
  const once = await bench.ask('job.output', [ID, {}]);
  assert.equal(once.output, ['1 one\n']);
  assert.is(once.record.state, 'running');
  const following = await bench.ask('job.output', [ID, { isFollowing: true }]);
  bench.host.last.say('stderr', 'two\n');
  await bench.pass(JOB_FOLLOW_MS);
  assert.equal(following.output, ['1 one\n', '2 two\n']);
  bench.host.last.say('stdout', 'three\n');
  bench.host.last.exit(0, bench.clock.wallMs());
  await quiet();
  await quiet();
  assert.equal(following.output, ['1 one\n', '2 two\n', '1 three\n']);
  assert.is(following.record.result?.verdict, 'ok');
});

test('a reader that does not read stops the reading, and gets the rest when it does', async () => {
  const bench = new Bench();
  await bench.begun();
  const bytes = 3 * STREAM_WINDOW_BYTES;
  bench.host.last.say('stdout', 'x'.repeat(bytes));
  await bench.pass(JOB_LOOK_MS);
  const call = bench.call('job.output', [ID, {}]);
  call.isReading = false;
  for (let turn = 0; turn < 50; turn++) await quiet();
  const heard = () => call.output.reduce((sum, piece) => sum + piece.length - 2, 0);
  assert.is(heard(), STREAM_WINDOW_BYTES);
  call.isReading = true;
  call.grant(STREAM_WINDOW_BYTES);
  for (let turn = 0; turn < 100; turn++) await quiet();
  assert.is(heard(), bytes);
  assert.is(call.record.stdout.bytes, bytes);
});

test('what was written in the last time can be asked for', async () => {
  const bench = new Bench();
  await bench.begun();
  bench.host.last.say('stdout', 'old\n');
  await bench.pass(60_000);
  bench.host.last.say('stdout', 'new\n');
  await bench.pass(JOB_LOOK_MS);
  const { output } = await bench.ask('job.output', [ID, { lastMs: 30_000 }]);
  assert.equal(output, ['1 new\n']);
  const { error } = await bench.ask('job.output', [ID, { lastMs: 'x' }]);
  assert.is(error?.code, 'E_ARGUMENT_INVALID');
});

test('of more output than is kept, the middle is given up and told by its length', async () => {
  const bench = new Bench();
  await bench.begun({}, { spoolBytes: JOB_SPOOL_BYTES_MIN });
  const bytes = 4 * JOB_SPOOL_BYTES_MIN;
  bench.host.last.say('stdout', 'x'.repeat(bytes));
  await bench.pass(JOB_LOOK_MS);
  const omitted = bytes - JOB_SPOOL_BYTES_MIN;
  const { output, record } = await bench.ask('job.output', [ID, {}]);
  assert.equal(record.stdout, { bytes, omittedBytes: omitted });
  assert.ok(output.includes(`stdout without ${omitted}`));
  const shown = output.filter((piece) => piece.startsWith('1 ')).map((piece) => piece.length - 2);
  assert.is(
    shown.reduce((sum, length) => sum + length, 0),
    JOB_SPOOL_BYTES_MIN,
  );
});

test('where less of it is wanted, the first and the last of it are sent', async () => {
  const bench = new Bench();
  await bench.begun({}, { spoolBytes: JOB_SPOOL_BYTES_MIN });
  const wish = { isFollowing: true, outputBytesMax: 10 };
  const following = await bench.ask('job.output', [ID, wish]);
  bench.host.last.say('stdout', `abcdefgh${'x'.repeat(4 * JOB_SPOOL_BYTES_MIN)}`);
  bench.host.last.say('stderr', '0123456789');
  await bench.pass(JOB_LOOK_MS);
  assert.equal(following.output, ['1 abcde', '2 01234']);
  bench.host.last.say('stdout', '12345678');
  bench.host.last.exit(0, bench.clock.wallMs());
  await quiet();
  await quiet();
  const omitted = `stdout without ${4 * JOB_SPOOL_BYTES_MIN + 6}`;
  assert.equal(following.output.slice(2), [omitted, '1 45678', '2 56789']);
  const again = await bench.ask('job.output', [ID, { outputBytesMax: 0 }]);
  assert.is(again.error?.code, 'E_ARGUMENT_INVALID');
});

test('where less of it is wanted, whole lines of it are sent, once each', async () => {
  const bench = new Bench();
  await bench.begun();
  const following = await bench.ask('job.output', [ID, { isFollowing: true, outputBytesMax: 20 }]);
  for (const text of ['one\ntw', 'o\nthree\n', 'four\nfive\n', 'six\n']) {
    bench.host.last.say('stdout', text);
    await bench.pass(JOB_LOOK_MS);
  }
  bench.host.last.exit(0, bench.clock.wallMs());
  for (let turn = 0; turn < 4; turn++) await quiet();
  const told = ['1 one\nt', '1 wo\n', 'stdout without 11', '1 five\nsix\n'];
  assert.equal(following.output, told);
  const whole = await bench.ask('job.output', [ID, { outputBytesMax: 28 }]);
  assert.is(
    whole.output.map((piece) => piece.slice(2)).join(''),
    'one\ntwo\nthree\nfour\nfive\nsix\n',
  );
});

test('the next daemon finds what runs and what has ended, and keeps the time', async () => {
  const bench = new Bench();
  await bench.begun({ timeoutMs: 10_000 });
  await bench.begun({}, { id: OTHER_ID });
  bench.jobs.stop();
  assert.is(bench.clock.timerCount, 0, 'it goes on without being looked at');
  const { host } = bench;
  host.last.sight = {
    ...host.last.sight,
    code: 0,
    endedAtMs: 1_000_500,
    isAlive: false,
    isPiped: false,
  };
  const next = new Bench(host);
  assert.is((await next.ask('job.show', [OTHER_ID])).record.result?.verdict, 'ok');
  assert.is((await next.ask('job.show', [ID])).record.state, 'running');
  await next.pass(10_000 + JOB_LOOK_MS);
  assert.equal(host.jobs.get(ID)?.signals, ['SIGTERM']);
});

test('a pid that somebody else has now is no job: it is lost, and not signalled', async () => {
  const bench = new Bench();
  await bench.begun();
  const { host } = bench;
  host.last.sight = { ...host.last.sight, isAlive: false };
  const next = new Bench(host);
  const { record } = await next.ask('job.show', [ID]);
  assert.is(record.result?.verdict, 'lost');
  assert.equal(host.last.signals, []);
});

test('an end that cannot be written down is told all the same, and logged', async () => {
  const bench = new Bench();
  await bench.begun();
  bench.host.refusal = new Error('the disk is full');
  bench.host.last.exit(0, bench.clock.wallMs());
  assert.is((await bench.ask('job.show', [ID])).record.result?.verdict, 'ok');
  assert.equal(bench.logged, ['cannot write down a job']);
});

test.run();
