/**
 * Durable messages on a disk that is full: what is new is refused, what is old is kept and handed
 * out, and with room again all goes on. Only root can make a small disk: others are told so.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, type Status as NodeStatus, recordsOf } from './harness.ts';
import { until } from './poll.ts';

/** What a daemon says of itself, as far as it could write it. */
type Status = NodeStatus & { readonly isBrief?: true };

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
  const ballast = `of=${join(at, 'ballast')}`;
  const args = ['if=/dev/zero', ballast, 'bs=4k', 'oflag=append', 'conv=notrunc'];
  spawnSync('dd', args, { stdio: 'ignore' });
}

/** Leaves no room in the last block of a file. */
function fillUp(path: string): void {
  const args = ['if=/dev/zero', `of=${path}`, 'bs=1', 'count=4096'];
  spawnSync('dd', [...args, 'oflag=append', 'conv=notrunc'], { stdio: 'ignore' });
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
      spawnSync('umount', ['-l', data]);
    }
  });
}

test('what could not be remembered is the last that is printed, and the rest waits', async () => {
  const windows = join(node, 'windows');
  if (!mount('16k', windows)) return;
  try {
    await home.daemon('small');
    for (const n of [1, 2, 3]) assert.is((await send(n)).status, 0);
    fill(windows);
    const listened = await home.run(['listen', 'box', '--durable', '--json']);
    assert.is(listened.status, 1);
    assert.match(listened.stderr, /cannot write .*box.ids: .* full \(E_CANNOT_WRITE\)/);
    assert.match(listened.stderr, 'make room on that disk');
    const printed = recordsOf<{ params: { n: string } }>(listened.stdout);
    assert.equal(
      printed.map(({ params }) => params.n),
      ['1'],
    );
    rmSync(join(windows, 'ballast'));
    assert.equal(await receive(2), ['2', '3']);
    assert.is(await countWaiting(), 0);
  } finally {
    await home.ok(['daemon', 'stop', '--all']);
    spawnSync('umount', ['-l', windows]);
  }
});

test('full to the last byte, all can be received, and then it takes messages again', async () => {
  if (!mount('12m')) return;
  try {
    await home.daemon('small');
    for (const round of [1, 2]) {
      const line = { to: 'small:box', command: 'N', params: { n: '0' }, data: 'x'.repeat(40_000) };
      const lines = `${JSON.stringify(line)}\n`.repeat(400);
      const sent = await home.run(['send', '--stdin', '--durable'], { input: lines });
      assert.match(sent.stderr, 'E_STORE_FULL');
      fill();
      const count = await countWaiting();
      assert.ok(count > 100, `${count} in round ${round}`);
      assert.is((await receive(count)).length, count);
      await until('all is acked', async () => (await countWaiting()) === 0);
      await until('it takes messages again', async () => (await send(round)).status === 0);
      assert.equal(await receive(1), [String(round)]);
    }
    const log = await home.ok(['daemon', 'logs', 'small']);
    assert.not.match(log, /mdb_|write\.js/, 'no words of LMDB');
  } finally {
    await home.ok(['daemon', 'stop', '--all']);
    spawnSync('umount', ['-l', data]);
  }
});

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
    spawnSync('umount', ['-l', data]);
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
    spawnSync('umount', ['-l', node]);
  }
});

test('with its whole home on a full disk a node starts, and catches up later', async () => {
  const full = new Home();
  if (!mount('48m', full.dir)) return;
  const words = ['send', 'small:box', 'N', '--durable', '--via', 'small'];
  const receiveOne = async (): Promise<string> =>
    recordsOf<{ params: { n: string } }>(
      await full.ok(['listen', 'box', '--durable', '--count', '1', '--json', '--via', 'small']),
    ).map(({ params }) => params.n)[0] ?? 'none';
  const status = (name: string) => full.json<Status>(['daemon', 'status', name, '--json']);
  try {
    await full.daemon('small');
    const { id } = await status('small');
    for (const n of [1, 2, 3]) await full.ok([...words, `n=${n}`]);
    fill(full.dir);
    await full.kill9('small');
    await full.ok(['daemon', 'restart', 'small']);
    assert.equal([(await status('small')).id, (await status('small')).isBrief], [id, undefined]);
    assert.is(await receiveOne(), '1');
    // What LMDB says on stderr has nowhere to go either.
    fillUp(join(full.dir, 'log', 'small.log'));
    const refused = await full.run([...words, 'n=4', '--data', '-'], { input: BODY });
    assert.is(refused.status, 1);
    assert.match(refused.stderr, 'E_STORE_FULL');

    // Now nothing of its run directory is there that could be written over.
    await full.ok(['daemon', 'stop', 'small']);
    fill(full.dir);
    await full.ok(['daemon', 'restart', 'small']);
    assert.equal([(await status('small')).id, (await status('small')).isBrief], [id, true]);
    assert.match(await full.ok(['daemon', 'status', 'small']), 'is the disk full?');
    const second = await full.run(['daemon', 'start', '--name', 'small']);
    assert.is(second.status, 1);
    assert.match(second.stderr, 'E_DAEMON_RUNNING');
    assert.is(await receiveOne(), '2');
    assert.is(await full.ok(['exec', 'small', 'echo', 'here']), 'here\n');
    fill(full.dir);
    await full.ok(['daemon', 'start', '--name', 'fresh']);
    assert.is((await status('fresh')).role, null);

    rmSync(join(full.dir, 'ballast'));
    for (const name of ['small', 'fresh']) {
      await until('all is written', async () => (await status(name)).isBrief === undefined);
      await until(
        'it has a name map',
        async () => (await full.run(['names', '--via', name])).status === 0,
      );
    }
    assert.is((await full.run([...words, 'n=5'])).status, 0);
    assert.equal([await receiveOne(), await receiveOne()], ['3', '5']);
    assert.is((await status('fresh')).role, 'root');
    await full.kill9('fresh');
    await full.ok(['daemon', 'restart', 'fresh']);
  } finally {
    await full.ok(['daemon', 'stop', '--all']);
    spawnSync('umount', ['-l', full.dir]);
    await full.close();
  }
});

test.run();
