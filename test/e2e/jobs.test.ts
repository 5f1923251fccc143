import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('dagent job');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east' });
});
test.after(() => home.close());

interface Job {
  readonly id: string;
  readonly node: string;
  readonly owner: string;
  readonly state: string;
  readonly pid: number | null;
  readonly result: { readonly verdict: string; readonly code?: number; readonly reason?: string };
  readonly stdout: { readonly bytes: number; readonly omittedBytes: number };
}

/** Starts a job; its id, which is all that is on stdout. */
async function begin(target: string, command: string, flags: string[] = []): Promise<string> {
  const id = await home.ok(['exec', '--async', ...flags, target, command]);
  assert.match(id, /^[0-9a-f]{20}\n$/);
  return id.trim();
}

async function show(id: string, flags: string[] = []): Promise<Job[]> {
  return recordsOf<Job>(await home.ok(['job', 'show', id, '--json', ...flags]));
}

/** Waits for a job whose command waits for this file, and lets it go on. */
function release(name: string): void {
  writeFileSync(home.file(name), '');
}

/** A line of shell that goes on when a file is there. */
const untilThere = (name: string) => `while [ ! -e ${home.file(name)} ]; do sleep 0.05; done`;

test('a job runs on many nodes after its client has gone, and tells its verdicts', async () => {
  const id = await begin(
    'web*,east',
    `echo $DAGENT_TARGET; ${untilThere('go')}; exit $DAGENT_RANK`,
  );
  const running = await show(id);
  assert.equal(
    running.map(({ node, state, owner }) => [node, state, owner.split('@')[1]]),
    [
      ['east', 'running', 'root'],
      ['web1', 'running', 'root'],
      ['web2', 'running', 'root'],
    ],
  );
  const waiting = home.start(['job', 'wait', id]);
  const { stdout } = await home.run(['job', 'ls']);
  assert.match(stdout, new RegExp(`^${id}  3 running +east,web\\[1-2\\] `, 'm'));
  release('go');
  const { status, stderr } = await waiting.end();
  assert.is(status, 1);
  assert.match(stderr, /^3 targets: 1 ok, 2 failed$/m);
  assert.match(stderr, /^ {2}failed +web2 +2$/m);
});

test('one node is as with exec: output, status, and reasons', async () => {
  const id = await begin('web1', 'echo out; echo err >&2; exit 7');
  const waited = await home.run(['job', 'wait', id]);
  assert.equal([waited.status, waited.stdout, waited.stderr], [7, '', '']);
  const { status, stdout, stderr } = await home.run(['job', 'output', id]);
  assert.equal([status, stdout, stderr], [0, 'out\n', 'err\n']);
  const missing = await home.run(['exec', '--async', 'web1', 'no-such-program', 'x']);
  assert.is(missing.status, 127);
  assert.match(missing.stderr, 'no such program: no-such-program');
  const nobody = await home.run(['exec', '--async', 'web9', 'true']);
  assert.equal([nobody.status, nobody.stdout], [3, '']);
});

test('another terminal attaches: what was written, what comes, and the end', async () => {
  const id = await begin('web1,web2', `echo first; ${untilThere('attach')}; echo last`);
  const attached = home.start(['job', 'attach', id]);
  await attached.sees(/web1 \| first\n/);
  await attached.sees(/web2 \| first\n/);
  release('attach');
  const { status, stdout } = await attached.end();
  assert.is(status, 0);
  assert.match(stdout, /web1 \| last\n/);
  assert.match(stdout, /web2 \| last\n/);
});

test('Ctrl-C detaches, says how to come back, and the job goes on', async () => {
  const id = await begin('web1', `echo $$ > ${home.file('on.pid')}; echo first; exec sleep 60`);
  const attached = home.start(['job', 'attach', id]);
  await attached.sees(/first\n/);
  attached.signal('SIGINT');
  const { status, stderr } = await attached.end();
  assert.is(status, 130);
  assert.match(stderr, `detached; the job goes on. To see it again: dagent job attach ${id}\n`);
  assert.ok(isRunning(await home.pid('on.pid')));
  const cancelled = await home.run(['job', 'cancel', id, '--reason', 'enough']);
  assert.is(cancelled.status, 0);
  assert.match(cancelled.stderr, /cancelled +web1 +enough/);
  await home.gone('on.pid');
  assert.is((await home.run(['job', 'wait', id])).status, 130);
});

test('cancelling ends all of the group, with KILL where TERM is not heeded', async () => {
  const pids = [home.file('lead.pid'), home.file('child.pid')];
  const words = `trap "" TERM; echo $$ > ${pids[0]}; sleep 60 & echo $! > ${pids[1]}; wait; wait`;
  const id = await begin('web1', words, ['--grace', '200ms']);
  await home.pid('child.pid');
  const { stdout } = await home.run(['job', 'cancel', id, '--json']);
  const [result] = recordsOf<{ verdict: string; signal: string; killed: number }>(stdout);
  const { verdict, signal, killed } = result ?? {};
  assert.equal([verdict, signal], ['cancelled', 'SIGKILL']);
  assert.ok((killed ?? 0) > 0);
  await home.gone('lead.pid', 'child.pid');
});

