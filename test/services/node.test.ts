import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeValue, type Methods, openCall } from '../../src/endpoint/methods.ts';
import type { HostProbe } from '../../src/ports/host-probe.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { createNodeMethods, type NodeComponents } from '../../src/services/node.ts';
import { answering, createPair, type Pair } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeView } from './view.ts';

/** A host that knows its load and nothing else. */
const probe = {
  load: async () => ({ one: 1, five: 5, fifteen: 15, processors: 2 }),
} as unknown as HostProbe;

function serve(pair: Pair, methods: Methods): void {
  pair.there.handle('dagent', answering(methods));
}

function createNode(more: Partial<NodeComponents> = {}): Pair {
  const pair = createPair();
  const methods = createNodeMethods({
    view: new FakeView().add('east', 'top'),
    clock: new FakeClock(1_700_000_000_000),
    probe,
    openParent: () => undefined,
    counters: () => ({ forged: 3 }),
    untilBack: () => undefined,
    ...more,
  });
  serve(pair, methods);
  return pair;
}

async function call(pair: Pair, method: string, ...args: readonly unknown[]): Promise<unknown> {
  return decodeValue((await openCall(pair.here, 'there:', method, { args }).outcome).data);
}

async function failure(pair: Pair, method: string, ...args: readonly unknown[]) {
  const thrown = await call(pair, method, ...args).catch((error) => error);
  assert.instance(thrown, DagentError);
  return thrown as DagentError;
}

/** A node whose parent answers with `methods`. */
function below(methods: Methods): Pair {
  const up = createPair();
  serve(up, methods);
  return createNode({ openParent: (method) => openCall(up.here, 'there:', method, {}) });
}

test('a node says hello, returns what it is told, and knows the time', async () => {
  const node = createNode();
  assert.is(await call(node, 'admin.hello'), 'hello from top');
  assert.equal(await call(node, 'admin.echo', { a: [1] }), { a: [1] });
  assert.is(await call(node, 'admin.echo'), null);
  assert.is(await call(node, 'node.ping'), 1_700_000_000_000);
});

test('a node tells what it has counted', async () => {
  assert.equal(await call(createNode(), 'node.counters'), { forged: 3 });
});

test('who has no parent is the top; who has one asks it', async () => {
  assert.is(await call(createNode(), 'tree.top'), 'top');
  const node = below({ 'tree.top': { doc: '', run: () => 'root' } });
  assert.is(await call(node, 'tree.top'), 'root');
});

test('an error of the parent is the answer, with its origin', async () => {
  const fail = () => {
    throw new DagentError('E_UNREACHABLE', { to: 'root:', node: 'east', reason: 'x' });
  };
  const node = below({ 'tree.top': { doc: '', run: fail } });
  const error = await failure(node, 'tree.top');
  assert.is(error.code, 'E_UNREACHABLE');
  assert.is(error.origin, 'there');
});

test('a parent that answers with what is no name is not believed', async () => {
  for (const value of [null, 7, { toString: 1 }, 'not a name']) {
    const node = below({ 'tree.top': { doc: '', run: () => value } });
    assert.is((await failure(node, 'tree.top')).code, 'E_NOT_UNDERSTOOD');
  }
});

test('facts are told by class; what is no text, or no class, is refused', async () => {
  const node = createNode();
  const facts = (await call(node, 'info.get', 'load')) as { load: { one: number } };
  assert.is(facts.load.one, 1);
  for (const args of [[7], [['load']], ['no-such-class']]) {
    assert.is((await failure(node, 'info.get', ...args)).code, 'E_ARGUMENT_INVALID');
  }
});

test('every method says what it does', async () => {
  const help = (await call(createNode(), 'admin.help')) as Record<string, string>;
  for (const [name, doc] of Object.entries(help)) assert.ok(doc.length > 5, name);
});

test.run();
