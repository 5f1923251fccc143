import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import type { MessageQueue } from '../../src/client/message-queue.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { BODY_BYTES_MAX } from '../../src/protocol/limits.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('east', 'root');
await realm.start('web1', 'east', { role: 'leaf' });
await realm.start('web2', 'east', { role: 'leaf' });

/** What a promise fails with. */
async function failure(promise: Promise<unknown>): Promise<DagentError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(thrown, DagentError);
  return thrown as DagentError;
}

/** Commands of the next messages of a queue. */
async function take(queue: MessageQueue, count: number): Promise<string[]> {
  const commands: string[] = [];
  while (commands.length < count) {
    const { value } = await queue.next();
    commands.push(value.message.command);
  }
  return commands;
}

/** Programs at nodes, closed when the test is over. */
async function withClients(
  vias: readonly string[],
  use: (...clients: readonly Client[]) => Promise<void>,
): Promise<void> {
  const clients = await Promise.all(vias.map((via) => realm.connect(via)));
  try {
    await use(...clients);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/** A test with two programs: one at a leaf, one at the other. */
function testPair(title: string, use: (here: Client, there: Client) => Promise<void>): void {
  test(title, () =>
    withClients(['web1', 'web2'], async (here, there) => {
      if (here !== undefined && there !== undefined) await use(here, there);
    }),
  );
}

test('a program knows where it is', () =>
  withClients(['web1'], async (client) => {
    assert.is(client?.node, 'web1');
    assert.is(client?.realm, 'local');
    assert.is(client?.record.role, 'leaf');
    assert.is(client?.record.parent, 'east');
  }));

testPair('a message goes from leaf to leaf, with all that it has', async (here, there) => {
  const queue = await there.listen('printer');
  const params = { copies: '2' };
  const data = Buffer.from([0, 1, 255]);
  here.send('web2:printer', 'PRINT', { params, data });
  const { value } = await queue.next();
  const { message, exchange } = value;
  assert.match(message.from, /^web1:~\d+$/);
  assert.is(message.to, 'web2:printer');
  assert.is(message.command, 'PRINT');
  assert.equal({ ...message.params }, params);
  assert.ok(message.data.equals(data));
  assert.is(exchange, undefined);
});

testPair('messages of one sender come in their order', async (here, there) => {
  const queue = await there.listen('printer');
  const commands = Array.from({ length: 500 }, (_, index) => `PAGE${index}`);
  for (const command of commands) here.send('web2:printer', command);
  assert.equal(await take(queue, 500), commands);
});

testPair('a name is taken once on a node; elsewhere it is free', async (here, there) => {
  await there.register('printer');
  const second = await realm.connect('web2');
  const error = await failure(second.register('printer'));
  assert.is(error.code, 'E_SERVICE_TAKEN');
  assert.is(error.message, 'the service printer is registered on web2 already');
  await here.register('printer');
  there.unregister('printer');
  await second.register('printer');
  await second.close();
});

testPair('a name that is refused costs its first holder nothing', async (here, there) => {
  const queue = await there.listen('printer');
  assert.is((await failure(there.listen('printer'))).code, 'E_SERVICE_TAKEN');
  await here.deliver('web2:printer', 'PRINT');
  assert.equal(await take(queue, 1), ['PRINT']);
});

testPair('what cannot be a name is refused', async (here) => {
  for (const name of ['', 'a b', '~1', 'a/b', 'dagent', 'x'.repeat(64)]) {
    const { code } = await failure(here.register(name));
    assert.is(code, name === 'dagent' ? 'E_SERVICE_TAKEN' : 'E_NAME_INVALID');
  }
});

testPair('a program sends in the names that it has, and in no other', async (here, there) => {
  const queue = await there.listen('printer');
  await here.register('office');
  await here.deliver('web2:printer', 'PRINT', { from: 'office' });
  const { value } = await queue.next();
  assert.is(value.message.from, 'web1:office');
  const error = await failure(here.deliver('web2:printer', 'PRINT', { from: 'boss' }));
  assert.is(error.code, 'E_FORGED_SOURCE');
});

testPair('a delivery says that the receiver has it, or where it ended', async (here, there) => {
  await there.register('printer', { onMessage: () => undefined });
  await here.deliver('web2:printer', 'PRINT');
  const missing = await failure(here.deliver('web2:nobody', 'PRINT'));
  assert.is(missing.code, 'E_NO_SERVICE');
  assert.is(missing.message, 'web2 has no service nobody');
  const away = await failure(here.deliver('web9:printer', 'PRINT'));
  assert.is(away.code, 'E_UNREACHABLE');
  assert.is(away.message, 'web9:printer cannot be reached: root knows no way');
  assert.is((await failure(here.deliver('a b', 'PRINT'))).code, 'E_ADDRESS_INVALID');
});

testPair('a request has its answer, from whoever has the name', async (here, there) => {
  await there.register('upper', {
    onRequest(exchange) {
      const { data, params } = exchange.request;
      const text = data.toString().toUpperCase();
      exchange.reply({ command: 'DONE', params, data: Buffer.from(text) });
    },
  });
  await realm.announced('web2', 'upper');
  for (const to of ['web2:upper', 'upper']) {
    const params = { n: '1' };
    const reply = await here.request(to, 'SHOUT', { data: Buffer.from('hello'), params });
    assert.is(reply.command, 'DONE');
    assert.equal({ ...reply.params }, params);
    assert.is(reply.data.toString(), 'HELLO');
  }
});

testPair('a request that is rejected fails with what it is rejected with', async (here, there) => {
  const error = new DagentError('E_ACCOUNT_UNKNOWN', { kind: 'user', name: 'bob' });
  await there.register('accounts', { onRequest: (exchange) => exchange.reject(error.toData()) });
  const { code, message } = await failure(here.request('web2:accounts', 'GET'));
  assert.is(code, 'E_ACCOUNT_UNKNOWN');
  assert.is(message, 'its host has no user named bob');
});

testPair('a request that nobody answers in time ends at its deadline', async (here, there) => {
  let isCancelled = () => {};
  const cancelled = new Promise<void>((resolve) => {
    isCancelled = resolve;
  });
  await there.register('slow', {
    onRequest(exchange) {
      exchange.onCancel = isCancelled;
    },
  });
  const { code, message } = await failure(here.request('web2:slow', 'WAIT', { timeoutMs: 100 }));
  assert.is(code, 'E_DEADLINE');
  assert.is(message, 'no reply from web2:slow within 100 ms');
  await cancelled;
});

testPair('a thousand requests at once are each answered with their own', async (here, there) => {
  await there.register('echo', {
    onRequest: (exchange) => exchange.reply({ data: exchange.request.data }),
  });
  const numbers = Array.from({ length: 1_000 }, (_, index) => String(index));
  const replies = await Promise.all(
    numbers.map((number) => here.request('web2:echo', 'ECHO', { data: Buffer.from(number) })),
  );
  assert.equal(
    replies.map(({ data }) => data.toString()),
    numbers,
  );
});

testPair('methods are served and called, and their exceptions travel', async (here, there) => {
  await there.serve('math', {
    'math.add': { doc: 'Adds.', run: ([a, b]) => Number(a) + Number(b) },
    'math.fail': {
      doc: 'Fails.',
      run: () => {
        throw new RangeError('too much');
      },
    },
  });
  assert.is(await here.call('web2:math', 'math.add', [1, 2]), 3);
  const error = await failure(here.call('web2:math', 'math.fail'));
  assert.is(error.message, 'RangeError at web2:math: too much');
  assert.is((await failure(here.call('web2:math', 'math.no'))).code, 'E_NO_METHOD');
  assert.ok('math.add()' in ((await here.call('web2:math', 'admin.help')) as object));
});

testPair('every node answers to its own name', async (here) => {
  for (const node of ['root', 'east', 'web1', 'web2']) {
    assert.is(await here.call(`${node}:`, 'admin.hello'), `hello from ${node}`);
  }
});

testPair('the largest message arrives; a larger one is refused at once', async (here, there) => {
  const queue = await there.listen('store');
  await here.deliver('web2:store', 'PUT', { data: Buffer.alloc(BODY_BYTES_MAX, 7) });
  const { value } = await queue.next();
  assert.is(value.message.data.length, BODY_BYTES_MAX);
  const data = Buffer.alloc(BODY_BYTES_MAX + 1);
  assert.throws(() => here.send('web2:store', 'PUT', { data }), /at most 1048576/);
  assert.is((await failure(here.request('web2:store', 'PUT', { data }))).code, 'E_TOO_LARGE');
});

testPair(
  'an answer that is too large is an error, and the program lives on',
  async (here, there) => {
    await there.serve('much', {
      'get.much': { doc: 'Too much.', run: () => 'x'.repeat(2 * BODY_BYTES_MAX) },
    });
    assert.is((await failure(here.call('web2:much', 'get.much'))).code, 'E_TOO_LARGE');
    assert.is((await failure(here.call('web2:much', 'get.much'))).code, 'E_TOO_LARGE');
  },
);

testPair('streams flow in both directions, under credit', async (here, there) => {
  const totalBytes = 4 * 1024 * 1024;
  await there.register('mirror', {
    onRequest(exchange) {
      exchange.onData = (channel, bytes) => {
        exchange.write(channel + 1, bytes);
        exchange.grant(bytes.length);
      };
      exchange.onEnd = () => exchange.reply();
    },
  });
  const asking = here.open({ to: 'web2:mirror', command: 'MIRROR' });
  let heardBytes = 0;
  asking.onData = (channel, bytes) => {
    assert.is(channel, 1);
    heardBytes += bytes.length;
    asking.grant(bytes.length);
  };
  for (let sent = 0; sent < totalBytes; sent += 65_536) {
    if (asking.write(0, Buffer.alloc(65_536))) continue;
    await new Promise<void>((resolve) => {
      asking.onDrain = resolve;
    });
  }
  asking.end(0);
  await asking.outcome;
  assert.is(heardBytes, totalBytes);
});

test.after(() => realm.end());
test.run();
