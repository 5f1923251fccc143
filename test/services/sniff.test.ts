import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Flag, Kind } from '../../src/protocol/frame.ts';
import {
  SNIFF_DATA_BYTES_MAX,
  SNIFF_EXCHANGES_MAX,
  SNIFF_LOOKS_PER_SECOND,
  SNIFF_RATE_MAX,
  SNIFFERS_MAX,
} from '../../src/protocol/limits.ts';
import type { ExchangeRecord, FrameRecord } from '../../src/services/sniff-record.ts';
import { envelope, type Reader, SniffBench } from './sniff-bench.ts';

const REQUEST = { kind: Kind.REQUEST };
const REPLY = { kind: Kind.REPLY, flags: Flag.RESPONSE };

function frames(reader: Reader): FrameRecord[] {
  return reader.take().filter((record): record is FrameRecord => record.type === 'frame');
}

function exchanges(reader: Reader): ExchangeRecord[] {
  return reader.take().filter((record): record is ExchangeRecord => record.type === 'exchange');
}

test('the router shows what passes while somebody sniffs, and only then', async () => {
  const bench = new SniffBench();
  await bench.see(envelope('x:a', 'y:b'));
  const first = await bench.open();
  const second = await bench.open();
  await first.end();
  assert.equal(bench.taps, [true]);
  await second.end();
  assert.equal(bench.taps, [true, false]);
  const third = await bench.open();
  assert.equal(bench.taps, [true, false, true]);
  await third.end();
});

test('a record says who sent what to whom, by which links', async () => {
  const bench = new SniffBench();
  const reader = await bench.open();
  await bench.see(envelope('x:a', 'y:b', { from: 'east', to: 'web', body: Buffer.from('hi') }));
  const [record] = frames(reader);
  assert.equal(record, {
    ...{ type: 'frame', at: record?.at, node: 'there', kind: 'message', id: '0000000700000001' },
    ...{ from: 'x:a', to: 'y:b', cmd: 'X', size: record?.size },
    ...{ in: 'east', out: 'web', outcome: null },
  });
});

test('names are those of heads whose keys they have, of the node itself, or numbers', async () => {
  const bench = new SniffBench();
  const reader = await bench.open();
  const reply = envelope('y:b', 'x:a', REPLY);
  await bench.see(reply, envelope('x:a', 'y:b', REQUEST), reply, envelope('known:', 'z:q', REPLY));
  const named = frames(reader).map(({ from, to }) => `${from} ${to}`);
  assert.match(named[0] ?? '', /^#[0-9a-f]+:#[0-9a-f]+ #[0-9a-f]+:#[0-9a-f]+$/);
  assert.equal(named.slice(1, 3), ['x:a y:b', 'y:b x:a']);
  assert.match(named[3] ?? '', /^known: #/);
  const forged = envelope('x:a', 'y:b', { head: { from: 'boss:root', to: 7, cmd: { a: 1 } } });
  await bench.see(forged);
  const [record] = frames(reader);
  assert.equal([record?.from, record?.to], ['x:a', 'y:b']);
});

test('what goes to many is for whom its head says', async () => {
  const bench = new SniffBench();
  const reader = await bench.open();
  const head = { from: 'x:a', to: '*', cmd: 'HELLO' };
  await bench.see(envelope('x:a', '', { flags: Flag.BROADCAST, head }));
  const [record] = frames(reader);
  assert.equal([record?.kind, record?.to], ['broadcast', '*']);
});

test('an expression chooses at the source', async () => {
  const bench = new SniffBench();
  const passing = [
    envelope('x:a', 'web1:shop', { ...REQUEST, from: 'east' }),
    envelope('web1:shop', 'x:a', REPLY),
    envelope('x:a', 'shop', { body: Buffer.alloc(20_000) }),
    envelope('y:b', 'db:mail', { to: null, code: 'E_UNREACHABLE' }),
    envelope('y:b', 'z:c', { kind: Kind.EVENT, head: { from: 'y:b', topic: 'orders.new' } }),
  ];
  for (const [expression, count] of [
    ['', 5],
    ['kind=request', 1],
    ['to=web*', 1],
    ['node=web1', 2],
    ['service=shop', 3],
    ['from=x', 2],
    ['size>10k', 1],
    ['in=east', 1],
    ['out!=b', 1],
    ['outcome=E_*', 1],
    ['outcome=ok', 1],
    ['topic=orders.*', 1],
    ['cmd=X and not to=web1', 2],
    ['id=0000000700000001', 5],
  ] as const) {
    const reader = await bench.open({ expression });
    await bench.see(...passing);
    assert.is(frames(reader).length, count, expression);
    assert.is((await reader.end()).matched, count);
  }
});

test('a wrong expression is refused', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ expression: 'colour=red' });
  const error = await reader.asking.outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_EXPRESSION_INVALID');
  assert.equal(bench.taps, []);
});