test('a signal reaches the command; one that has ended is told', async () => {
  const words = `trap 'echo heard; exit 3' HUP; echo ready; ${untilThere('never')}`;
  const id = await begin('web1', words);
  await until('it is ready', async () => (await home.ok(['job', 'output', id])) === 'ready\n');
  await home.ok(['job', 'signal', id, 'HUP']);
  assert.is((await home.run(['job', 'wait', id])).status, 3);
  assert.is(await home.ok(['job', 'output', id]), 'ready\nheard\n');
  const late = await home.run(['job', 'signal', id, 'HUP']);
  assert.is(late.status, 1);
  assert.match(late.stderr, 'it had ended before on web1');
  assert.is((await home.run(['job', 'signal', id, 'NONE'])).status, 2);
});

test('the same key runs once, whoever asks again', async () => {
  const words = `echo run >> ${home.file('runs')}`;
  const flags = ['--key', 'deploy-7'];
  const ids = await Promise.all([
    begin('web1,web2', words, flags),
    begin('web1,web2', words, flags),
    begin('web1', words, [...flags, '--via', 'web2']),
  ]);
  const [id = ''] = ids;
  assert.equal(ids, [id, id, id]);
  await home.ok(['job', 'wait', id]);
  assert.is(readFileSync(home.file('runs'), 'utf8'), 'run\nrun\n');
  const other = await home.run(['exec', '--async', ...flags, 'web1', 'date']);
  assert.is(other.status, 1);
  assert.match(other.stderr, 'E_JOB_TAKEN');
});

test('a timeout ends it where it runs, and the status is 124', async () => {
  const id = await begin('web1', 'sleep 60', ['--timeout', '300ms']);
  const { status, stderr } = await home.run(['job', 'wait', id]);
  assert.is(status, 124);
  assert.match(stderr, /timeout: --timeout after \d+ms, SIGTERM/);
});

test('who waits no longer than it wants ends with 124, and the job goes on', async () => {
  const id = await begin('web1', 'exec sleep 60');
  const { status, stderr } = await home.run(['job', 'wait', id, '--timeout', '100ms']);
  assert.is(status, 124);
  assert.match(stderr, 'E_JOB_LATE');
  assert.is((await show(id))[0]?.state, 'running');
  await home.ok(['job', 'cancel', id]);
});

test('of much output the beginning and the end are kept, and the rest is counted', async () => {
  const size = 3_000_000;
  const words = `echo begin; yes | head -c ${size}; echo end`;
  const id = await begin('web1', words, ['--spool', '64k']);
  await home.ok(['job', 'wait', id]);
  const { stdout } = await home.run(['job', 'output', id]);
  assert.match(stdout, /^begin\ny\n/);
  assert.match(stdout, /\nend\n$/);
  const [, omitted] = /\[\.\.\. (\d+) bytes are not shown \.\.\.\]/.exec(stdout) ?? [];
  const [job] = await show(id);
  assert.is(job?.stdout.bytes, size + 10);
  assert.is(job?.stdout.omittedBytes, Number(omitted));
  assert.ok(Number(omitted) > size - 150_000, `${omitted} of ${size}`);
});

test('records tell all for programs', async () => {
  const id = await begin('web1,web2', 'echo hi; echo oops >&2');
  await home.ok(['job', 'wait', id]);
  const records = recordsOf(await home.ok(['job', 'output', id, '--json']));
  const types = records.map(({ type }) => type);
  assert.is(types.filter((type) => type === 'out').length, 2);
  assert.is(types.filter((type) => type === 'err').length, 2);
  assert.is(types.at(-1), 'summary');
  const listed = recordsOf<Job>(await home.ok(['job', 'ls', 'web2', '--json']));
  assert.ok(listed.some((job) => job.id === id && job.node === 'web2'));
  assert.ok(listed.every(({ node }) => node === 'web2'));
});

test('a job is found by whoever does not remember where it runs', async () => {
  const id = await begin('web1,web2', 'echo $DAGENT_TARGET');
  await home.ok(['job', 'wait', id]);
  const file = join(home.dir, 'data', `.job-${id}.json`);
  assert.ok(existsSync(file));
  await home.shell(`rm ${file}`);
  assert.is((await show(id)).length, 2);
  const elsewhere = await home.run(['job', 'output', id, '--on', 'east,root']);
  assert.is(elsewhere.status, 3);
  const none = await home.run(['job', 'show', '0'.repeat(20)]);
  assert.is(none.status, 3);
  assert.match(none.stderr, 'E_JOB_NOWHERE');
  assert.is((await home.run(['job', 'show', '../../x'])).status, 2);
});

