import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type JobRecord, parseJobRecord } from '../../src/protocol/job.ts';
import {
  EXEC_KEEP_MS,
  EXEC_RECENT_BYTES,
  JOB_SPOOL_BYTES_DEFAULT,
} from '../../src/protocol/limits.ts';
import { quiet } from '../endpoint/pair.ts';
import { Bench } from './exec-bench.ts';
import { Bench as JobsBench } from './jobs-bench.ts';

const ID = '0123456789abcdef0123';
const CAP = 20;

/** As text: what stands in the records of a list. */
async function list(bench: Bench): Promise<(JobRecord | undefined)[]> {
  const { output } = await bench.ask('job.list', [{}]);
  const lines = output.map((piece) => piece.slice(2)).join('');
  return lines.split('\n').flatMap((line) => (line === '' ? [] : parseJobRecord(JSON.parse(line))));
}

test('a command that somebody waits for is listed while it runs, and a while longer', async () => {
  const bench = new Bench();
  const { played } = await bench.start({ job: ID, count: 3, rank: 1 });
  const [record] = await list(bench);
  const { id, isExec, state, command, pid, rank } = record ?? {};
  assert.equal([id, isExec, state, command], [ID, true, 'running', 'work']);
  assert.equal([pid, rank], [played.pid, 1]);
  played.exit(0);
  await quiet();
  const [ended] = await list(bench);
  assert.equal([ended?.state, ended?.result?.verdict], ['ended', 'ok']);
  assert.is((await bench.ask('job.show', [ID])).record.state, 'ended');
});

test('it is told who asked for it, and as whom it runs where that was said', async () => {
  const bench = new Bench();
  const said = async (job: string, spec: object): Promise<unknown[]> => {
    await bench.start({ job, ...spec });
    const { owner, runsAs } = (await bench.ask('job.show', [job])).record;
    return [owner, runsAs];
  };
  const ids = [1, 2, 3, 4].map((digit) => `0123456789abcdef012${digit}`);
  const [first = '', second = '', third = '', fourth = ''] = ids;
  assert.equal(await said(first, { owner: 'ann' }), ['ann@here', undefined]);
  assert.equal(await said(second, { owner: 'a b' }), ['somebody@here', undefined]);
  assert.equal(await said(third, { user: 'www' }), ['somebody@here', 'www']);
  assert.equal(await said(fourth, { isSudo: true, group: 'adm' }), ['somebody@here', 'root:adm']);
});

test('who attaches reads what was said lately, then what comes, then the verdict', async () => {
  const bench = new Bench();
  const command = await bench.start({ job: ID });
  command.played.say('stdout', 'one ');
  const attached = await bench.ask('job.output', [ID, { isFollowing: true }]);
  command.played.say('stderr', 'two ');
  await quiet();
  command.played.say('stdout', 'three');
  command.played.exit(3);
  await quiet();
  assert.equal(attached.output, ['1 one ', '2 two ', '1 three']);
  assert.is(attached.record.result?.code, 3);
  assert.equal(command.output, ['1 one ', '2 two ', '1 three']);
  assert.equal([...bench.host.jobs.keys()], []);
});

test('of more than is kept in memory only the last is read by who attaches', async () => {
  const bench = new Bench();
  const { played } = await bench.start({ job: ID });
  played.say('stdout', `${'x'.repeat(1_000)}${'y'.repeat(EXEC_RECENT_BYTES)}`);
  const { output } = await bench.ask('job.output', [ID]);
  const [omission, ...pieces] = output;
  assert.is(omission, 'stdout without 1000');
  const text = pieces.map((piece) => piece.slice(2)).join('');
  assert.is(text, 'y'.repeat(EXEC_RECENT_BYTES));
  assert.equal(bench.host.acts, []);
});

