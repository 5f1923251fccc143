import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { persist } from '../../src/client/job-persistence.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { JOB_AWAY_MS } from '../../src/protocol/limits.ts';
import { FakeClock } from '../fakes/clock.ts';

const lost = () => new DagentError('E_LOST', { to: 'web1:', node: 'hq' });

/** Time that passes only while somebody waits. */
class Passing implements Clock {
  atMs = 0;
  readonly pauses: number[] = [];

  monotonicMs = (): number => this.atMs;
  wallMs = (): number => this.atMs;

  after(ms: number, then: () => void): () => void {
    this.pauses.push(ms);
    this.atMs += ms;
    queueMicrotask(then);
    return () => undefined;
  }

  every(): () => void {
    throw new Error('nobody asks for that');
  }
}

test('a node that is away is asked again, less and less often, until it answers', async () => {
  const clock = new Passing();
  const told: string[] = [];
  let count = 0;
  const value = await persist(
    () => (++count < 8 ? Promise.reject(lost()) : Promise.resolve('there')),
    { onAway: ({ code }) => told.push(code), clock },
  );
  assert.is(value, 'there');
  assert.equal(told, ['E_LOST'], 'it is told once');
  assert.equal(clock.pauses, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test('one that stays away is given up, with what broke it', async () => {
  const clock = new Passing();
  const error: unknown = await persist(() => Promise.reject(lost()), { clock }).catch((e) => e);
  assert.is((error as DagentError).code, 'E_LOST');
  assert.ok(clock.atMs <= JOB_AWAY_MS && clock.atMs > JOB_AWAY_MS - 10_000);
});

test('each time it is away counts anew', async () => {
  const clock = new Passing();
  let toldCount = 0;
  let count = 0;
  const onAway = (): void => {
    toldCount++;
  };
  await persist(
    (heard) => {
      if (++count % 20 === 0) heard();
      return count < 100 ? Promise.reject(lost()) : Promise.resolve();
    },
    { onAway, clock },
  );
  assert.is(toldCount, 5);
  assert.ok(clock.atMs > 2 * JOB_AWAY_MS);
});

test('while our own connection is made again everything is, and nobody is told twice', async () => {
  const clock = new Passing();
  const told: string[] = [];
  const ours = new DagentError('E_CONNECTION_LOST', { node: 'hq', reason: 'x' });
  let count = 0;
  const value = await persist(
    () => (++count < 4 ? Promise.reject(ours) : Promise.resolve('there')),
    { onAway: ({ code }) => told.push(code), isReturning: () => true, clock },
  );
  assert.equal([value, told, clock.pauses.length], ['there', [], 3]);
  const error: unknown = await persist(() => Promise.reject(ours), { clock }).catch((e) => e);
  assert.is(error, ours, 'when it is not made again nothing is');
});

test('what is no broken way, or from a node that never answered, is thrown at once', async () => {
  const unknown = new DagentError('E_JOB_UNKNOWN', { id: 'x', node: 'web1' });
  const clock = new Passing();
  const first: unknown = await persist(() => Promise.reject(unknown), { clock }).catch((e) => e);
  assert.is(first, unknown);
  const error = lost();
  const hasAnswered = (): boolean => false;
  const wish = { hasAnswered, clock };
  const second: unknown = await persist(() => Promise.reject(error), wish).catch((e) => e);
  assert.is(second, error);
  assert.equal(clock.pauses, []);
});

test('who does not want to know any more does not wait', async () => {
  const abort = new AbortController();
  const { signal } = abort;
  const onAway = (): void => abort.abort();
  const clock = new FakeClock();
  const asked = persist(() => Promise.reject(lost()), { onAway, signal, clock }).catch((e) => e);
  assert.is(((await asked) as DagentError).code, 'E_LOST');
  assert.is(clock.timerCount, 0);
});

test.run();
