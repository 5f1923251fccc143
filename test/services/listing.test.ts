import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLineSplitter } from '../../src/base/lines.ts';
import type { Asking } from '../../src/endpoint/asking.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { Kind } from '../../src/protocol/frame.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { parseListedRecord } from '../../src/protocol/status.ts';
import { createListing } from '../../src/services/listing.ts';
import { answering, createPair, type Pair, quiet } from '../endpoint/pair.ts';
import { FakeView } from './view.ts';

type UntilBack = (names: Iterable<string>) => Promise<void> | undefined;

function serve(view: FakeView, untilBack: UntilBack = () => undefined): Pair {
  const pair = createPair();
  const methods = createListing({ view, untilBack });
  pair.there.handle('dagent', answering(methods));
  return pair;
}

/** Asks for the list, and writes down what comes: names, unknown ones with a question mark. */
function list(pair: Pair, ...args: readonly unknown[]): { asking: Asking; names: string[] } {
  const asking = openCall(pair.here, 'there:', 'tree.nodes', { args });
  const names: string[] = [];
  const lines = createLineSplitter((line) => {
    const record = parseListedRecord(line.toString());
    names.push(record?.type === 'node' ? record.node.name : `${record?.name}?`);
  });
  asking.onData = (_, bytes) => {
    lines.push(bytes);
    asking.grant(bytes.length);
  };
  return { asking, names };
}

/** Names, and what was said of the progress. */
async function listed(pair: Pair, ...args: readonly unknown[]): Promise<readonly string[]> {
  const { asking, names } = list(pair, ...args);
  const states: string[] = [];
  asking.onProgress = (value) => states.push((value as { readonly state: string }).state);
  await asking.outcome;
  return [...names, ...states];
}

/** Bytes of streams that the listing node has sent. */
function sentBytes({ passed }: Pair): number {
  return passed
    .filter(({ by, kind }) => by === 'there' && kind === Kind.DATA)
    .reduce((sum, { body }) => sum + body.length, 0);
}

function bigView(count: number): FakeView {
  const view = new FakeView();
  for (let at = 1; at <= count; at++) view.add(`web${at}`, 'top');
  return view;
}

const small = new FakeView().add('east', 'top').add('web1', 'east', 'lost');

test('a node lists itself and all below it', async () => {
  const { asking, names } = list(serve(small));
  const value = decodeValue((await asking.outcome).data);
  assert.equal(value, { realm: 'test', count: 3, unmatched: [] });
  assert.equal(names, ['top', 'east', 'web1']);
});

test('a node that should have a parent and has none says so', async () => {
  const view = new FakeView();
  view.isCutOff = true;
  const value = decodeValue((await list(serve(view)).asking.outcome).data);
  assert.equal(value, { realm: 'test', count: 1, unmatched: [], isCutOff: true });
});

test('of a selector it lists those that it means, and the names that nobody has', async () => {
  const { asking, names } = list(serve(small), 'web1,web2 or under:zz');
  const value = decodeValue((await asking.outcome).data);
  assert.equal(names, ['web1', 'web2?']);
  const unmatched = [
    { part: 'under:zz', similar: [] },
    { part: 'web2', similar: ['web1'] },
  ];
  assert.equal(value, { realm: 'test', count: 2, unmatched });
});

test('20,000 nodes are listed, a window at a time', async () => {
  const pair = serve(bigView(20_000));
  const { asking, names } = list(pair);
  const { count } = decodeValue((await asking.outcome).data) as { count: number };
  assert.is(count, 20_001);
  assert.is(names.length, 20_001);
  assert.is(names.at(-1), 'web20000');
  assert.ok(sentBytes(pair) > 10 * STREAM_WINDOW_BYTES);
});

test('a reader that does not read stops it, and one that leaves ends it', async () => {
  const pair = serve(bigView(20_000));
  const asking = openCall(pair.here, 'there:', 'tree.nodes', {});
  asking.onData = () => undefined;
  for (let round = 0; round < 10; round++) await quiet();
  assert.ok(sentBytes(pair) <= STREAM_WINDOW_BYTES, `${sentBytes(pair)} bytes`);
  asking.cancel();
  await asking.outcome;
});

test('who asks for one of 20,000 gets one', async () => {
  const pair = serve(bigView(20_000));
  const { asking, names } = list(pair, 'web777');
  await asking.outcome;
  assert.equal(names, ['web777']);
  assert.ok(sentBytes(pair) < 1_000, `${sentBytes(pair)} bytes`);
});

test('who is forgotten while it is listed is left out, and not counted', async () => {
  const view = bigView(20_000);
  const pair = serve(view);
  const { asking, names } = list(pair);
  asking.grant(0);
  await quiet();
  view.below.delete('web20000');
  const { count } = decodeValue((await asking.outcome).data) as { count: number };
  assert.is(count, names.length);
});

test('who is patient gets nodes as they are when those of them that come back have', async () => {
  const view = new FakeView().add('web1', 'top', 'lost').add('db1', 'top', 'lost');
  const waitedFor: string[][] = [];
  const pair = serve(view, async (names) => {
    waitedFor.push([...names]);
    view.add('web1', 'top').add('web2', 'top');
  });
  assert.equal(await listed(pair, 'web* and state=up'), []);
  assert.equal(waitedFor, []);
  assert.equal(await listed(pair, 'web*', { isPatient: true }), ['web1', 'web2', 'waiting']);
  assert.equal(waitedFor, [['web1']]);
});

test('who is patient is not told of waiting where nobody is waited for', async () => {
  assert.equal(await listed(serve(small), 'web*', { isPatient: true }), ['web1']);
});

test('what is no selector is refused', async () => {
  for (const [argument, code] of [
    ['web[', 'E_SELECTOR'],
    [7, 'E_ARGUMENT_INVALID'],
    ['@last', 'E_ARGUMENT_INVALID'],
  ] as const) {
    const thrown = await list(serve(small), argument).asking.outcome.catch((error) => error);
    assert.is((thrown as DagentError).code, code);
  }
});

test.run();
