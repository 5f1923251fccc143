import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallContext } from '../../src/endpoint/methods.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import type { HubRecord, HubReservation } from '../../src/protocol/hub.ts';
import {
  HUB_LEASE_MS_DEFAULT,
  HUB_LEASE_MS_MAX,
  HUB_LEASE_MS_MIN,
  HUB_PAGE_COUNT,
  HUB_REQUEST_COUNT_MAX,
  HUB_STATUS_MAX,
} from '../../src/protocol/limits.ts';
import { HubDriver } from '../../src/services/hub-driver.ts';
import { createHubMethods } from '../../src/services/hub-methods.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeStore } from '../fakes/store.ts';

const CONTEXT = { from: 'web1:~7' } as CallContext;
const FULL = { code: 'E_STORE_FULL', values: { path: '/x', reason: 'no room' } } as const;

/** A hub whose disk syncs what it is asked to after each turn, while it is told so. */
class Bench {
  readonly clock = new FakeClock();
  readonly store: FakeStore;
  readonly driver: HubDriver;
  readonly methods: ReturnType<typeof createHubMethods>;
  readonly up = new Set(['web1', 'web2']);
  isSyncing = true;

  constructor(store = new FakeStore()) {
    this.store = store;
    const isUp = (node: string): boolean => this.up.has(node);
    this.driver = new HubDriver({ clock: this.clock, store, seed: 3, isUp });
    this.methods = createHubMethods({ open: async () => this.driver, isUp });
  }

  async call<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    const answer = Promise.resolve(this.methods[`hub.${method}`]!.run(args, CONTEXT));
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    answer.then(over, over);
    while (!isOver && this.isSyncing) {
      await nextTurn();
      if (this.isSyncing) this.store.sync();
    }
    return answer as Promise<T>;
  }

  async fail(method: string, ...args: readonly unknown[]): Promise<string> {
    const thrown = await this.call(method, ...args).then(
      () => assert.unreachable(`${method} ${JSON.stringify(args)} was taken`),
      (error: unknown) => error,
    );
    assert.instance(thrown, DagentError, String(thrown));
    return (thrown as DagentError).code;
  }

  async statuses(): Promise<Record<string, number>> {
    const records = await this.call<HubRecord[]>('list');
    return Object.fromEntries(records.map(({ address, status }) => [address, status]));
  }
}

async function createFilled(): Promise<Bench> {
  const bench = new Bench();
  await bench.call('register', { address: 'web1', status: 2 });
  await bench.call('register', { address: 'web2', port: 0, status: 1 });
  await bench.call('register', { address: '192.0.2.7', port: 80, status: 4 });
  return bench;
}

test('many who reserve at the same time never get more than there is', async () => {
  const bench = await createFilled();
  const wish = { count: 1, among: ['web1', 'web2'] };
  const asked = Array.from({ length: 50 }, () =>
    bench.call<HubReservation>('request', wish).catch((error: DagentError) => error.code),
  );
  const answers = await Promise.all(asked);
  const granted = answers.filter((answer) => typeof answer === 'object');
  assert.is(granted.length, 3);
  assert.is(new Set(granted.map(({ lease }) => lease)).size, 3);
  assert.is(answers.filter((answer) => answer === 'E_HUB_SHORT').length, 47);
  assert.equal(await bench.statuses(), { web1: 0, web2: 0, '192.0.2.7': 4 });
});

test('nobody hears an answer before it is on disk', async () => {
  const bench = await createFilled();
  bench.isSyncing = false;
  let isHeard = false;
  const asked = bench.call('set', 'web1', 5).then(() => {
    isHeard = true;
  });
  await nextTurn();
  assert.is(isHeard, false);
  assert.is(bench.store.waitingCount, 1);
  bench.store.sync();
  await asked;
});

test('what a full disk refuses has not happened, and goes when there is room', async () => {
  const bench = await createFilled();
  bench.store.refusal = FULL;
  assert.is(await bench.fail('request', { count: 2 }), 'E_STORE_FULL');
  assert.is(await bench.fail('register', { address: 'web3', status: 1 }), 'E_STORE_FULL');
  bench.store.refusal = null;
  assert.equal(await bench.statuses(), { web1: 2, web2: 1, '192.0.2.7': 4 });
  assert.is(await bench.call('register', { address: 'web3', status: 1 }), 4);
});

test('a lease ends when its time is over, also after a crash', async () => {
  const bench = await createFilled();
  await bench.call('request', { count: 3, isExact: true, leaseMs: 5_000 });
  assert.equal(await bench.statuses(), { web1: 1, web2: 0, '192.0.2.7': 3 });
  bench.clock.advance(4_999);
  assert.equal(await bench.statuses(), { web1: 1, web2: 0, '192.0.2.7': 3 });
  bench.store.crash(0);

  const again = new Bench(bench.store);
  again.clock.advance(bench.clock.wallMs() - again.clock.wallMs());
  assert.equal(await again.statuses(), { web1: 1, web2: 0, '192.0.2.7': 3 });
  again.clock.advance(1);
  await nextTurn();
  again.store.sync();
  assert.equal(await again.statuses(), { web1: 2, web2: 1, '192.0.2.7': 4 });
  assert.is(again.clock.timerCount, 0);
});

