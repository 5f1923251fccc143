import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobRecord } from '../../src/protocol/job.ts';
import {
  JOB_COMMAND_BYTES_MAX,
  JOB_FOLLOW_MS,
  JOB_KEY_BYTES_MAX,
  JOB_RUNNING_MAX,
  JOB_SPOOL_BYTES_DEFAULT,
  JOB_SPOOL_BYTES_MAX,
  JOB_SPOOL_BYTES_MIN,
} from '../../src/protocol/limits.ts';
import { quiet } from '../endpoint/pair.ts';
import { Bench, ID, OTHER_ID } from './jobs-bench.ts';

test('a job is written down before it is started, and answered for when it runs', async () => {
  const bench = new Bench();
  const call = await bench.start({ argv: ['work', 'a b'], rank: 2, count: 3 }, { owner: 'ann' });
  assert.equal(bench.host.acts, [`create ${ID}`, `launch ${ID}`]);
  assert.is(call.value, undefined);
  bench.host.last.begin(bench.clock.wallMs());
  await bench.pass(JOB_FOLLOW_MS);
  const { owner, command, state, pid, rank, count } = call.record;
  assert.equal([owner, command, state, pid], ['ann@here', "work 'a b'", 'running', 77]);
  assert.equal([rank, count], [2, 3]);
  const { env, cwd } = bench.host.last.request ?? {};
  const place = { DAGENT_RANK: '2', DAGENT_COUNT: '3', DAGENT_JOB_ID: ID };
  assert.equal([env, cwd], [{ PATH: '/bin', ...place }, '/srv']);
});

test('no value of a variable is written down', async () => {
  const bench = new Bench();
  await bench.start({ env: { TOKEN: 'secret-1' } });
  assert.not.match(JSON.stringify(bench.host.last.note), 'secret-1');
});

test('what cannot be started is answered with the reason, and is known all the same', async () => {
  const bench = new Bench();
  const nobody = await bench.start({ user: 'nobody-here' });
  assert.is(nobody.record.result?.verdict, 'not-started');
  assert.match(nobody.record.result?.reason ?? '', 'no such user');
  const call = await bench.start({}, { id: OTHER_ID });
  bench.host.last.handlers?.onNotStarted('EMFILE');
  await quiet();
  assert.is(call.record.result?.reason, 'EMFILE');
  const { value } = await bench.ask('job.show', [OTHER_ID]);
  assert.is((value as JobRecord).state, 'ended');
});

test('a job that cannot be written down is not started', async () => {
  const bench = new Bench();
  bench.host.refusal = new Error('the disk is full');
  const call = await bench.start();
  assert.match(call.error?.message ?? '', 'the disk is full');
  assert.equal(bench.host.acts, []);
});

test('the same id runs once, also when it is asked for twice at the same time', async () => {
  const bench = new Bench();
  const [first, second] = [bench.start(), bench.start()];
  await Promise.all([first, second]);
  bench.host.last.begin(bench.clock.wallMs());
  await bench.pass(JOB_FOLLOW_MS);
  const third = await bench.start();
  assert.is((await first).record.pid, 77);
  assert.is((await second).record.pid, 77);
  assert.is(third.record.pid, 77);
  assert.equal(bench.host.acts, [`create ${ID}`, `launch ${ID}`]);
});

test('a key makes the same id everywhere, and is good for one command', async () => {
  const [bench, elsewhere] = [new Bench(), new Bench()];
  const first = await bench.begun({ rank: 0 }, { key: 'deploy-7' });
  const again = await bench.begun({ rank: 1 }, { key: 'deploy-7' });
  const there = await elsewhere.begun({}, { key: 'deploy-7' });
  assert.is(again.record.id, first.record.id);
  assert.is(there.record.id, first.record.id);
  assert.is(first.record.isKeyed, true);
  assert.is(bench.host.jobs.size, 1);
  const other = await bench.start({ argv: ['other'] }, { key: 'deploy-7' });
  assert.is(other.error?.code, 'E_JOB_TAKEN');
});

