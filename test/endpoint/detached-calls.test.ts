import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CallServer } from '../../src/endpoint/call-server.ts';
import { type CallWish, decodeValue, openCall, type Served } from '../../src/endpoint/methods.ts';
import type { CallRecord } from '../../src/endpoint/running-call.ts';
import { encodeCall } from '../../src/protocol/call.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import {
  CALLS_SHOWN_BYTES_MAX,
  CALLS_UNHEARD_MAX,
  OUTCOME_KEPT_MS,
  OUTCOMES_KEPT_BYTES_MAX,
  OUTCOMES_KEPT_MAX,
} from '../../src/protocol/limits.ts';
import { FakeClock } from '../fakes/clock.ts';
import { createPair, quiet } from './pair.ts';

/** A service of one slow, one quick, one large and one failing method. */
class Bench {
  readonly clock = new FakeClock();
  readonly pair = createPair();
  readonly waiting: (() => void)[] = [];
  readonly cancelled: string[] = [];
  readonly server: CallServer;

  constructor() {
    const served: Served = {
      'work.slow': {
        doc: 'Waits.',
        run: (_, context) => {
          context.progress({ total: 2, completed: 1 });
          context.exchange.write(1, Buffer.alloc(1_000_000));
          return new Promise((resolve, reject) => {
            this.waiting.push(() => resolve('done'));
            context.signal.addEventListener('abort', () => {
              this.cancelled.push(context.sn);
              reject(context.signal.reason);
            });
          });
        },
      },
      'work.quick': { doc: 'Returns.', run: ([value]) => value },
      'work.large': { doc: 'Returns much.', run: () => 'x'.repeat(OUTCOMES_KEPT_BYTES_MAX / 4) },
      'work.failing': { doc: 'Throws.', run: () => Promise.reject(new RangeError('no')) },
    };
    this.server = new CallServer(served, { node: 'there', timer: this.clock });
    this.pair.there.handle('work', this.server.handlers);
  }

  async call(method: string, args: readonly unknown[] = [], wish: CallWish = {}): Promise<unknown> {
    const { outcome } = openCall(this.pair.here, 'there:work', method, { args, ...wish });
    return decodeValue((await outcome).data);
  }

  /** Starts a call that nobody waits for; its sn. */
  async detach(method: string, args: readonly unknown[] = [], wish: CallWish = {}) {
    const reply = await this.call(method, args, { ...wish, isDetached: true });
    const { sn, service } = reply as { sn: string; service: string };
    assert.is(service, 'there:work');
    return sn;
  }

  tell(method: string, timeoutMs?: number): void {
    const data = encodeCall({ args: [], timeoutMs });
    this.pair.here.send({ to: 'there:work', command: method, data, isCall: true });
  }

  async codeOf(method: string, args: readonly unknown[]): Promise<string> {
    return (await this.call(method, args).catch((error: DagentError) => error.code)) as string;
  }
}

test('a detached call is answered at once, asked after, and picked up', async () => {
  const bench = new Bench();
  const sn = await bench.detach('work.slow');
  const { state, progress, isDetached } = (await bench.call('admin.poll', [sn])) as CallRecord;
  assert.equal([state, isDetached], ['started', true]);
  assert.equal(progress, { total: 2, completed: 1, details: null });
  const result = bench.call('admin.result', [sn]);
  await quiet();
  bench.waiting[0]?.();
  assert.is(await result, 'done');
  assert.is(((await bench.call('admin.poll', [sn])) as CallRecord).state, 'succeeded');
  assert.is(await bench.call('admin.result', [sn]), 'done');
});

test('what a detached call threw is thrown to who picks it up', async () => {
  const bench = new Bench();
  const sn = await bench.detach('work.failing');
  await quiet();
  const error = (await bench.call('admin.result', [sn]).catch((each) => each)) as DagentError;
  assert.is(error.message, 'RangeError at there:work: no');
  assert.is(((await bench.call('admin.poll', [sn])) as CallRecord).state, 'failed');
});

test('it can be cancelled, by its sn or by the time that it may take', async () => {
  const bench = new Bench();
  const first = await bench.detach('work.slow');
  assert.equal(await bench.call('admin.cancel', [first]), [first]);
  assert.is(await bench.codeOf('admin.result', [first]), 'E_CANCELLED');
  assert.is(((await bench.call('admin.poll', [first])) as CallRecord).state, 'cancelled');
  const second = await bench.detach('work.slow', [], { timeoutMs: undefined });
  bench.tell('work.slow', 2_000);
  await quiet();
  bench.clock.advance(1_999);
  assert.equal(bench.cancelled, [first]);
  bench.clock.advance(1);
  assert.is(bench.cancelled.length, 2);
  assert.is(((await bench.call('admin.poll', [second])) as CallRecord).state, 'started');
});

