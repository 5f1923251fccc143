import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('a job outlives its daemon');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root' });
});
test.after(() => home.close());

interface Job {
  readonly state: string;
  readonly pid: number;
  readonly result: {
    readonly verdict: string;
    readonly code?: number;
    readonly limit?: string;
    readonly reason?: string;
  };
}

async function begin(command: string, flags: string[] = []): Promise<string> {
  return (await home.ok(['exec', '--async', ...flags, 'web1', command])).trim();
}

async function show(id: string): Promise<Job> {
  const [job] = recordsOf<Job>(await home.ok(['job', 'show', id, '--json']));
  assert.ok(job);
  return job;
}

const fileOf = (id: string, name: string) => join(home.dir, 'data/web1/jobs', id, name);
const restart = () => home.ok(['daemon', 'restart', 'web1']);
const release = (name: string): void => writeFileSync(home.file(name), '');
const untilThere = (name: string) => `while [ ! -e ${home.file(name)} ]; do sleep 0.05; done`;

test('the daemon is killed and comes back: the job goes on, no output is missing', async () => {
  const parts = ['echo one', untilThere('two'), 'echo two', untilThere('three')];
  const id = await begin([...parts, 'echo three; exit 4'].join('; '));
  await home.kill9('web1');
  release('two');
  await until('it writes', () => readFileSync(fileOf(id, 'out'), 'utf8') === 'one\ntwo\n');
  await restart();
  assert.is((await show(id)).state, 'running');
  const attached = home.start(['job', 'attach', id]);
  await attached.sees(/two\n/);
  release('three');
  const { status, stdout } = await attached.end();
  assert.equal([status, stdout], [4, 'one\ntwo\nthree\n']);
});

test('who attaches while the daemon is killed misses nothing, and hears the end', async () => {
  const words = [`echo one; ${untilThere('a2')}; echo two; ${untilThere('a3')}; echo three`];
  const id = await begin(words.join('; '));
  const attached = home.start(['job', 'attach', id]);
  const waiting = home.start(['job', 'wait', id]);
  await attached.sees(/one\n/);
  await home.kill9('web1');
  await attached.sees(/web1 is away and is asked again; the job goes on/, 'stderr');
  await waiting.sees(/web1 is away/, 'stderr');
  release('a2');
  await restart();
  await attached.sees(/two\n/);
  release('a3');
  const { status, stdout } = await attached.end();
  assert.equal([status, stdout], [0, 'one\ntwo\nthree\n']);
  assert.is((await waiting.end()).status, 0);
});

test('who watches it by a daemon that is killed is told that it goes on', async () => {
  const id = await begin(`echo one; ${untilThere('own')}; echo two`);
  const own = ['--via', 'web1', '--no-reconnect'];
  const waiting = home.start(['job', 'wait', id, ...own]);
  const attached = home.start(['job', 'attach', id, ...own, '--json']);
  await attached.sees(/"out"/);
  await home.kill9('web1');
  for (const { status, stdout, stderr } of [await attached.end(), await waiting.end()]) {
    assert.is(status, 6);
    assert.match(stderr, /the connection to the daemon was lost: .*\(E_JOB_UNWATCHED\)/);
    assert.match(stderr, `it goes on; to see it again: dagent job attach ${id}`);
    assert.not.match(stdout, '"verdict"');
  }
  release('own');
  await restart();
  assert.is(await home.ok(['job', 'attach', id]), 'one\ntwo\n');
});

test('who watches it by a daemon that comes back sees all of it, and nothing twice', async () => {
  const line = `echo one; ${untilThere('b2')}; echo two; ${untilThere('b3')}; echo three; exit 4`;
  const running = home.start(['exec', '--on-disconnect=keep', 'web1', line]);
  await running.sees(/one\n/);
  const jobs = recordsOf<{ id: string }>(await home.ok(['job', 'ls', '--running', '--json']));
  const id = jobs[0]?.id ?? '';
  const readers = [
    ['attach', id],
    ['output', '-f', id],
    ['wait', id],
  ].map((words) => {
    return home.start(['job', ...words]);
  });
  const all = [running, ...readers];
  for (const reader of readers.slice(0, 2)) await reader.sees(/one\n/);
  await home.kill9('root');
  for (const each of all) await each.sees(/connection to the daemon was lost.*waiting/, 'stderr');
  release('b2');
  await home.ok(['daemon', 'restart', 'root']);
  for (const each of all) await each.sees(/connected to root again/, 'stderr');
  release('b3');
  const ends = await Promise.all(all.map((each) => each.end()));
  const whole = 'one\ntwo\nthree\n';
  assert.equal(
    ends.map(({ status, stdout }) => [status, stdout]),
    [whole, whole, whole, ''].map((text) => [4, text]),
  );
});

