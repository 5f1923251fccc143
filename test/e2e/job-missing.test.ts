import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';

const test = suite('targets of a job of which nothing is known');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root' });
});
test.after(() => home.close());

interface Told {
  readonly type: string;
  readonly id?: string;
  readonly targets?: number;
  readonly missing?: number;
  readonly failed?: readonly string[];
}

async function beginOn(targets: string): Promise<string> {
  const { status, stdout } = await home.run(['exec', '--async', targets, 'echo hi']);
  assert.is(status, 5);
  return stdout.trim();
}

test('@last is who was to run a job, and @last:failed where it did not begin', async () => {
  await home.ok(['exec', 'web1,web2', 'true']);
  await home.run(['exec', 'web1,web2', 'false']);
  await beginOn('web1,web9');
  assert.is(await home.ok(['targets', '@last:ok']), 'web1\n');
  const failed = await home.run(['exec', '@last:failed', 'true']);
  assert.is(failed.status, 5);
  assert.match(failed.stderr, /unreachable +web9/);
});

test('a job ends with 5 when one of its targets could not begin, however it is asked', async () => {
  const id = await beginOn('web1,web9');
  for (const words of [['wait'], ['attach'], ['output', '-f']]) {
    const { status, stderr } = await home.run(['job', ...words, id]);
    assert.is(status, 5, words.join());
    assert.match(stderr, /unreachable +web9/);
  }
});

test('those that no home remembers are counted, and the status is 5', async () => {
  const told = await home.run(['exec', '--max-output', '1k', '--json', 'web1,web9', 'seq 20000']);
  assert.is(told.status, 5);
  const jobs = recordsOf<{ id: string; command: string }>(
    await home.ok(['job', 'ls', '--all', '--json']),
  );
  const id = jobs.find(({ command }) => command.includes('seq 20000'))?.id ?? '';
  await home.shell(`rm -f ${home.dir}/data/.job-*`);
  for (const words of [['wait'], ['attach'], ['output', '-f'], ['cancel']]) {
    const { status, stderr } = await home.run(['job', ...words, id]);
    assert.is(status, 5, words.join());
    assert.match(stderr, '1 of its 2 nodes have the job');
  }
  const { stdout } = await home.run(['job', 'wait', '--json', id]);
  const summary = recordsOf<Told>(stdout).at(-1);
  assert.equal([summary?.type, summary?.targets, summary?.missing], ['summary', 1, 1]);
});

test('the id of a job that may have begun is printed, though nobody says so', async () => {
  const pid = await home.signal('web2', 'SIGSTOP');
  try {
    const limit = ['--connect-timeout', '300ms'];
    const { status, stdout } = await home.run(['exec', '--async', ...limit, 'web2', 'true']);
    assert.is(status, 124);
    assert.match(stdout, /^[0-9a-f]{20}\n$/);
    const records = await home.run(['exec', '--async', '--json', ...limit, 'web2', 'true']);
    assert.match(recordsOf<Told>(records.stdout)[0]?.id ?? '', /^[0-9a-f]{20}$/);
    const keyed = await home.run(['exec', '--async', '--key', 'k', ...limit, 'web2', 'true']);
    assert.is(keyed.stdout, '');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('who attaches to a job that is removed hears a summary last, too', async () => {
  const id = (await home.ok(['exec', '--async', 'web1', 'true'])).trim();
  await home.ok(['job', 'wait', id]);
  await home.ok(['job', 'rm', id]);
  const { status, stdout } = await home.run(['job', 'attach', '--json', id]);
  assert.is(status, 3);
  assert.is(recordsOf<Told>(stdout).at(-1)?.type, 'summary');
});

test.run();