test('an outcome is kept for a while, and then unknown', async () => {
  const bench = new Bench();
  const sn = await bench.detach('work.quick', [1]);
  await quiet();
  bench.clock.advance(OUTCOME_KEPT_MS - 1);
  assert.is(await bench.call('admin.result', [sn]), 1);
  bench.clock.advance(1);
  assert.is(await bench.codeOf('admin.result', [sn]), 'E_CALL_UNKNOWN');
  assert.is(await bench.codeOf('admin.poll', [sn]), 'E_CALL_UNKNOWN');
  assert.is(await bench.codeOf('admin.result', [{ not: 'text' }]), 'E_CALL_UNKNOWN');
});

test('outcomes are bounded by their number and by their bytes: the oldest goes', async () => {
  const bench = new Bench();
  const first = await bench.detach('work.quick', [0]);
  for (let n = 1; n < OUTCOMES_KEPT_MAX; n++) await bench.detach('work.quick', [n]);
  assert.is(await bench.call('admin.result', [first]), 0);
  const last = await bench.detach('work.quick', ['last']);
  assert.is(await bench.codeOf('admin.result', [first]), 'E_CALL_UNKNOWN');
  for (let n = 0; n < 4; n++) await bench.detach('work.large');
  await quiet();
  assert.is(await bench.codeOf('admin.result', [last]), 'E_CALL_UNKNOWN');
  assert.is(((await bench.call('admin.calls')) as unknown[]).length, 3);
});

test('what its caller attached counts as well, and is not shown of too many', async () => {
  const bench = new Bench();
  const data = 'x'.repeat(OUTCOMES_KEPT_BYTES_MAX / 16);
  const all: string[] = [];
  for (let n = 0; n < 20; n++) all.push(await bench.detach('work.quick', [n], { data }));
  await quiet();
  const codes = await Promise.all(all.map((sn) => bench.codeOf('admin.result', [sn])));
  assert.is(codes.filter((code) => code === 'E_CALL_UNKNOWN').length, 5);
  const shown = (await bench.call('admin.calls')) as { leftOut?: number }[];
  const most = Math.floor(CALLS_SHOWN_BYTES_MAX / data.length) - 1;
  assert.is(shown.length, most + 1);
  assert.is(shown.at(-1)?.leftOut, 15 - most);
});

test('a call that nobody waits for has no callbacks', async () => {
  const bench = new Bench();
  const wish = { callbacks: [0] };
  const error = await bench.detach('work.quick', [null], wish).catch((each) => each);
  assert.is((error as unknown as DagentError).code, 'E_VALUE_INVALID');
});

test('calls that nobody waits for are bounded', async () => {
  const bench = new Bench();
  for (let n = 0; n < CALLS_UNHEARD_MAX; n++) bench.tell('work.slow');
  await quiet();
  assert.is(bench.waiting.length, CALLS_UNHEARD_MAX);
  const error = await bench.detach('work.slow').catch((each: DagentError) => each);
  assert.is((error as DagentError).code, 'E_TOO_MANY_CALLS');
  bench.waiting[0]?.();
  await quiet();
  assert.ok(await bench.detach('work.slow'));
  bench.server.stop();
  assert.is(bench.cancelled.length, CALLS_UNHEARD_MAX);
});

test('a call without an answer is done, and what fails of it can be seen', async () => {
  const bench = new Bench();
  bench.tell('work.quick');
  bench.tell('work.failing');
  bench.tell('work.unknown');
  await quiet();
  const calls = (await bench.call('admin.calls')) as CallRecord[];
  const seen = calls.map(({ method, state, isDetached }) => [method, state, isDetached]);
  assert.equal(seen.sort(), [
    ['work.failing', 'failed', false],
    ['work.unknown', 'failed', true],
  ]);
  const { sn } = calls.find(({ method }) => method === 'work.failing') ?? { sn: '' };
  assert.is(await bench.codeOf('admin.result', [sn]), 'E_REMOTE');
  assert.ok(bench.pair.passed.every(({ by, kind }) => by === 'here' || kind === 18 || kind === 19));
});

test('a message that is no call is nothing for such a service', async () => {
  const bench = new Bench();
  bench.pair.here.send({ to: 'there:work', command: 'work.quick' });
  await quiet();
  assert.is(bench.pair.there.counters.unexpected, 1);
});

test.run();