test('data is shown only where it is asked for, as text or in base64, and cut', async () => {
  const bench = new SniffBench();
  const [plain, full] = [await bench.open(), await bench.open({ data: true })];
  const cut = `${'a'.repeat(SNIFF_DATA_BYTES_MAX - 1)}é and more`;
  const bodies = [Buffer.from('grüß'), Buffer.from([0xff, 0]), Buffer.from(cut)];
  await bench.see(...bodies.map((body) => envelope('x:a', 'y:b', { body })));
  assert.ok(frames(plain).every((record) => record.data === undefined));
  const [text, binary, long] = frames(full);
  assert.equal([text?.data, text?.enc], ['grüß', undefined]);
  assert.equal([binary?.data, binary?.enc], ['/wA=', 'base64']);
  assert.equal(
    [long?.data, long?.dataBytes],
    ['a'.repeat(SNIFF_DATA_BYTES_MAX - 1), bodies[2]?.length],
  );
});

test('the outcome of a request that was seen has its latency', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ expression: 'kind=reply or kind=reject' });
  await bench.see(envelope('x:a', 'y:b', REQUEST));
  bench.clock.advance(25);
  const error = { error: { code: 'E_NO_SERVICE', values: {} } };
  const reject = envelope('y:', 'x:a', { ...REPLY, kind: Kind.REJECT, head: error });
  await bench.see(reject, envelope('y:b', 'x:a', { ...REPLY, number: 2 }));
  const [rejected, unasked] = frames(reader);
  assert.equal([rejected?.ms, rejected?.outcome], [25, 'E_NO_SERVICE']);
  assert.equal([unasked?.ms, unasked?.outcome], [undefined, 'ok']);
});

test('requests are shown with their outcomes, when they have them', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ match: true, expression: 'to=y' });
  const asked = [1, 2, 3].map((number) => envelope('x:a', 'y:b', { ...REQUEST, number }));
  await bench.see(...asked, envelope('x:a', 'z:b', { ...REQUEST, number: 4 }));
  bench.clock.advance(10);
  const answers = [2, 1, 4].map((number) => envelope('y:b', 'x:a', { ...REPLY, number }));
  await bench.see(...answers, envelope('x:a', 'y:c', { ...REQUEST, to: null, code: 'E_LOST' }));
  const pairs = exchanges(reader).map(({ id, outcome, ms, to }) => [
    Number(id.slice(8)),
    outcome,
    ms,
    to,
  ]);
  assert.equal(pairs, [
    [2, 'ok', 10, 'y:b'],
    [1, 'ok', 10, 'y:b'],
    [1, 'E_LOST', undefined, 'y:c'],
  ]);
  const { waiting, matched, shown } = await reader.end();
  assert.equal(
    waiting.map(({ id, outcome }) => [Number(id.slice(8)), outcome]),
    [[3, null]],
  );
  assert.equal([matched, shown], [4, 3]);
});

test('requests are chosen by outcomes that come later', async () => {
  const bench = new SniffBench();
  const expression = 'to=z or outcome=E_*';
  const reader = await bench.open({ match: true, expression });
  const ask = (number: number, to: string) => envelope('x:a', to, { ...REQUEST, number });
  await bench.see(ask(1, 'y:b'), ask(2, 'y:b'), ask(3, 'z:b'), ask(4, 'y:b'));
  const head = { error: { code: 'E_NO_SERVICE' } };
  const reject = { kind: Kind.REJECT, flags: Flag.RESPONSE, head };
  await bench.see(envelope('y:', 'x:a', { ...reject, number: 1 }));
  const answers = [2, 3].map((number) => envelope('y:b', 'x:a', { ...REPLY, number }));
  await bench.see(...answers);
  const shown = exchanges(reader).map(({ id, outcome }) => [Number(id.slice(8)), outcome]);
  assert.equal(shown, [
    [1, 'E_NO_SERVICE'],
    [3, 'ok'],
  ]);
  const summary = await reader.end();
  assert.equal([summary.matched, summary.shown, summary.waiting], [2, 2, []]);
});