test('a renewed lease lasts from then on, one that is released is over', async () => {
  const bench = await createFilled();
  const { lease } = await bench.call<HubReservation>('request', { count: 3, leaseMs: 5_000 });
  bench.clock.advance(4_000);
  await bench.call('renew', lease, 5_000);
  bench.clock.advance(4_000);
  const [held] = await bench.call<{ lease: string; holder: string }[]>('leases', '');
  assert.equal([held?.lease, held?.holder], [lease, 'web1:~7']);
  assert.is(await bench.call('release', lease), 3);
  assert.equal(await bench.call('leases', ''), []);
});

test('after a restart only nodes that are there count as there', async () => {
  const bench = await createFilled();
  const again = new Bench(bench.store);
  again.up.delete('web2');
  const rebuilt = new HubDriver({
    clock: again.clock,
    store: bench.store,
    seed: 1,
    isUp: (node) => again.up.has(node),
  });
  assert.is(rebuilt.hub.entries.get(2)?.isLost, true);
  assert.is(rebuilt.hub.entries.get(1)?.isLost, false);
  assert.is(rebuilt.hub.entries.get(3)?.isLost, false);
});

test('entries are found by status, by address, by place and by what is free', async () => {
  const bench = await createFilled();
  await bench.call('register', { address: '192.0.2.7', port: 81, status: 0 });
  const ids = async (filter: object): Promise<number[]> =>
    (await bench.call<HubRecord[]>('list', filter)).map(({ id }) => id);
  assert.equal(await ids({}), [1, 2, 3, 4]);
  assert.equal(await ids({ isAvailable: true }), [1, 2, 3]);
  assert.equal(await ids({ isIdle: true }), [4]);
  assert.equal(await ids({ status: 2 }), [1]);
  assert.equal(await ids({ address: '192.0.2.7' }), [3, 4]);
  assert.equal(await ids({ address: '192.0.2.7', port: 81 }), [4]);
  assert.equal(
    (await bench.call<HubRecord[]>('list', {}, 2)).map(({ id }) => id),
    [3, 4],
  );
  assert.is((await bench.call<HubRecord>('get', '192.0.2.7:80')).status, 4);
  assert.is(await bench.call('decrease', 3, 3), 1);
});

test('what is at a bound is taken, and a lease is a minute unless it is said', async () => {
  const bench = await createFilled();
  await bench.call('set', 'web1', HUB_STATUS_MAX);
  for (const leaseMs of [HUB_LEASE_MS_MIN, HUB_LEASE_MS_MAX]) {
    const wish = { count: HUB_REQUEST_COUNT_MAX, leaseMs };
    const { expiresAtMs } = await bench.call<HubReservation>('request', wish);
    assert.is(expiresAtMs, bench.clock.wallMs() + leaseMs);
  }
  const usual = await bench.call<HubReservation>('request', { count: 1 });
  assert.is(usual.expiresAtMs, bench.clock.wallMs() + HUB_LEASE_MS_DEFAULT);
});

test('a list comes in pages', async () => {
  const bench = new Bench();
  const ports = Array.from({ length: HUB_PAGE_COUNT + 1 }, (_, at) => at + 1);
  await Promise.all(ports.map((port) => bench.call('register', { address: 'a', port })));
  const first = await bench.call<HubRecord[]>('list');
  assert.is(first.length, HUB_PAGE_COUNT);
  assert.is((await bench.call<HubRecord[]>('list', {}, first.at(-1)?.id)).length, 1);
});

test('arguments that make no sense are refused', async () => {
  const bench = await createFilled();
  for (const [method, ...args] of [
    ['register', null],
    ['register', { address: 'two words', port: 80 }],
    ['register', { address: 'web 1' }],
    ['register', { address: 'a', port: 65_536 }],
    ['register', { address: 'a', port: 80, status: -2 }],
    ['register', { address: 'a', port: 80, status: HUB_STATUS_MAX + 1 }],
    ['set', {}, 1],
    ['set', 'web1', 1.5],
    ['set', 'web1', 'many'],
    ['decrease', 'web1', 0],
    ['request', { count: 0 }],
    ['request', { count: HUB_REQUEST_COUNT_MAX + 1 }],
    ['request', { count: 1, leaseMs: HUB_LEASE_MS_MIN - 1 }],
    ['request', { count: 1, leaseMs: HUB_LEASE_MS_MAX + 1 }],
    ['request', { count: 1, among: 'web1' }],
    ['request', { count: 1, among: [7] }],
    ['renew', '00000000', 1],
    ['renew', 7, 5_000],
    ['release', '../../etc'],
    ['list', { status: 'x' }],
    ['get', null],
  ] as const) {
    assert.is(await bench.fail(method, ...args), 'E_ARGUMENT_INVALID', JSON.stringify(args));
  }
  assert.is(await bench.fail('get', 99), 'E_HUB_UNKNOWN');
  assert.is(await bench.fail('release', '00000000'), 'E_HUB_UNKNOWN');
  assert.equal(await bench.statuses(), { web1: 2, web2: 1, '192.0.2.7': 4 });
});

test.run();
