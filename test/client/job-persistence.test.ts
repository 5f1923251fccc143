import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { persist } from '../../src/client/job-persistence.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { JOB_AWAY_MS } from '../../src/protocol/limits.ts';

const lost = () => new DagentError('E_LOST', { to: 'web1:', node: 'hq' });

/** Time that passes only while somebody waits. */
class Passing {
  atMs = 0;
  readonly pauses: number[] = [];

  nowMs = (): number => this.atMs;

  wait = (ms: number): Promise<void> => {
    this.pauses.push(ms);
    this.atMs += ms;
    return Promise.resolve();
  };
}

test('a node that is away is asked again, less and less often, until it answers', async () => {
  const waiting = new Passing();
  const told: string[] = [];
  let count = 0;
  const value = await persist(
    () => (++count < 8 ? Promise.reject(lost()) : Promise.resolve('there')),
    { onAway: ({ code }) => told.push(code), waiting },
  );
  assert.is(value, 'there');
  assert.equal(told, ['E_LOST'], 'it is told once');
  assert.equal(waiting.pauses, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
});

test('one that stays away is given up, with what broke it', async () => {
  const waiting = new Passing();
  const error: unknown = await persist(() => Promise.reject(lost()), { waiting }).catch((e) => e);
  assert.is((error as DagentError).code, 'E_LOST');
  assert.ok(waiting.atMs <= JOB_AWAY_MS && waiting.atMs > JOB_AWAY_MS - 10_000);
});

test('each time it is away counts anew', async () => {
  const waiting = new Passing();
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
    { onAway, waiting },
  );
  assert.is(toldCount, 5);
  assert.ok(waiting.atMs > 2 * JOB_AWAY_MS);
});

test('what is no broken way, or from a node that never answered, is thrown at once', async () => {
  const unknown = new DagentError('E_JOB_UNKNOWN', { id: 'x', node: 'web1' });
  const waiting = new Passing();
  const first: unknown = await persist(() => Promise.reject(unknown), { waiting }).catch((e) => e);
  assert.is(first, unknown);
  const error = lost();
  const hasAnswered = (): boolean => false;
  const wish = { hasAnswered, waiting };
  const second: unknown = await persist(() => Promise.reject(error), wish).catch((e) => e);
  assert.is(second, error);
  assert.equal(waiting.pauses, []);
});

test.run();