test('a key is remembered over a restart, and when its job is removed', async () => {
  const bench = new Bench();
  await bench.begun({}, { key: 'k' });
  const { id } = bench.host.last.note;
  bench.host.last.say('stdout', 'words');
  bench.host.last.exit(0, bench.clock.wallMs());
  const { value } = await bench.ask('job.remove', [id]);
  assert.equal(value, { isKept: true });
  const next = new Bench(bench.host);
  const again = await next.start({}, { key: 'k' });
  assert.is(again.record.result?.verdict, 'ok');
  assert.equal(again.record.stdout, { bytes: 5, omittedBytes: 5 });
  assert.is(bench.host.acts.filter((act) => act.startsWith('launch')).length, 1);
});

const TERMINAL = { name: 'xterm', columns: 80, rows: 24 };

const BAD: readonly (readonly [string, unknown, unknown, RegExp])[] = [
  ['no id', {}, { id: '../../etc' }, /is not the id of a job/],
  ['an empty key', {}, { key: '' }, /the key is not a text/],
  ['a terminal', { terminal: TERMINAL }, { id: ID }, /a job has no terminal/],
  ['stdin', { hasStdin: true }, { id: ID }, /a job has no stdin/],
  ['no command', { argv: [] }, { id: ID }, /argv is empty/],
];
for (const [title, spec, wish, reason] of BAD) {
  test(`${title} is nothing to start`, async () => {
    const bench = new Bench();
    const { error } = await bench.start(spec as object, wish as object);
    assert.is(error?.code, 'E_ARGUMENT_INVALID');
    assert.match(error?.message ?? '', reason);
    assert.equal(bench.host.acts, []);
  });
}

test('a key may be as long as its limit, and a spool within its bounds', async () => {
  const start = async (wish: object) => (await new Bench().begun({}, wish)).error;
  assert.is(await start({ key: 'k'.repeat(JOB_KEY_BYTES_MAX) }), undefined);
  const { error } = await new Bench().start({}, { key: 'k'.repeat(JOB_KEY_BYTES_MAX + 1) });
  assert.match(error?.message ?? '', `at most ${JOB_KEY_BYTES_MAX}`);
  for (const spoolBytes of [JOB_SPOOL_BYTES_MIN, JOB_SPOOL_BYTES_MAX]) {
    assert.is(await start({ spoolBytes }), undefined);
  }
  for (const spoolBytes of [JOB_SPOOL_BYTES_MIN - 1, JOB_SPOOL_BYTES_MAX + 1, '1']) {
    const refused = await new Bench().start({}, { spoolBytes });
    assert.is(refused.error?.code, 'E_ARGUMENT_INVALID');
  }
  const usual = new Bench();
  await usual.begun();
  assert.is(usual.host.last.note.spoolBytes, JOB_SPOOL_BYTES_DEFAULT);
});

test('so many jobs run at a time; the next one is refused, and not known', async () => {
  const bench = new Bench();
  const idOf = (number: number) => number.toString(16).padStart(20, '0');
  for (let number = 0; number < JOB_RUNNING_MAX; number++) {
    await bench.start({}, { id: idOf(number) });
  }
  const refused = await bench.start({}, { id: OTHER_ID });
  assert.is(refused.error?.code, 'E_JOB_REFUSED');
  assert.match(refused.error?.message ?? '', `${JOB_RUNNING_MAX} jobs run already`);
  assert.is((await bench.ask('job.show', [OTHER_ID])).error?.code, 'E_JOB_UNKNOWN');
  bench.host.last.exit(0, bench.clock.wallMs());
  await bench.begun({}, { id: OTHER_ID });
  assert.is(bench.host.jobs.size, JOB_RUNNING_MAX + 1);
});

test('a very long command is cut in lists, and shown whole', async () => {
  const bench = new Bench();
  const word = 'x'.repeat(JOB_COMMAND_BYTES_MAX);
  const { record } = await bench.begun({ argv: ['w', word] });
  assert.is(record.command, `w ${word.slice(2)}...`);
  const { value } = await bench.ask('job.show', [ID]);
  assert.is((value as JobRecord).command, `w ${word}`);
});

test('who asks for a job with a key does not make it another one', async () => {
  const bench = new Bench();
  const first = await bench.begun({ owner: 'ann' }, { key: 'k' });
  const second = await bench.start({ owner: 'bob' }, { key: 'k' });
  await quiet();
  assert.is(second.record.id, first.record.id);
});

test.run();