test('more than the rate is not shown, and counted once a second', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ rate: 3 });
  await bench.see(...Array.from({ length: 10 }, () => envelope('x:a', 'y:b')));
  assert.is(frames(reader).length, 3);
  bench.clock.advance(1_000);
  await bench.see(envelope('x:a', 'y:b'));
  const [skipped, next] = reader.take();
  assert.equal(skipped, { type: 'skipped', node: 'there', count: 7 });
  assert.is(next?.type, 'frame');
  const { matched, shown, notShown } = await reader.end();
  assert.equal([matched, shown, notShown], [11, 4, 7]);
});

test('nobody can ask for more than the highest rate', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ rate: 1e9, expression: 'size>0' });
  await bench.see(...Array.from({ length: SNIFF_RATE_MAX + 5 }, () => envelope('x:a', 'y:b')));
  const { matched, shown, notShown } = await reader.end();
  assert.is(matched, SNIFF_RATE_MAX + 5);
  assert.is(shown + notShown, matched);
  assert.ok(shown <= SNIFF_RATE_MAX);
});

test('a reader that does not read holds nothing up: what it misses is counted', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ rate: SNIFF_RATE_MAX, data: true });
  reader.isReading = false;
  const body = Buffer.alloc(SNIFF_DATA_BYTES_MAX, 'x');
  await bench.see(...Array.from({ length: 1_000 }, () => envelope('x:a', 'y:b', { body })));
  assert.ok(reader.records.length < 400);
  const { notShown, shown } = await reader.end();
  assert.is(notShown + shown, 1_000);
});

test('a node looks at no more than it can: the rest is counted', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ expression: 'to=nobody' });
  const one = envelope('x:a', 'y:b');
  await bench.see(...Array.from({ length: SNIFF_LOOKS_PER_SECOND + 50 }, () => one));
  assert.is((await reader.end()).notShown, 50);
});

test('only so many exchanges are waited for: the oldest is forgotten and counted', async () => {
  const bench = new SniffBench();
  const reader = await bench.open({ match: true });
  const asked = Array.from({ length: SNIFF_EXCHANGES_MAX + 1 }, (_, number) =>
    envelope('x:a', 'y:b', { ...REQUEST, number }),
  );
  await bench.see(...asked, envelope('y:b', 'x:a', { ...REPLY, number: 0 }));
  assert.equal(exchanges(reader), []);
  await bench.see(envelope('y:b', 'x:a', { ...REPLY, number: 1 }));
  assert.is(exchanges(reader).length, 1);
  assert.is((await reader.end()).notShown, 1);
});

test('a text of a head is shown only so far as it can be read', async () => {
  const bench = new SniffBench();
  const reader = await bench.open();
  await bench.see(envelope('x:a', 'y:b', { head: { from: 'x:a', cmd: 'C'.repeat(60_000) } }));
  assert.is(frames(reader)[0]?.cmd, 'C'.repeat(256));
});

test('whatever passes, it does the node no harm', async () => {
  const bench = new SniffBench();
  const readers = [await bench.open({ data: true }), await bench.open({ match: true })];
  const frame = fc.record({
    kind: fc.integer({ min: 16, max: 40 }),
    flags: fc.nat({ max: 255 }),
    number: fc.nat({ max: 3 }),
    head: fc.dictionary(fc.constantFrom('from', 'to', 'cmd', 'topic', 'error'), fc.anything()),
    body: fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(frame, (made) => {
      bench.sniff.see(envelope('x:a', 'y:b', made));
    }),
  );
  for (const reader of readers) await reader.end();
});

test('only so many may sniff at one node', async () => {
  const bench = new SniffBench();
  const readers = [];
  for (let count = 0; count < SNIFFERS_MAX; count++) readers.push(await bench.open());
  const more = await bench.open();
  const error = await more.asking.outcome.catch((thrown) => thrown);
  assert.is(error.code, 'E_TOO_MANY_SNIFFERS');
  for (const reader of readers) await reader.end();
});

test.run();
