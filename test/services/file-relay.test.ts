import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FILE_BLOCK_BYTES, FILE_BLOCK_MS, FILE_SPOOL_IDLE_MS } from '../../src/protocol/limits.ts';
import { failureOf } from '../files/copying.ts';
import { RelayBench, settled } from './file-bench.ts';

test('a block is asked for at the next hop, once, and comes from the disk then', async () => {
  const bench = new RelayBench();
  const content = bench.offers.addBytes(Buffer.alloc(FILE_BLOCK_BYTES, 7));
  const both = await Promise.all([bench.ask(content), bench.ask(content)]);
  for (const bytes of both) assert.is(bytes.length, FILE_BLOCK_BYTES);
  await settled();
  assert.ok((await bench.ask(content)).equals(both[0]));
  const [first] = bench.asked;
  assert.is(bench.asked.length, 1);
  assert.equal([first?.to, first?.ask.hops, first?.timeoutMs], ['there:', 4, FILE_BLOCK_MS]);
  assert.is(bench.relay.counters.blocksFromSpool, 1);
});

test('at the node of the origin the program is asked itself', async () => {
  const bench = new RelayBench();
  bench.hop = undefined;
  const content = bench.offers.addBytes(Buffer.from('x'));
  await bench.ask(content, { origin: 'here:~1' }).catch(() => undefined);
  assert.is(bench.asked[0]?.to, 'here:~1');
});

test('without a way, or a hop that is left, it says so', async () => {
  const bench = new RelayBench();
  const content = bench.offers.addBytes(Buffer.from('x'));
  assert.is(await failureOf(bench.ask(content, { hops: 0 })), 'E_HOP_LIMIT');
  bench.hop = undefined;
  assert.is(await failureOf(bench.ask(content)), 'E_UNREACHABLE knows no way');
  assert.equal(bench.asked, []);
});

test('what is not the block that was asked for is not taken, not kept, not passed on', async () => {
  const bench = new RelayBench();
  const content = bench.offers.addBytes(Buffer.from('true bytes'));
  const spoils = [
    (bytes: Buffer) => Buffer.concat([bytes, bytes]),
    (bytes: Buffer) => bytes.subarray(1),
    () => Buffer.alloc(3 * FILE_BLOCK_BYTES),
  ];
  for (const spoil of spoils) {
    bench.spoil = spoil;
    assert.is(await failureOf(bench.ask(content)), 'E_BLOCK_WRONG');
  }
  bench.spoil = undefined;
  assert.is((await bench.ask(content)).toString(), 'true bytes');
  assert.is(bench.relay.counters.blocksFetched, 1);
});

test('what the origin says comes to whoever asked', async () => {
  const bench = new RelayBench();
  const content = { hash: '0'.repeat(64), size: 1 };
  const both = [bench.ask(content), bench.ask(content)];
  for (const each of both) assert.is(await failureOf(each), 'E_NOT_OFFERED');
});

test('a disk that is full costs the keeping, not the passing on', async () => {
  const bench = new RelayBench();
  bench.slab.isFull = true;
  const content = bench.offers.addBytes(Buffer.from('x'));
  await bench.ask(content);
  await settled();
  await bench.ask(content);
  await settled();
  assert.is(bench.asked.length, 2);
  assert.equal(bench.warnings, ['cannot keep blocks']);
});

test('what a former run has left is used, once it is seen to be true', async () => {
  const bench = new RelayBench();
  const [good, bad] = ['good', 'bad'].map((text) => bench.offers.addBytes(Buffer.from(text)));
  if (good === undefined || bad === undefined) throw new Error('both are offered');
  bench.slab.slots.set(0, Buffer.from('good'));
  bench.slab.slots.set(1, Buffer.from('xxx'));
  bench.slab.left = [
    { hash: good.hash, slot: 0, bytes: 4 },
    { hash: bad.hash, slot: 1, bytes: 3 },
  ];
  await bench.relay.start();
  assert.is((await bench.ask(good)).toString(), 'good');
  assert.is(bench.asked.length, 0);
  assert.is((await bench.ask(bad)).toString(), 'bad');
  assert.is(bench.asked.length, 1);
});

test(`after ${FILE_SPOOL_IDLE_MS} ms in which nobody asks the disk is given back`, async () => {
  const bench = new RelayBench();
  const content = bench.offers.addBytes(Buffer.from('x'));
  await bench.ask(content);
  await settled();
  bench.clock.advance(FILE_SPOOL_IDLE_MS - 1);
  await settled();
  assert.is(bench.slab.slots.size, 1);
  bench.clock.advance(1);
  await settled();
  assert.is(bench.slab.slots.size, 0);
  await bench.ask(content);
  assert.is(bench.asked.length, 2);
});

test('it keeps as many blocks as it is told, and no more', async () => {
  const small = new RelayBench(2);
  const contents = ['a', 'b', 'c'].map((text) => small.offers.addBytes(Buffer.from(text)));
  for (const content of contents) {
    await small.ask(content);
    await settled();
  }
  assert.is(small.slab.slots.size, 2);
  assert.is(small.relay.counters.blocksDisplaced, 1);
});

test('who cancels hears so at once; the disk is closed at the end', async () => {
  const bench = new RelayBench();
  const ending = new AbortController();
  const content = bench.offers.addBytes(Buffer.from('x'));
  const asked = bench.ask(content, {}, ending.signal);
  ending.abort();
  assert.is(await failureOf(asked), 'E_COPY_CANCELLED');
  assert.is(await failureOf(bench.ask(content, {}, ending.signal)), 'E_COPY_CANCELLED');
  await settled();
  await bench.relay.stop();
  assert.ok(bench.slab.isClosed);
  assert.is(bench.clock.timerCount, 0);
});

test.run();
