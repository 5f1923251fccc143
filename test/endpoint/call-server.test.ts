import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type CallContext, decodeValue, type Served } from '../../src/endpoint/methods.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import {
  CALLS_WAITING_MAX,
  HEAD_BYTES_MAX,
  PROGRESS_PER_SECOND_MAX,
} from '../../src/protocol/limits.ts';
import { call, failure, open, serve } from './call-bench.ts';
import { quiet } from './pair.ts';

/** Methods that wait until they are told to go on. */
class Gate {
  readonly entered: unknown[] = [];
  readonly #leave: ((value: unknown) => void)[] = [];
  readonly served: Served = {
    'gate.pass': {
      doc: 'Waits.',
      args: ['name?'],
      run: ([name], { signal }) => {
        this.entered.push(name);
        return new Promise((resolve, reject) => {
          this.#leave.push(resolve);
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    },
  };

  /** Lets the one that has waited longest go. */
  open(value: unknown = null): void {
    this.#leave.shift()?.(value);
  }
}

test('a value that cannot travel is told to the caller, not lost', async () => {
  const bench = serve({ 'get.map': { doc: 'A map.', run: () => new Map() } });
  const error = await failure(bench, 'get.map');
  assert.is(error.code, 'E_VALUE_INVALID');
  assert.match(error.message, 'a Map is in it');
});

test('names find the places of the arguments of a method without an object', async () => {
  const run = (args: readonly unknown[]): unknown => args;
  const bench = serve({
    'raw.all': { doc: 'All.', args: ['a', 'b'], isRaw: true, run },
    'named.all': { doc: 'All.', args: ['a', 'b'], run },
  });
  assert.equal(await call(bench, 'named.all', { args: [1], kws: { b: 2 } }), [1, 2]);
  assert.equal(await call(bench, 'raw.all', { args: [1], kws: { b: 2 } }), [1]);
});

test('who wants to know hears that a call is accepted, started, and how far it is', async () => {
  const bench = serve({
    'count.up': {
      doc: 'Counts.',
      run: (_, context) => {
        context.progress({ total: 2, completed: 1 });
        context.progress({ total: 2, completed: 2, details: 'done' });
      },
    },
  });
  const heard: unknown[] = [];
  const asking = open(bench, 'count.up', { tellsStatus: true });
  asking.onProgress = (value, status) => heard.push([status, value]);
  await asking.outcome;
  assert.equal(heard, [
    ['accepted', null],
    ['started', null],
    ['progress', { total: 2, completed: 1, details: null }],
    ['progress', { total: 2, completed: 2, details: 'done' }],
  ]);
  const silent = open(bench, 'count.up');
  const statuses: unknown[] = [];
  silent.onProgress = (_, status) => statuses.push(status);
  await silent.outcome;
  assert.equal(statuses, ['progress', 'progress']);
});

test('of very many reports some are sent, and always the last one', async () => {
  const total = PROGRESS_PER_SECOND_MAX * 3;
  const bench = serve({
    'count.up': {
      doc: 'Counts.',
      run: (_, context) => {
        for (let completed = 1; completed <= total; completed++) {
          context.progress({ total, completed });
        }
      },
    },
  });
  const heard: number[] = [];
  const asking = open(bench, 'count.up');
  asking.onProgress = (value) => heard.push((value as { completed: number }).completed);
  await asking.outcome;
  assert.is(heard.length, PROGRESS_PER_SECOND_MAX + 1);
  assert.is(heard.at(-1), total);
});

test('a report that is too long ends the call, also when it was held back', async () => {
  const details = 'x'.repeat(HEAD_BYTES_MAX);
  for (const count of [0, PROGRESS_PER_SECOND_MAX]) {
    const run = (_: unknown, context: CallContext): string => {
      for (let n = 0; n < count; n++) context.progress({ completed: n });
      context.progress({ details });
      return 'done';
    };
    const bench = serve({ 'tell.much': { doc: 'Tells.', run } });
    assert.is((await failure(bench, 'tell.much')).code, 'E_TOO_LARGE');
  }
});

test('where some run at a time the others wait for their turn, and can be cancelled', async () => {
  const gate = new Gate();
  const bench = serve(gate.served, { concurrentMax: 1 });
  const [first, second, third] = [1, 2, 3].map((name) =>
    open(bench, 'gate.pass', { args: [name] }),
  );
  await quiet();
  assert.equal(gate.entered, [1]);
  second?.cancel();
  const error = await second?.outcome.catch((each) => each);
  assert.is(error.code, 'E_CANCELLED');
  gate.open('a');
  assert.is(decodeValue((await first?.outcome)?.data ?? Buffer.alloc(0)), 'a');
  await quiet();
  assert.equal(gate.entered, [1, 3]);
  gate.open('b');
  assert.is(decodeValue((await third?.outcome)?.data ?? Buffer.alloc(0)), 'b');
});

test('too many that wait are refused', async () => {
  const gate = new Gate();
  const bench = serve(gate.served, { concurrentMax: 1 });
  for (let count = 0; count <= CALLS_WAITING_MAX; count++) open(bench, 'gate.pass');
  const error = await failure(bench, 'gate.pass');
  assert.is(error.code, 'E_TOO_MANY_CALLS');
  assert.is(error.values.max, CALLS_WAITING_MAX);
});

test('a method that gives up because it is told to ends as cancelled', async () => {
  const bench = serve(new Gate().served);
  const asking = open(bench, 'gate.pass');
  await quiet();
  asking.cancel();
  const error = (await asking.outcome.catch((each) => each)) as DagentError;
  assert.is(error.code, 'E_CANCELLED');
  assert.is(error.message, 'gate.pass of there:kennel was cancelled');
});

test('a method that is cancelled before it looks hears of it all the same', async () => {
  const run = async (_: unknown, context: CallContext): Promise<never> => {
    await quiet();
    return new Promise((__, reject) => {
      context.signal.addEventListener('abort', () => reject(context.signal.reason));
    });
  };
  const asking = open(serve({ 'wait.late': { doc: 'Waits.', run } }), 'wait.late');
  asking.cancel();
  assert.is((await asking.outcome.catch((each) => each)).code, 'E_CANCELLED');
});

test('admin.calls shows what runs, and admin.cancel ends it by its sn or by its data', async () => {
  const bench = serve(new Gate().served);
  const askings = ['group 1', 'group 2', 'group 2'].map((data) => {
    return open(bench, 'gate.pass', { data });
  });
  await quiet();
  const calls = (await call(bench, 'admin.calls')) as { sn: string; data: unknown }[];
  assert.equal(
    calls.map(({ data }) => data),
    ['group 1', 'group 2', 'group 2'],
  );
  const none = await call(bench, 'admin.cancel', { args: ['0000000000000000'] });
  assert.equal(none, []);
  const kws = { criteria: { eq: 'group 2' } };
  const cancelled = await call(bench, 'admin.cancel', { kws });
  assert.equal(
    cancelled,
    calls.slice(1).map(({ sn }) => sn),
  );
  await call(bench, 'admin.cancel', { args: [calls[0]?.sn] });
  for (const asking of askings) {
    assert.is((await asking.outcome.catch((each) => each)).code, 'E_CANCELLED');
  }
  assert.equal(await call(bench, 'admin.calls'), []);
});

test('admin.cancel wants to know which', async () => {
  const bench = serve({});
  for (const args of [[], [5], [null, { like: 1 }]]) {
    assert.is((await failure(bench, 'admin.cancel', { args })).code, 'E_ARGUMENT_INVALID');
  }
});

test('what is offered can change while it is served', async () => {
  const bench = serve({ 'a.one': { doc: 'One.', run: () => 1 } });
  bench.server.serve({ 'a.two': { doc: 'Two.', run: () => 2 } });
  assert.is(await call(bench, 'a.two'), 2);
  assert.is((await failure(bench, 'a.one')).code, 'E_NO_METHOD');
  const described = (await call(bench, 'admin.describe')) as { name: string }[];
  assert.equal(
    described.map(({ name }) => name),
    ['a', 'admin'],
  );
});

test.run();