test('who cancels it while no daemon is there has it cancelled when there is one', async () => {
  const line = `echo $$ > ${home.file('c.pid')}; echo one; exec sleep 60`;
  const running = home.start(['exec', '--on-disconnect=keep', 'web1', line]);
  await running.sees(/one\n/);
  const pid = await home.pid('c.pid');
  await home.kill9('root');
  await running.sees(/waiting for it/, 'stderr');
  running.signal('SIGINT');
  await running.sees(/cancelling/, 'stderr');
  assert.ok(isRunning(pid));
  await home.ok(['daemon', 'restart', 'root']);
  const { status, stderr } = await running.end();
  assert.is(status, 130);
  assert.match(stderr, /web1: cancelled: SIGTERM/);
  await home.gone('c.pid');
});

test('what ends while no daemon is there has its verdict all the same', async () => {
  const failing = await begin(`${untilThere('end')}; echo last; exit 6`);
  const killed = await begin(`echo $$ > ${home.file('k.pid')}; exec sleep 60`);
  await home.kill9('web1');
  release('end');
  process.kill(await home.pid('k.pid'), 'SIGKILL');
  await until('both have ended', () =>
    [failing, killed].every((id) => readFileSync(fileOf(id, 'exit'), 'utf8').trim() !== ''),
  );
  await restart();
  assert.is((await home.run(['job', 'wait', failing])).status, 6);
  assert.is((await home.run(['job', 'wait', killed])).status, 137);
  assert.is(await home.ok(['job', 'output', failing]), 'last\n');
});

test('a timeout that was over meanwhile is kept by the next daemon', async () => {
  const id = await begin(`echo $$ > ${home.file('t.pid')}; exec sleep 60`, ['--timeout', '1s']);
  await home.pid('t.pid');
  await home.kill9('web1');
  await restart();
  const { status } = await home.run(['job', 'wait', id]);
  assert.is(status, 124);
  await home.gone('t.pid');
  assert.is((await show(id)).result.limit, 'command');
});

test('a job that nobody saw end is lost, and who has its pid now is left alone', async () => {
  const id = await begin('exec sleep 60');
  const { pid } = await show(id);
  await home.kill9('web1');
  const [, , supervisor] = readFileSync(fileOf(id, 'pid'), 'utf8').split(' ').map(Number);
  // As if the host had been started anew: both are gone, and somebody else has the pid.
  for (const each of [supervisor ?? 0, pid]) process.kill(each, 'SIGKILL');
  await until('both are gone', () => ![supervisor ?? 0, pid].some(isRunning));
  const bystander = home.spawn(['sleep', '60']);
  const line = `${bystander.pid} 1 ${bystander.pid} 1 1 1`.padEnd(99);
  writeFileSync(fileOf(id, 'pid'), `${line}\n`);
  await restart();
  const job = await show(id);
  assert.equal([job.state, job.result.verdict], ['ended', 'lost']);
  assert.match(job.result.reason ?? '', 'nobody saw how it ended');
  assert.is((await home.run(['job', 'wait', id])).status, 255);
  await home.ok(['job', 'cancel', id]);
  assert.ok(isRunning(bystander.pid));
  bystander.signal('SIGKILL');
});

test('after another start of the kernel it is lost, however alike the pids are', async () => {
  const id = await begin(`echo $$ > ${home.file('boot.pid')}; exec sleep 60`);
  const pid = await home.pid('boot.pid');
  await home.kill9('web1');
  const note = JSON.parse(readFileSync(fileOf(id, 'job.json'), 'utf8'));
  writeFileSync(fileOf(id, 'job.json'), JSON.stringify({ ...note, boot: 'another' }));
  await restart();
  const { result } = await show(id);
  assert.is(result.verdict, 'lost');
  assert.match(result.reason ?? '', 'the host was started anew');
  process.kill(pid, 'SIGKILL');
  await home.gone('boot.pid');
});

test('what was written down but never begun is not started later', async () => {
  const key = ['--key', 'once'];
  const words = `echo run >> ${home.file('once')}`;
  const id = await begin(words, key);
  await home.ok(['job', 'wait', id]);
  await home.kill9('web1');
  // As after a crash between the two: the note is there, and no process was.
  await home.shell(`cd ${fileOf(id, '.')} && rm end.json && : > pid && : > exit && : > ready`);
  await restart();
  const { status } = await home.run(['job', 'wait', id]);
  assert.is(status, 255);
  assert.match((await show(id)).result.reason ?? '', 'nobody knows whether it ran');
  await begin(words, key);
  assert.is(readFileSync(home.file('once'), 'utf8'), 'run\n');
});

test('an orderly stop leaves jobs alone, too', async () => {
  const id = await begin(`echo $$ > ${home.file('s.pid')}; exec sleep 60`);
  const pid = await home.pid('s.pid');
  await home.ok(['daemon', 'stop', 'web1']);
  assert.ok(isRunning(pid));
  await restart();
  await home.ok(['job', 'cancel', id]);
  await home.gone('s.pid');
});

test.run();
