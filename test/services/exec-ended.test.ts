import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  EXEC_ENDED_BYTES_MAX,
  EXEC_ENDED_MAX,
  EXEC_ENDED_MS,
  EXEC_RECENT_BYTES,
} from '../../src/protocol/limits.ts';
import { quiet } from '../endpoint/pair.ts';
import { Bench, type Command } from './exec-bench.ts';
import { ID } from './jobs-bench.ts';

const idOf = (number: number): string => number.toString(16).padStart(20, '0');

/** A command that has ended, and what it said. */
async function run(bench: Bench, job: string, text = ''): Promise<Command> {
  const command = await bench.start({ job });
  if (text !== '') command.played.say('stdout', text);
  command.played.exit(3);
  await quiet();
  return command;
}

async function knows(bench: Bench, id: string): Promise<boolean> {
  return (await bench.ask('job.show', [id])).error === undefined;
}

test('of a command that has ended its verdict and its output can still be asked for', async () => {
  const bench = new Bench();
  await run(bench, ID, 'hello');
  const output = await bench.ask('job.output', [ID, { isFollowing: true }]);
  assert.equal(output.output, ['1 hello']);
  assert.is(output.record.result?.code, 3);
  assert.is((await bench.ask('job.wait', [ID])).record.result?.verdict, 'failed');
  assert.equal((await bench.ask('job.signal', [ID, 'SIGHUP'])).value, { isSent: false });
  assert.is((await bench.ask('job.cancel', [ID])).record.result?.code, 3, 'it keeps its verdict');
  assert.equal((await bench.ask('job.remove', [ID])).value, { isKept: false });
  assert.is((await bench.ask('job.show', [ID])).error?.code, 'E_JOB_UNKNOWN');
  assert.equal(bench.host.acts, [], 'it has cost no file');
});

test('of more output than is kept the last is told, and how much is missing', async () => {
  const bench = new Bench();
  await run(bench, ID, `${'x'.repeat(1_000)}${'y'.repeat(EXEC_RECENT_BYTES)}`);
  const { output, record } = await bench.ask('job.output', [ID]);
  assert.is(output[0], 'stdout without 1000');
  assert.is(record.stdout.omittedBytes, 1_000);
});

test('also where a file was begun that was not needed in the end', async () => {
  const bench = new Bench();
  const command = await bench.start({ job: ID, outputBytesMax: 2 * EXEC_RECENT_BYTES });
  command.played.say('stdout', 'z'.repeat(EXEC_RECENT_BYTES + 10));
  command.played.exit(0);
  await quiet();
  const { output, record } = await bench.ask('job.output', [ID]);
  assert.is(output[0], 'stdout without 10');
  assert.is(record.stdout.omittedBytes, 10);
});

test('it is forgotten when it is old', async () => {
  const bench = new Bench();
  bench.jobs.start();
  await run(bench, ID);
  bench.clock.advance(EXEC_ENDED_MS - 60_000);
  assert.ok(await knows(bench, ID));
  bench.clock.advance(60_000);
  assert.not.ok(await knows(bench, ID));
});

test('when there are too many, those that ended first are forgotten', async () => {
  const bench = new Bench();
  for (let number = 0; number <= EXEC_ENDED_MAX; number++) await run(bench, idOf(number));
  assert.not.ok(await knows(bench, idOf(0)));
  assert.ok(await knows(bench, idOf(1)));
  assert.ok(await knows(bench, idOf(EXEC_ENDED_MAX)));
});

test('when they have said too much, those that ended first are forgotten', async () => {
  const bench = new Bench();
  const count = Math.floor(EXEC_ENDED_BYTES_MAX / EXEC_RECENT_BYTES);
  const much = 'x'.repeat(EXEC_RECENT_BYTES);
  for (let number = 0; number < count; number++) await run(bench, idOf(number), much);
  assert.not.ok(await knows(bench, idOf(0)), 'each takes a little more than its output');
  assert.ok(await knows(bench, idOf(count - 1)));
});

test('the same id again means the later command', async () => {
  const bench = new Bench();
  await run(bench, ID, 'first');
  await run(bench, ID, 'second');
  assert.equal((await bench.ask('job.output', [ID])).output, ['1 second']);
});

test('the id of a job is not taken away from it', async () => {
  const bench = new Bench();
  await bench.ask('job.start', [{ argv: ['work'] }, { id: ID }]);
  const command = await run(bench, ID);
  assert.is(command.played.request.env.DAGENT_JOB_ID, undefined);
  assert.is((await bench.ask('job.show', [ID])).record.isExec, false);
});

test.run();
