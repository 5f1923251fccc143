import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import { explainUnreachable, resolveTargets } from '../../src/client/targets.ts';
import { fetchTree, findTop } from '../../src/client/tree.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import type { NodeStatus } from '../../src/protocol/status.ts';

function nodeOf(name: string, state: 'up' | 'lost' = 'up'): NodeStatus {
  const plain = { id: '0123456789abcdef', role: 'leaf', parent: null, services: [] } as const;
  return { name, state, ...plain, version: '1', startedAtMs: 0, rttMs: null, sample: null };
}

const NODES = [nodeOf('root'), nodeOf('web1'), nodeOf('web2', 'lost')];

/** A program at the leaf `web1`, whose tree answers as the test says; and what it has asked. */
function createClient(answers: Readonly<Record<string, unknown>>): [Client, string[]] {
  const asked: string[] = [];
  const call = async (to: string, method: string): Promise<unknown> => {
    asked.push(`${to} ${method}`);
    const answer = answers[method];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return [{ node: 'web1', record: { parent: 'root' }, call } as unknown as Client, asked];
}

const TREE = { 'tree.top': 'root', 'tree.nodes': { realm: 'test', nodes: NODES } };

test('one literal name is taken at its word: nobody is asked', async () => {
  const [client, asked] = createClient({});
  assert.equal(await resolveTargets(client, 'web9'), ['web9']);
  assert.equal(asked, []);
});

test('all else is looked up at the top, and the lost are among them', async () => {
  const [client, asked] = createClient(TREE);
  assert.equal(await resolveTargets(client, 'web*'), ['web1', 'web2']);
  assert.equal(asked, ['web1: tree.top', 'root: tree.nodes']);
});

test('a node that nobody knows is told as that, with the nearest names', async () => {
  const [client] = createClient(TREE);
  const error = await explainUnreachable(client, 'web3');
  assert.is(error?.code, 'E_NO_TARGET');
  assert.is(error?.hint, 'did you mean: web1, web2');
  assert.is(await explainUnreachable(client, 'web2'), undefined);
});

test('when the top cannot be asked either there is nothing to add', async () => {
  const [client] = createClient({
    'tree.top': new DagentError('E_LOST', { to: 'root', via: 'x' }),
  });
  assert.is(await explainUnreachable(client, 'web3'), undefined);
});

test('an error that is ours is not taken for the world’s', async () => {
  const [client] = createClient({ 'tree.top': new TypeError('a mistake') });
  const thrown = await explainUnreachable(client, 'web3').catch((error) => error);
  assert.instance(thrown, TypeError);
});

test('who has no parent is the top', async () => {
  const top = { node: 'root', record: { parent: null } } as unknown as Client;
  assert.is(await findTop(top), 'root:');
});

test('a tree is believed as far as it makes sense', async () => {
  const nodes = [...NODES, null, 7, { name: 'web3' }];
  const [odd] = createClient({ 'tree.top': 'root', 'tree.nodes': { realm: 7, nodes } });
  assert.equal(await fetchTree(odd), { realm: null, nodes: NODES });
  for (const answers of [
    { 'tree.top': 7 },
    { 'tree.top': 'not a name' },
    { 'tree.top': 'root', 'tree.nodes': null },
    { 'tree.top': 'root', 'tree.nodes': { nodes: 'all' } },
  ]) {
    const [client] = createClient(answers);
    const thrown = await fetchTree(client).catch((error) => error);
    assert.instance(thrown, DagentError);
    assert.is(thrown.code, 'E_NOT_UNDERSTOOD');
  }
});

test.run();
