import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pathsOf } from '../../src/adapters/home.ts';
import { Names, readNames } from '../../src/client/names.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('web1', 'root', { role: 'leaf' });

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'nothing';
  } catch (error) {
    assert.instance(error, DagentError);
    return (error as DagentError).code;
  }
}

test('a name is in the map when its program hears that it has it', async () => {
  const client = await realm.connect('web1');
  assert.is(client.lookUp('orders'), undefined);
  await client.register('orders');
  const entry = client.lookUp('orders');
  assert.is(entry?.node, 'web1');
  assert.is(entry?.state, 'up');
  assert.equal(client.lookUp('web1:orders'), entry);
  assert.match(entry?.id ?? '', /^[0-9a-f]{16}$/);
  await client.close();
  assert.is(client.lookUp('orders'), undefined);
});

test('a taken name is refused to the next one, and that of a dead program is free', async () => {
  const [first, second] = [await realm.connect('web1'), await realm.connect('web1')];
  await first.register('mail');
  const { id } = second.lookUp('mail') ?? {};
  const refusal = await second.register('mail').then(
    () => undefined,
    (error: DagentError) => error.code,
  );
  assert.is(refusal, 'E_SERVICE_TAKEN');
  assert.is(second.lookUp('mail')?.id, id);
  await first.close();
  while (second.lookUp('mail')?.state === 'up') await second.taken();
  await second.register('mail');
  assert.is(second.lookUp('mail')?.state, 'up');
  assert.is.not(second.lookUp('mail')?.id, id);
  await second.close();
});

test('a program finds what is up elsewhere, and its own node before that', async () => {
  const [top, below] = [await realm.connect('root'), await realm.connect('web1')];
  await below.register('clock');
  await realm.announced('web1', 'clock');
  assert.is(top.lookUp('clock')?.node, 'web1');
  await top.register('clock');
  assert.is(top.lookUp('clock')?.node, 'root');
  assert.is(top.lookUp('web1:clock')?.node, 'web1');
  assert.is(
    codeOf(() => top.lookUp('no such:thing')),
    'E_ADDRESS_INVALID',
  );
  await top.close();
  await below.close();
});

test('the map of another node of that name is not believed', async () => {
  const client = await realm.connect('web1');
  await client.register('orders');
  const { socket } = pathsOf(realm.home, 'web1');
  const names = new Names(`cd:${socket}`, '00000000000000ff');
  assert.is(names.find('orders'), undefined);
  names.close();
  await client.close();
});

test('all of a map is read by the name or the socket of its node', async () => {
  const client = await realm.connect('web1');
  await client.register('books');
  const home = realm.dir;
  const { socket } = pathsOf(realm.home, 'web1');
  for (const via of ['web1', `cd:${socket}`]) {
    const { owner, isStale, entries } = readNames({ home, via });
    assert.is(owner.node, 'web1');
    assert.is(isStale, false);
    assert.ok(entries.some(({ service, state }) => service === 'books' && state === 'up'));
  }
  assert.is(readNames({ home }).owner.node, 'root');
  await client.close();
});

test('a map that there is not is an error that says why', () => {
  const home = realm.dir;
  assert.is(
    codeOf(() => readNames({ home, via: 'web9' })),
    'E_VIA_UNKNOWN',
  );
  assert.is(
    codeOf(() => readNames({ home, via: 'cd:/no/such/daemon.sock' })),
    'E_STATE_BROKEN',
  );
  assert.is(
    codeOf(() => readNames({ home, via: 'cd://127.0.0.1:1' })),
    'E_USAGE',
  );
  assert.is(
    codeOf(() => readNames({ home: `${home}/empty` })),
    'E_NO_DAEMON',
  );
});

test.after(() => realm.end());
test.run();
