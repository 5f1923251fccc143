import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import {
  drawTargets,
  explainUnreachable,
  lookUpTargets,
  resolveTargets,
} from '../../src/client/targets.ts';
import { fetchTree, findTop } from '../../src/client/tree.ts';
import { type Methods, openCall } from '../../src/endpoint/methods.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { SELECTOR_BYTES_MAX } from '../../src/protocol/limits.ts';
import { parseSelector } from '../../src/protocol/selector-parser.ts';
import { createListing } from '../../src/services/listing.ts';
import { answering, createPair } from '../endpoint/pair.ts';
import { FakeView } from '../services/view.ts';

const VIEW = new FakeView().add('web1', 'top').add('web2', 'top', 'lost').add('web10', 'top');

const LISTING = createListing({ view: VIEW, untilBack: () => undefined });

/** A program at the leaf `here`, below the node `there`; and what it has asked. */
function createClient(methods: Methods = LISTING): [Client, unknown[]] {
  const asked: unknown[] = [];
  const { here, there } = createPair();
  there.handle('dagent', answering(methods));
  const call = async (to: string, method: string): Promise<unknown> => {
    asked.push(`${to} ${method}`);
    const top = methods[method]?.run([], {} as never);
    return top === undefined ? 'there' : top;
  };
  const open: Client['openCall'] = (to, method, args) => {
    asked.push([to, method, ...args]);
    return openCall(here, to, method, { args });
  };
  const client = { node: 'here', record: { parent: 'there' }, call, openCall: open };
  return [client as unknown as Client, asked];
}

async function namesOf(client: Client, text: string): Promise<readonly string[]> {
  return (await resolveTargets(client, parseSelector(text))).names;
}

async function failureOf(promise: Promise<unknown>): Promise<DagentError> {
  const thrown = await promise.catch((error: unknown) => error);
  assert.instance(thrown, DagentError);
  return thrown as DagentError;
}

test('what is spelled out is taken at its word: nobody is asked', async () => {
  const [client, asked] = createClient();
  assert.equal(await namesOf(client, 'web9'), ['web9']);
  assert.equal(await namesOf(client, 'web10,web[1-3] and not web2'), ['web1', 'web3', 'web10']);
  assert.equal(asked, []);
});

test('where the top waits for nodes, who asks for targets hears so', async () => {
  const back = Promise.withResolvers<void>();
  const [client] = createClient(createListing({ view: VIEW, untilBack: () => back.promise }));
  const heard: string[] = [];
  const onWait = (top: string) => {
    heard.push(top);
    back.resolve();
  };
  const { names } = await resolveTargets(client, parseSelector('web*'), { onWait });
  assert.equal(names, ['web1', 'web2', 'web10']);
  assert.equal(heard, ['there']);
});

test('all else is looked up at the top, and the lost are among them', async () => {
  const [client, asked] = createClient();
  assert.equal(await namesOf(client, 'web*,web3'), ['web1', 'web2', 'web3', 'web10']);
  const question = ['there:', 'tree.nodes', '((web3),web*)', { isPatient: true }];
  assert.equal(asked, ['here: tree.top', question]);
});

test('what is known of them comes along when it is asked for', async () => {
  const [client] = createClient();
  const { names, nodes } = await lookUpTargets(client, parseSelector('web[2-3]'));
  assert.equal(names, ['web2', 'web3']);
  assert.is(nodes.get('web2')?.state, 'lost');
  assert.is(nodes.get('web3'), undefined);
});

test('when nothing is left it is an error, with what may have been meant', async () => {
  const [client] = createClient();
  const error = await failureOf(namesOf(client, 'webb* and not web1'));
  assert.equal([error.code, error.exit], ['E_NO_TARGET', 3]);
  assert.is(error.hint, 'did you mean: web1, web2, web10');
  assert.is((await failureOf(namesOf(client, 'zzzzz*'))).hint, 'see all: dagent tree');
  const options = { text: 'as typed' };
  const selector = parseSelector('web1 and not web1');
  const named = await failureOf(resolveTargets(client, selector, options));
  assert.is(named.message, 'no node matches as typed');
});

