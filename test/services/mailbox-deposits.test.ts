import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { depositRuns } from '../../src/services/mailbox-deposits.ts';
import { MailboxDriver, type Outcomes } from '../../src/services/mailbox-driver.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeStore } from '../fakes/store.ts';

const SENDER = '00000000000000aa';

/** Mailboxes over a disk that syncs when the test says so. */
function open(quotaCount = 100) {
  const [clock, store] = [new FakeClock(), new FakeStore()];
  const driver = new MailboxDriver({
    config: { node: 'web1', seed: 1, quotaCount },
    clock,
    store,
    soon: (then) => setImmediate(then),
    transfer: () => Promise.reject(new Error('nobody is there')),
    onEvent: () => undefined,
  });
  let unknownCount = 0;
  const onUnknown = () => unknownCount++;
  const parts = { clock, driver, findNode: () => undefined, onUnknown };
  const deposit = (...runs: unknown[]) => depositRuns(parts, runs, 'web1:~1');
  const countOf = (name: string) => [...driver.boxes()].find((box) => box.name === name)?.count;
  return { store, deposit, countOf, unknownCount: () => unknownCount };
}

function runOf(sequence: number, count: number, to = 'web1:orders') {
  const contents = Array.from({ length: count }, () => Buffer.of(1));
  return { to, sender: SENDER, sequence, contents, ttlMs: 0 };
}

/** The outcomes as codes, or undefined while there are none. */
async function stateOf(outcomes: Promise<Outcomes>) {
  const waiting = new Promise<undefined>((done) => setImmediate(done, undefined));
  const known = await Promise.race([outcomes, waiting]);
  return known?.map((each) => each?.code ?? null);
}

test('a call is answered when all its messages are synced, also what came before', async () => {
  const { store, deposit, countOf } = open();
  const outcomes = deposit(runOf(1, 3));
  assert.is(await stateOf(outcomes), undefined);
  const again = deposit(runOf(2, 3));
  store.sync();
  assert.equal(await stateOf(outcomes), [null, null, null]);
  assert.equal(await stateOf(again), undefined);
  store.sync();
  assert.equal(await stateOf(again), [null, null, null]);
  assert.is(countOf('web1:orders'), 4);
});

test('what is in the way of a run, or of a message, is in the way of no other', async () => {
  const { store, deposit, unknownCount } = open(2);
  const outcomes = deposit(runOf(1, 1, '*'), runOf(1, 3), runOf(1, 1, 'bills'));
  assert.is(await stateOf(outcomes), undefined);
  store.sync();
  const full = 'E_MAILBOX_FULL';
  assert.equal(await stateOf(outcomes), ['E_BROADCAST', null, null, full, null]);
  assert.is(unknownCount(), 1);
});

test('what the disk does not take is refused, each message with why', async () => {
  const { store, deposit } = open();
  store.refusal = { code: 'E_STORE_FULL', values: { path: 'there', reason: 'full' } };
  const outcomes = deposit(runOf(1, 2));
  assert.is(await stateOf(outcomes), undefined);
  store.sync();
  assert.equal(await stateOf(outcomes), ['E_STORE_FULL', 'E_STORE_FULL']);
});

test.run();