test('what has ended can be removed, what runs cannot', async () => {
  const id = await begin('web1', `${untilThere('rm')}; echo done`);
  const early = await home.run(['job', 'rm', id]);
  assert.is(early.status, 1);
  assert.match(early.stderr, 'still runs');
  release('rm');
  await home.ok(['job', 'wait', id]);
  await home.ok(['job', 'rm', id]);
  for (const order of ['show', 'output', 'attach', 'wait', 'cancel', 'rm', 'signal']) {
    const words = order === 'signal' ? ['HUP'] : [];
    const { status, stderr } = await home.run(['job', order, id, ...words]);
    assert.is(status, 3, order);
    assert.match(stderr, `there is no job ${id} on web1 (E_JOB_UNKNOWN`);
  }
  assert.ok(!existsSync(join(home.dir, 'data/web1/jobs', id)));
});

test('exec --on-disconnect=keep is exec, but outlives who has called it', async () => {
  const ended = await home.run(['exec', '--on-disconnect=keep', 'web1', 'echo hi; exit 5']);
  assert.equal([ended.status, ended.stdout], [5, 'hi\n']);
  const words = `echo $$ > ${home.file('kept.pid')}; echo first; ${untilThere('kept')}; echo last`;
  const client = home.start(['exec', '--on-disconnect=keep', 'web1', words]);
  await client.sees(/first\n/);
  client.signal('SIGKILL');
  await client.end();
  assert.ok(isRunning(await home.pid('kept.pid')));
  const [job] = recordsOf<Job>(await home.ok(['job', 'ls', '--running', '--json']));
  release('kept');
  assert.is(await home.ok(['job', 'output', job?.id ?? '', '-f']), 'first\nlast\n');
});

test('Ctrl-C on it cancels, as for any exec', async () => {
  const words = `echo $$ > ${home.file('own.pid')}; echo first; exec sleep 60`;
  const client = home.start(['exec', '--on-disconnect=keep', 'web1', words]);
  await client.sees(/first\n/);
  client.signal('SIGINT');
  assert.is((await client.end()).status, 130);
  await home.gone('own.pid');
});

test('stdin that is not read is told, unless that was said', async () => {
  const told = await home.shell('echo x | dagent exec --async web1 cat');
  assert.match(told.stderr, 'a job has no stdin');
  const meant = await home.shell('echo x | dagent exec --async -n web1 cat');
  assert.is(meant.stderr, '');
});

test('flags that make no sense together are refused', async () => {
  for (const flags of [
    ['--async', '--on-disconnect=kill'],
    ['--async', '--batch', '2'],
    ['--async', '--stdin=broadcast'],
    ['--key', 'k'],
  ]) {
    assert.is((await home.run(['exec', ...flags, 'web1', 'true'])).status, 2, flags.join(' '));
  }
});

test('what a plain exec runs is watched from elsewhere, and is not listed as a job', async () => {
  const line = `echo one; ${untilThere('elsewhere')}; echo two; exit 3`;
  const running = home.start(['exec', 'web*', line]);
  await running.sees(/web1 \| one/);
  await running.sees(/web2 \| one/);
  assert.is(await home.ok(['job', 'ls', '--running']), '');
  const all = recordsOf<Job>(await home.ok(['job', 'ls', '--all', '--running', '--json']));
  const [first] = all;
  assert.equal(all.map(({ node }) => node).sort(), ['web1', 'web2']);
  const attached = home.start(['job', 'attach', first?.id ?? '']);
  await attached.sees(/web2 \| one/);
  release('elsewhere');
  const { status, stdout } = await attached.ended;
  assert.is(status, 1);
  assert.match(stdout, /web1 \| two/);
  assert.is((await running.ended).status, 1);
});

test('what --max-output cuts out is fetched later, from where it ran', async () => {
  const { stdout, stderr } = await home.run(['exec', '--max-output', '1k', 'web1', 'seq 20000']);
  assert.match(stdout, /bytes are not shown/);
  const [, id = ''] = /dagent job output ([0-9a-f]{20})/.exec(stderr) ?? [];
  const numbers = Array.from({ length: 20_000 }, (_, at) => `${at + 1}\n`).join('');
  assert.is(await home.ok(['job', 'output', id]), numbers);
  const json = ['exec', '--json', '--max-output', '1k', 'web*', 'seq 20000'];
  const summary = recordsOf<{ type: string; job?: string }>(await home.ok(json)).at(-1);
  assert.is(summary?.type, 'summary');
  assert.is(await home.ok(['job', 'output', summary?.job ?? '', '--on', 'web2']), numbers);
});

test.run();