test('what is left of more than that begins with a line, and so it is told', async () => {
  const bench = new Bench();
  const { played } = await bench.start({ job: ID });
  const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index}\n`);
  for (const line of lines) played.say('stdout', line);
  const read = async (): Promise<void> => {
    const { output } = await bench.ask('job.output', [ID]);
    const { stdout } = (await bench.ask('job.show', [ID])).record;
    const [omission, ...pieces] = output;
    assert.is(omission, `stdout without ${stdout.omittedBytes}`);
    const text = pieces.map((piece) => piece.slice(2)).join('');
    assert.ok(text.startsWith('line '), text.slice(0, 20));
    assert.is(text, lines.join('').slice(stdout.omittedBytes));
    assert.ok(text.length > EXEC_RECENT_BYTES - 10 && text.length <= EXEC_RECENT_BYTES);
  };
  await read();
  played.exit(0);
  await quiet();
  await read();
});

test('who reads while it is written misses nothing of what is in memory', async () => {
  const bench = new Bench();
  const { played } = await bench.start({ job: ID });
  played.say('stdout', 'half');
  const { output } = await bench.ask('job.output', [ID, { isFollowing: true }]);
  const rest = ` a line\n${'x'.repeat(EXEC_RECENT_BYTES - 10)}`;
  played.say('stdout', rest);
  played.exit(0);
  await quiet();
  await quiet();
  assert.is(output.map((piece) => piece.slice(2)).join(''), `half${rest}`);
});

test('what its caller does not take is in a file, and is read there after its end', async () => {
  const bench = new Bench();
  const command = await bench.start({ job: ID, outputBytesMax: CAP });
  command.played.say('stdout', '0123456789');
  assert.equal(bench.host.acts, [], 'what is within the bound costs no file');
  command.played.say('stdout', 'abcdefghijklmnopqrstuvwxyz');
  command.played.say('stderr', 'oh');
  command.played.exit(0);
  await quiet();
  assert.equal(
    command.output.filter((piece) => piece.startsWith('1')),
    ['1 01234', '1 56789', '1 qrstuvwxyz'],
  );
  const { output, record } = await bench.ask('job.output', [ID]);
  const pieces = ['1 0123456789', '1 abcdefghijklmnopqrstuvwxyz', '2 oh'];
  assert.equal(output, pieces);
  assert.equal(
    [record.isExec, record.result?.verdict, record.stdout.omittedBytes],
    [true, 'ok', 0],
  );
});

test('output that was not cut after all leaves no file behind', async () => {
  const bench = new Bench();
  const cap = 2 * EXEC_RECENT_BYTES;
  const { played } = await bench.start({ job: ID, outputBytesMax: cap });
  played.say('stdout', Buffer.alloc(cap));
  assert.equal(bench.host.acts, [`spool ${ID}`]);
  played.exit(0);
  await quiet();
  assert.is(bench.host.jobs.size, 0);
});

test('a file takes the beginning up to the bound, and the end; the middle is counted', async () => {
  const bench = new Bench();
  const { played } = await bench.start({ job: ID, outputBytesMax: CAP });
  played.say('stdout', Buffer.alloc(JOB_SPOOL_BYTES_DEFAULT, 'h'));
  played.say('stdout', Buffer.alloc(5_000_000, 'm'));
  played.say('stdout', Buffer.alloc(EXEC_RECENT_BYTES, 't'));
  assert.is(bench.host.last.streams.stdout.length, JOB_SPOOL_BYTES_DEFAULT);
  played.exit(0);
  await quiet();
  const { stdout } = (await bench.ask('job.show', [ID])).record;
  assert.is(stdout.omittedBytes, 5_000_000);
  const file = bench.host.last.streams.stdout;
  assert.is(file.length, stdout.bytes);
  assert.is(file.subarray(-EXEC_RECENT_BYTES).toString(), 't'.repeat(EXEC_RECENT_BYTES));
});

test('a file that is slow holds the command, and not longer than it is slow', async () => {
  const bench = new Bench();
  bench.host.takesSpool = false;
  const { played } = await bench.start({ job: ID, outputBytesMax: CAP });
  played.say('stdout', Buffer.alloc(100));
  assert.ok(played.isPaused);
  bench.host.spoolHandlers?.onDrain();
  assert.not(played.isPaused);
});

test('where no file can be written the command runs as ever, and nothing is kept', async () => {
  const bench = new Bench();
  bench.host.refusal = new Error('the disk is full');
  const refused = await bench.start({ job: ID, outputBytesMax: CAP });
  refused.played.say('stdout', Buffer.alloc(100));
  refused.played.exit(0);
  await quiet();
  assert.is(refused.result?.verdict, 'ok');
  bench.host.refusal = undefined;
  const broken = await bench.start({ job: ID, outputBytesMax: CAP });
  broken.played.say('stdout', Buffer.alloc(100));
  bench.host.spoolHandlers?.onError('the disk is full');
  assert.is(bench.host.jobs.size, 0);
  broken.played.say('stdout', Buffer.alloc(100));
  broken.played.exit(0);
  await quiet();
  assert.is(broken.result?.verdict, 'ok');
  assert.is(bench.host.jobs.size, 0);
});

test('somebody else may cancel or signal it; who waits for it hears why it ended', async () => {
  const bench = new Bench();
  const command = await bench.start({ job: ID });
  await bench.ask('job.signal', [ID, 'SIGUSR1']);
  const cancelling = await bench.ask('job.cancel', [ID, 'wrong disk']);
  assert.equal(command.played.signals, ['SIGUSR1', 'SIGTERM']);
  assert.is((await bench.ask('job.remove', [ID])).error?.code, 'E_JOB_RUNS');
  command.played.say('stdout', 'bye');
  command.played.die('SIGTERM');
  await quiet();
  const { verdict, reason } = command.result ?? {};
  assert.equal([verdict, reason], ['cancelled', 'wrong disk']);
  assert.equal(command.output, ['1 bye']);
  assert.is(cancelling.record.result?.reason, 'wrong disk');
});

test('one with an id that is none, or runs already, is run all the same, unrecorded', async () => {
  const bench = new Bench();
  const first = await bench.start({ job: ID });
  const second = await bench.start({ job: ID });
  const odd = await bench.start({ job: '../../etc' });
  assert.is((await list(bench)).length, 1);
  for (const { played } of [second, odd, first]) played.exit(0);
  await quiet();
  assert.equal(
    [first, second, odd].map(({ result }) => result?.verdict),
    ['ok', 'ok', 'ok'],
  );
});

test('what is kept of a command is forgotten after a day', async () => {
  const bench = new Bench();
  bench.jobs.start();
  const { played } = await bench.start({ job: ID, outputBytesMax: CAP });
  played.say('stdout', Buffer.alloc(100));
  played.exit(0);
  await quiet();
  bench.clock.advance(EXEC_KEEP_MS - 60_000);
  assert.is(bench.host.jobs.size, 1);
  bench.clock.advance(60_000);
  assert.is(bench.host.jobs.size, 0);
});

test('a command whose daemon was killed is lost, with what there is of its output', async () => {
  const former = new Bench();
  const { played } = await former.start({ job: ID, outputBytesMax: CAP });
  played.say('stdout', 'a'.repeat(100));
  const bench = new JobsBench(former.host);
  const { output, record } = await bench.ask('job.output', [ID]);
  assert.equal(output, [`1 ${'a'.repeat(100)}`]);
  assert.is(record.result?.verdict, 'lost');
  assert.match(record.result?.reason ?? '', 'its daemon ended');
});

test.run();
