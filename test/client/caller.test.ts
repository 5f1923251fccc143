import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallStatus } from '../../src/client/call-options.ts';
import type { Client } from '../../src/client/client.ts';
import type { CallContext, Served } from '../../src/endpoint/methods.ts';
import { remoteClass } from '../../src/endpoint/remote-class.ts';
import type { ProgressReport } from '../../src/protocol/call.ts';
import { DagentError, RemoteError } from '../../src/protocol/errors.ts';
import { CALLBACKS_MAX } from '../../src/protocol/limits.ts';
import { until } from '../e2e/poll.ts';
import { Realm } from './realm.ts';

class Counter {
  readonly #from: number;

  constructor(from = 0) {
    this.#from = from;
  }

  async count(to: number, { progress }: Pick<CallContext, 'progress'>): Promise<number> {
    return Promise.resolve(to - this.#from).finally(() => progress);
  }

  async each(items: readonly number[], then: (item: number) => unknown): Promise<unknown[]> {
    return Promise.all(items.map((item) => then(item + this.#from)));
  }

  steps(total: number, context: CallContext): string {
    for (let completed = 1; completed <= total; completed++) {
      context.progress({ total, completed });
    }
    return 'done';
  }

  wait(_for: unknown, { signal }: CallContext): Promise<never> {
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }
}

const heard: string[] = [];
const SERVED: Served = {
  Counter: remoteClass(Counter, {
    doc: 'Counts.',
    args: ['from?'],
    methods: {
      count: { doc: 'Counts.', args: ['to'] },
      each: { doc: 'Hands over each item.', args: ['items', 'then'] },
      steps: { doc: 'Tells of each step.', args: ['total'] },
      wait: { doc: 'Waits for its end.', args: ['for?'] },
    },
  }),
  'note.add': { doc: 'Notes it.', args: ['text'], run: ([text]) => heard.push(String(text)) },
  'note.fail': {
    doc: 'Fails.',
    run() {
      throw new RangeError('no');
    },
  },
};

const realm = new Realm();
await realm.start('top');
await realm.start('web1', 'top');

/** Two programs at two nodes, of which the second serves. */
async function withCounter(use: (asker: Client, counter: Client) => Promise<void>): Promise<void> {
  const [asker, counter] = [await realm.connect('top'), await realm.connect('web1')];
  try {
    await counter.serve('counter', SERVED);
    await realm.announced('web1', 'counter');
    await use(asker, counter);
  } finally {
    await Promise.all([asker.close(), counter.close()]);
  }
}

/** What a promise fails with. */
async function failure(promise: Promise<unknown>): Promise<DagentError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.instance(error, DagentError);
  return error as DagentError;
}

test('calls have arguments for the constructor, by name, and a version', () =>
  withCounter(async (asker) => {
    assert.is(await asker.call('counter', 'Counter.count', [5], { cntr: [2] }), 3);
    const options = { kws: { to: 5 }, cntrKws: { from: 1 } };
    assert.is(await asker.call('web1:counter', 'Counter.count', [], options), 4);
    const old = asker.call('counter', 'Counter.count', [5], { version: '1' });
    assert.is((await failure(old)).code, 'E_NO_VERSION');
  }));

test('a proxy looks like the object that is called', () =>
  withCounter(async (asker) => {
    const counter = asker.proxy<Counter>('counter', 'Counter', { cntr: [10] });
    assert.equal(await counter.each([1, 2], (item) => Number(item) * 2), [22, 24]);
    assert.is(await counter.steps(1), 'done');
    assert.is((counter as unknown as { then: unknown }).then, undefined);
  }));

test('functions among the arguments are called while the call runs, within a bound', () =>
  withCounter(async (asker) => {
    const items = [1, 2, 3];
    const then = (item: number): number => item * 10;
    assert.equal(await asker.call('counter', 'Counter.each', [items, then]), [10, 20, 30]);
    assert.equal(
      await asker.call('counter', 'Counter.each', [items], { kws: { then } }),
      [10, 20, 30],
    );
    const many = Array.from({ length: CALLBACKS_MAX + 1 }, () => then);
    const error = await failure(asker.call('counter', 'Counter.each', many));
    assert.is(error.code, 'E_VALUE_INVALID');
  }));

test('a handle tells how a call stands, and what came of it', () =>
  withCounter(async (asker) => {
    const statuses: CallStatus['kind'][] = [];
    const reports: ProgressReport[] = [];
    const handle = asker.start('counter', 'Counter.steps', [2], {
      onStatus: ({ kind }) => statuses.push(kind),
      onProgress: (report) => reports.push(report),
    });
    assert.equal(handle.status, { kind: 'sent' });
    assert.match(handle.sn, /^[0-9a-f]{16}$/);
    assert.is(await handle.result, 'done');
    assert.equal(handle.status, { kind: 'succeeded', value: 'done' });
    assert.equal(statuses, ['accepted', 'started', 'progress', 'progress', 'succeeded']);
    assert.equal(
      reports.map(({ completed }) => completed),
      [1, 2],
    );
  }));

test('what ends before it begins is rejected, what ends later has failed', () =>
  withCounter(async (asker) => {
    const kinds: string[] = [];
    for (const method of ['no.such', 'note.fail']) {
      const handle = asker.start('counter', method);
      await handle.result.catch((error) => kinds.push(error.code));
      kinds.push(handle.status.kind);
    }
    assert.equal(kinds, ['E_NO_METHOD', 'rejected', 'E_REMOTE', 'failed']);
    const away = asker.start('web9:counter', 'note.add');
    assert.is((await failure(away.result)).code, 'E_UNREACHABLE');
    assert.is(away.status.kind, 'rejected');
  }));

test('a handle cancels, and so does a signal, which does not wait for the other side', () =>
  withCounter(async (asker) => {
    const handle = asker.start('counter', 'Counter.wait');
    await until('it has begun', () => handle.status.kind === 'started');
    handle.cancel();
    assert.is((await failure(handle.result)).code, 'E_CANCELLED');
    const abort = new AbortController();
    const call = asker.call('counter', 'Counter.wait', [], { signal: abort.signal });
    abort.abort();
    assert.is((await failure(call)).code, 'E_CANCELLED');
    const late = asker.call('counter', 'Counter.wait', [], { signal: abort.signal });
    assert.is((await failure(late)).code, 'E_CANCELLED');
    await until('nothing runs there', async () => {
      return ((await asker.call('counter', 'admin.calls')) as unknown[]).length === 0;
    });
  }));

test('a trigger sends what was prepared, as it was then, once', () =>
  withCounter(async (asker) => {
    const items = [1];
    const trigger = asker.prepare('counter', 'Counter.each', [items, String]);
    items.push(2);
    assert.is(trigger.handle, undefined);
    const handle = trigger.fire();
    assert.equal(await handle.result, ['1']);
    assert.is(trigger.fire(), handle);
    assert.throws(
      () => asker.prepare('counter', 'Counter.each', [new Map()]),
      (error: DagentError) => error.code === 'E_VALUE_INVALID',
    );
  }));

test('a call can be told without waiting, to one and to many', () =>
  withCounter(async (asker, counter) => {
    heard.length = 0;
    await counter.register('other');
    asker.tell('web1:counter', 'note.add', ['one']);
    asker.tell('*:counter', 'note.add', [], { kws: { text: 'all' } });
    await until('both were heard', () => heard.length === 2);
    assert.equal(heard, ['one', 'all']);
  }));

test('who does not wait cannot be called back', () =>
  withCounter(async (asker) => {
    const refused = asker.detach('counter', 'Counter.each', [[1], String]);
    assert.is((await failure(refused)).code, 'E_VALUE_INVALID');
    assert.throws(
      () => asker.tell('counter', 'Counter.each', [[1], String]),
      (error: DagentError) => error.code === 'E_VALUE_INVALID',
    );
  }));

test('a detached call outlives its caller', () =>
  withCounter(async (asker, counter) => {
    const detached = await asker.detach('counter', 'Counter.wait');
    assert.is(detached.service, 'web1:counter');
    await asker.close();
    const found = counter.detached(detached.service, detached.sn);
    assert.is((await found.poll()).state, 'started');
    assert.is(await found.cancel(), true);
    assert.is((await failure(found.result())).code, 'E_CANCELLED');
    assert.is(await found.cancel(), false);
  }));

test('a group answers one by one, each for itself', () =>
  withCounter(async (asker, counter) => {
    await asker.serve('counter', { 'note.add': { doc: '', run: () => 'top' } });
    const targets = ['top:counter', 'web1:counter', 'web9:counter', 'not an address'];
    const seen: string[] = [];
    for await (const answer of counter.callMany(targets, 'note.add', ['x'], { concurrentMax: 2 })) {
      seen.push(`${answer.to} ${answer.kind === 'value' ? 'ok' : answer.error.code}`);
    }
    assert.equal(seen.sort(), [
      'not an address E_ADDRESS_INVALID',
      'top:counter ok',
      'web1:counter ok',
      'web9:counter E_UNREACHABLE',
    ]);
  }));

test('who leaves a group early cancels what is not answered yet', () =>
  withCounter(async (asker) => {
    const targets = ['not an address', 'web1:counter'];
    for await (const { kind } of asker.callMany(targets, 'Counter.wait')) {
      assert.is(kind, 'error');
      break;
    }
    await until('nothing runs there', async () => {
      return ((await asker.call('counter', 'admin.calls')) as unknown[]).length === 0;
    });
  }));

test('an exception comes with where it is from', () =>
  withCounter(async (asker) => {
    const error = await failure(asker.call('counter', 'note.fail'));
    assert.instance(error, RemoteError);
    const { exception, service } = error as RemoteError;
    assert.equal([exception.class, service], ['RangeError', 'web1:counter']);
  }));

test.after(() => realm.end());
test.run();
