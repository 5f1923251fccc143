import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import { judgeByFacts } from '../../src/client/where.ts';
import { DagentError } from '../../src/protocol/errors.ts';

/** A client for which each node answers, or does not, as it is called. */
function createClient(askedMs: (number | undefined)[] = []): Client {
  const call = (to: string, _: string, __: unknown, options?: { timeoutMs?: number }) => {
    askedMs.push(options?.timeoutMs);
    if (to.startsWith('late')) {
      return Promise.reject(new DagentError('E_DEADLINE', { to, ms: options?.timeoutMs ?? 0 }));
    }
    return Promise.resolve({ isMet: to.startsWith('web'), unknown: [] });
  };
  return { call } as unknown as Client;
}

test('who meets it, who does not, and who did not say are kept apart', async () => {
  const names = ['late1', 'web1', 'db1', 'late2'];
  const { names: met, silent } = await judgeByFacts(createClient(), names, { condition: 'a=1' });
  assert.equal(met, ['web1']);
  assert.equal([...silent.keys()], ['late1', 'late2']);
  assert.is(silent.get('late1')?.code, 'E_DEADLINE');
});

test('those that failed alike are told together, by a sentence that names none', async () => {
  const question = { condition: 'a=1', timeoutMs: 500 };
  const { doubts } = await judgeByFacts(createClient(), ['late1', 'late2'], question);
  const reason = 'no reply within 500 ms';
  assert.equal(doubts, [{ reason, names: ['late1', 'late2'], isSilent: true }]);
});

test('the time to answer can be made shorter, not longer', async () => {
  const askedMs: (number | undefined)[] = [];
  for (const timeoutMs of [500, 60_000, undefined]) {
    await judgeByFacts(createClient(askedMs), ['web1'], { condition: 'a=1', timeoutMs });
  }
  assert.equal(askedMs, [500, 10_000, 10_000]);
});

test.run();
