/**
 * Durable messages on a disk that is full: what is new is refused, what is old is kept and handed
 * out, and with room again all goes on. Only root can make a small disk: others are told so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('durable messages on a full disk');
const home = new Home();
const node = join(home.dir, 'data', 'small');
const data = join(node, 'mailboxes');
/** Large enough that what is left of a block does not hold one. */
const BODY = 'x'.repeat(60_000);

function mount(size: string, at = data): boolean {
  mkdirSync(at, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', at]);
  if (status !== 0) process.stderr.write('skipped: a disk cannot be mounted here\n');
  return status === 0;
}

/** Leaves no room on the disk. */
function fill(at = data): void {
  spawnSync('dd', ['if=/dev/zero', `of=${join(at, 'ballast')}`, 'bs=4k'], { stdio: 'ignore' });
}

function send(n: number) {
  const args = ['send', 'small:box', 'N', `n=${n}`, '--durable', '--data', '-'];
  return home.run(args, { input: BODY });
}

async function receive(count: number): Promise<string[]> {
  const args = ['listen', 'box', '--durable', '--count', String(count), '--json'];
  const letters = recordsOf<{ params: { n: string } }>(await home.ok(args));
  return letters.map(({ params }) => params.n);
}

async function countWaiting(): Promise<number> {
  const boxes = await home.json<{ count: number }[]>(['mailbox', 'ls', '--json']);
  return boxes.reduce((sum, { count }) => sum + count, 0);
}

test.after(() => home.close());

// One too small for a journal, and one that has one.
for (const size of ['5m', '48m']) {
  test(`a disk of ${size} refuses when it is full, keeps all, and goes on by itself`, async () => {
    if (!mount(size)) return;
    try {
      await home.daemon('small');
      for (const n of [1, 2, 3, 4]) assert.is((await send(n)).status, 0);
      fill();
      const refused = await until('it is full', async () => {
        const ended = await send(5);
        return ended.status === 0 ? undefined : ended;
      });
      assert.is(refused.status, 1);
      assert.match(refused.stderr, /no room to store anything at .*mailboxes.*E_STORE_FULL/s);
      assert.match(refused.stderr, 'make room on that disk');
      const kept = await countWaiting();
      assert.ok(kept >= 4);
      assert.equal(await receive(2), ['1', '2'], 'what is done is done, on a full disk too');
      await home.kill9('small');
      await home.ok(['daemon', 'restart', 'small']);
      assert.is(await countWaiting(), kept - 2);
      assert.equal(await receive(1), ['3']);
      rmSync(join(data, 'ballast'));
      await until('it takes messages again', async () => (await send(6)).status === 0);
      const left = await receive(await countWaiting());
      assert.is(left[0], '4');
      assert.is(left.at(-1), '6');
      assert.is(await countWaiting(), 0);
    } finally {
      await home.ok(['daemon', 'stop', '--all']);
      spawnSync('umount', [data]);
    }
  });
}

test('a disk that has no room for a store refuses it, and the daemon lives', async () => {
  if (!mount('64k')) return;
  try {
    await home.daemon('small');
    const refused = await send(1);
    assert.is(refused.status, 1);
    assert.match(refused.stderr, 'E_STORE_FULL');
    await home.ok(['exec', 'small', 'true']);
  } finally {
    await home.ok(['daemon', 'stop', '--all']);
    spawnSync('umount', [data]);
  }
});

test('with not one block left for anything of it, a node that was killed comes back', async () => {
  if (!mount('48m', node)) return;
  try {
    await home.daemon('small');
    const { id } = await home.json<{ id: string }>(['daemon', 'status', 'small', '--json']);
    assert.is((await send(1)).status, 0);
    fill(node);
    await home.kill9('small');
    await home.ok(['daemon', 'restart', 'small']);
    const after = await home.json<{ id: string }>(['daemon', 'status', 'small', '--json']);
    assert.is(after.id, id);
    assert.is(await countWaiting(), 1);
    rmSync(join(node, 'ballast'));
    assert.equal(await receive(1), ['1']);
  } finally {
    await home.ok(['daemon', 'stop', '--all']);
    spawnSync('umount', [node]);
  }
});

test('without a block in its home a restart says what it cannot write, and is undone', async () => {
  const full = new Home();
  if (!mount('48m', full.dir)) return;
  const run = join(full.dir, 'run', 'small');
  try {
    await full.daemon('small');
    const before = readdirSync(run);
    fill(full.dir);
    await full.kill9('small');
    const { status, stderr } = await full.run(['daemon', 'restart', 'small']);
    assert.is(status, 1, stderr);
    assert.match(stderr, /cannot write .*daemon\.pid.*: the disk is full \(E_CANNOT_WRITE\)/);
    assert.equal(readdirSync(run), before);
    rmSync(join(full.dir, 'ballast'));
    await full.ok(['daemon', 'restart', 'small']);
  } finally {
    await full.ok(['daemon', 'stop', '--all']);
    spawnSync('umount', [full.dir]);
    await full.close();
  }
});

test.run();