test('a condition that no node meets is told along with the targets', async () => {
  const [client] = createClient();
  const { names, unmatched } = await resolveTargets(client, parseSelector('web1 or site=oslo'));
  assert.equal(names, ['web1']);
  assert.equal(unmatched, [{ part: 'site=oslo', similar: [] }]);
});

test('a text that is too long to send is worked out here', async () => {
  const [client, asked] = createClient();
  const letters = (number: number) =>
    [...String(number)].map((digit) => 'abcdefghij'.charAt(Number(digit))).join('');
  const odd = Array.from({ length: 8_000 }, (_, at) => letters(at).padEnd(40, 'y'));
  const text = `web* or (${odd.join(',')} and role=leaf)`;
  assert.ok(text.length > SELECTOR_BYTES_MAX);
  assert.equal(await namesOf(client, text), ['web1', 'web2', 'web10']);
  assert.equal(asked.at(-1), ['there:', 'tree.nodes']);
});

test('a limit leaves the same ones each time, a higher one those and more', () => {
  const names = Array.from({ length: 100 }, (_, at) => `web${at}`);
  const draw = (count: number, isPercent = false, seed = '') =>
    drawTargets(names, { count, isPercent, seed });
  assert.equal(draw(5), draw(5));
  assert.equal(draw(5), draw(5, true));
  assert.is(draw(5).length, 5);
  for (const name of draw(5)) assert.ok(draw(10).includes(name));
  assert.not.equal(draw(5), draw(5, false, 'b'));
  assert.equal(draw(500), names);
  assert.is(drawTargets(['a', 'b', 'c'], { count: 1, isPercent: true, seed: '' }).length, 1);
  const without = drawTargets(names.slice(1), { count: 10, isPercent: false, seed: '' });
  assert.ok(without.filter((name) => !draw(10).includes(name)).length <= 1);
});

test('a node that nobody knows is told as that, with the nearest names', async () => {
  const [client] = createClient();
  const error = await explainUnreachable(client, 'web3');
  assert.is(error?.code, 'E_NO_TARGET');
  assert.is(error?.hint, 'did you mean: web1, web2, web10');
  assert.is(await explainUnreachable(client, 'web2'), undefined);
});

test('when the top cannot be asked either there is nothing to add', async () => {
  const lost = new DagentError('E_LOST', { to: 'root' });
  const run = (): never => {
    throw lost;
  };
  const [client] = createClient({ 'tree.top': { doc: '', run } });
  assert.is(await explainUnreachable(client, 'web3'), undefined);
});

test('an error that is ours is not taken for the world’s', async () => {
  const run = (): never => {
    throw new TypeError('a mistake');
  };
  const [client] = createClient({ 'tree.top': { doc: '', run } });
  const thrown = await explainUnreachable(client, 'web3').catch((error) => error);
  assert.instance(thrown, TypeError);
});

test('who has no parent is the top', async () => {
  const top = { node: 'root', record: { parent: null } } as unknown as Client;
  assert.is(await findTop(top), 'root:');
});

test('a tree of which a part makes no sense is not believed', async () => {
  const answer = (value: unknown, ...lines: readonly string[]): Methods => ({
    'tree.nodes': {
      doc: '',
      run: (_, { exchange }) => {
        exchange.write(1, Buffer.from(lines.map((line) => `${line}\n`).join('')));
        return value;
      },
    },
  });
  const unknown = '{"type":"unknown","name":"web1"}';
  for (const methods of [
    answer(null),
    answer({ count: 1, unmatched: [] }, '{"type":"node","node":{}}'),
    answer({ count: 2, unmatched: [] }, unknown),
    { 'tree.top': { doc: '', run: () => 7 } },
    { 'tree.top': { doc: '', run: () => 'not a name' } },
  ]) {
    const [client] = createClient(methods);
    assert.is((await failureOf(fetchTree(client))).code, 'E_NOT_UNDERSTOOD');
  }
  const [later] = createClient(answer({ count: 1, unmatched: [] }, unknown, '{"type":"later"}'));
  assert.equal(await fetchTree(later), { realm: null, nodes: [] });
});

test.run();
