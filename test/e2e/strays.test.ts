import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, recordsOf } from './harness.ts';

const test = suite('what leaves the process group of a command');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root' });
});
test.after(() => home.close());

interface Result {
  readonly type: string;
  readonly verdict: string;
  readonly strays?: number;
  readonly signal?: string;
}

/** A daemon, and what has a session of its own and does not heed TERM; each leaves its pid. */
function runaway(mark: string): string {
  const file = home.file(mark);
  const daemon = `(setsid sh -c 'echo $$ > ${file}-1.pid; exec sleep 90' >/dev/null 2>&1 &)`;
  // What is ignored stays so over exec: one process, whose number does not change.
  const deaf = `setsid sh -c 'trap "" TERM; echo $$ > ${file}-2.pid; exec sleep 90' &`;
  return `${daemon}; ${deaf} echo begun; wait`;
}

const filesOf = (mark: string): string[] => [`${mark}-1.pid`, `${mark}-2.pid`];

test('--timeout ends it, and the verdict counts it', async () => {
  const args = ['exec', '--json', '-t', '2s', '--grace', '500ms', 'web1', runaway('late')];
  const { status, stdout } = await home.run(args);
  assert.is(status, 124);
  const result = recordsOf<Result>(stdout).find(({ type }) => type === 'result');
  assert.equal([result?.strays, result?.signal], [2, 'SIGKILL']);
  await home.gone(...filesOf('late'));
});

test('Ctrl-C ends it', async () => {
  const program = home.start(['exec', '--grace', '500ms', 'web1', runaway('cut')]);
  for (const file of filesOf('cut')) await home.pid(file);
  program.signal('SIGINT');
  const { status, stderr } = await program.end();
  assert.is(status, 130);
  assert.match(stderr, /^dagent: web1: cancelled: .*, \d processes \(\d outside its group\)$/m);
  await home.gone(...filesOf('cut'));
});

for (const [how, heeds, signal] of [
  ['heeds TERM', 'trap "exit 1" TERM', 'SIGTERM'],
  ['needs KILL', 'trap "" TERM', 'SIGKILL'],
] as const) {
  test(`of a command whose child ${how} the verdict says ${signal}, as of a job`, async () => {
    const words = `(${heeds}; while :; do sleep 0.1; done) & wait`;
    const args = ['-t', '1s', '--grace', '500ms', 'web1', words];
    const { stdout } = await home.run(['exec', '--json', ...args]);
    const result = recordsOf<Result>(stdout).find(({ type }) => type === 'result');
    assert.equal([result?.verdict, result?.signal], ['timeout', signal]);
    const id = (await home.ok(['exec', '--async', ...args])).trim();
    const waited = await home.run(['job', 'wait', '--json', id]);
    const [job] = recordsOf<Result>(waited.stdout);
    assert.equal([job?.verdict, job?.signal], ['timeout', signal]);
  });
}

test('cancelling a job ends it, and the output of the job is complete', async () => {
  const args = ['exec', '--async', '--grace', '500ms', 'web1', runaway('job')];
  const id = (await home.ok(args)).trim();
  for (const file of filesOf('job')) await home.pid(file);
  const [result] = recordsOf<Result>((await home.run(['job', 'cancel', id, '--json'])).stdout);
  assert.is(result?.verdict, 'cancelled');
  assert.equal([result?.strays, result?.signal], [2, 'SIGKILL']);
  await home.gone(...filesOf('job'));
  assert.is(await home.ok(['job', 'output', id]), 'begun\n');
});

test('the timeout of a job ends it', async () => {
  const args = ['exec', '--async', '-t', '2s', '--grace', '500ms', 'web1', runaway('slow')];
  const id = (await home.ok(args)).trim();
  assert.is((await home.run(['job', 'wait', id])).status, 124);
  await home.gone(...filesOf('slow'));
});

test('what a command that ends by itself has left behind goes on', async () => {
  const words = `nohup setsid sleep 90 >/dev/null 2>&1 & echo $! > ${home.file('behind.pid')}`;
  assert.is((await home.run(['exec', '-t', '5s', 'web1', words])).status, 0);
  assert.is((await home.run(['exec', '-t', '300ms', 'web1', 'sleep 60'])).status, 124);
  const pid = await home.pid('behind.pid');
  assert.ok(isRunning(pid));
  process.kill(pid, 'SIGKILL');
});

test('a daemon that a command starts is no part of it', async () => {
  const words = `dagent daemon start --home ${home.dir} --name own && echo up; sleep 60`;
  const program = home.start(['exec', 'web1', words]);
  await program.sees(/up$/m);
  program.signal('SIGINT');
  assert.is((await program.end()).status, 130);
  assert.ok(isRunning((await home.status('own')).pid));
});

test.run();
