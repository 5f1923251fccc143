import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { identifyProcess } from '../../src/adapters/process-identity.ts';
import { type Stem, StrayFinder } from '../../src/adapters/stray-finder.ts';
import { EXEC_ENVIRON_BYTES_MAX } from '../../src/protocol/limits.ts';

const ID = 'abcdef0123456789abcd';
const MARK = { DAGENT_JOB_ID: ID, DAGENT_TARGET: 'web1' };
const PATH = { PATH: process.env.PATH ?? '' };

const started: ChildProcess[] = [];
test.after.each(async () => {
  for (const child of started.splice(0)) {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // Its group has ended.
    }
  }
});

/** A process in a session of its own, with this environment. */
async function begin(env: Record<string, string>): Promise<number> {
  const child = spawn('sleep', ['60'], { detached: true, env: { ...PATH, ...env } });
  started.push(child);
  await once(child, 'spawn');
  return child.pid ?? 0;
}

const pidsOf = async (finder: StrayFinder, stem: Partial<Stem> = {}): Promise<number[]> => {
  const all = finder.of({ env: MARK, startTicks: '0', isOwn: () => false, ...stem });
  return (await all.find()).map(({ pid }) => pid).sort((a, b) => a - b);
};

test('processes are found by exactly the id of the job and the name of the node', async () => {
  const finder = new StrayFinder();
  const first = await begin(MARK);
  const second = await begin({ A: '1', ...MARK, Z: '2' });
  await begin({ ...MARK, DAGENT_JOB_ID: `${ID}0` });
  await begin({ ...MARK, DAGENT_TARGET: 'web11' });
  await begin({ DAGENT_JOB_ID: ID });
  await begin({ NOT_DAGENT_JOB_ID: ID, DAGENT_TARGET: 'web1', NOTE: `DAGENT_JOB_ID=${ID}` });
  assert.equal(await pidsOf(finder), [first, second]);
  assert.equal(await pidsOf(finder, { env: { DAGENT_TARGET: 'web1' } }), []);
});

test('what began before the command, or is in its group, is none of its strays', async () => {
  const finder = new StrayFinder();
  const former = await begin(MARK);
  const own = await begin(MARK);
  const { startTicks } = identifyProcess(own);
  assert.equal(await pidsOf(finder, { isOwn: ({ group }) => group === own }), [former]);
  const later = String(Number(startTicks) + 1);
  assert.equal(await pidsOf(finder, { startTicks: later }), []);
});

test('what is asked for together is found by one look, and later by another', async () => {
  const finder = new StrayFinder();
  const first = await begin(MARK);
  const before = pidsOf(finder);
  const second = await begin(MARK);
  assert.equal(await before, [first, second]);
  process.kill(first, 'SIGKILL');
  await once(started[0] as ChildProcess, 'exit');
  assert.equal(await pidsOf(finder), [second]);
});

test('a process is signalled, and nobody else who has its pid', async () => {
  const strays = new StrayFinder().of({ env: MARK, startTicks: '0', isOwn: () => false });
  const pid = await begin(MARK);
  const [stray] = await strays.find();
  assert.is(stray?.pid, pid);
  strays.signal({ pid, startTicks: '1' }, 'SIGKILL');
  strays.signal(stray ?? { pid: 0, startTicks: '' }, 'SIGUSR1');
  const [, signal] = await once(started[0] as ChildProcess, 'exit');
  assert.is(signal, 'SIGUSR1');
  // It has ended: nothing happens.
  strays.signal({ pid, startTicks: stray?.startTicks ?? '' }, 'SIGKILL');
});

test('an id that stands behind too much of an environment is not seen', async () => {
  const finder = new StrayFinder();
  const third = 'x'.repeat(EXEC_ENVIRON_BYTES_MAX / 3);
  const much = { A: third, B: third, C: third };
  const seen = await begin({ ...MARK, ...much });
  await begin({ ...much, ...MARK });
  assert.equal(await pidsOf(finder), [seen]);
});

test.run();
