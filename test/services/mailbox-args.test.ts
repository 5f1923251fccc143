import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import {
  MAILBOX_CONTENT_BYTES_MAX,
  MAILBOX_LEASE_COUNT_MAX,
  MAILBOX_LEASE_MS_DEFAULT,
  MAILBOX_LEASE_MS_MAX,
  MAILBOX_LEASE_MS_MIN,
  MAILBOX_PEEK_COUNT_MAX,
  MAILBOX_PIECE_COUNT,
} from '../../src/protocol/limits.ts';
import {
  countDeposits,
  readDeposit,
  readLease,
  readPeek,
} from '../../src/services/mailbox-args.ts';

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof DagentError) return error.code;
    throw error;
  }
  return 'taken';
}

const GOOD = {
  to: 'web1:orders',
  sender: '00000000000000aa',
  sequence: 1,
  contents: [Buffer.of(1)],
};

test('a deposit says where to, which one, and what', () => {
  const { box, service, ttlMs } = readDeposit(GOOD);
  assert.equal([box, service, ttlMs], ['web1:orders', 'orders', 0]);
  assert.is(readDeposit({ ...GOOD, to: 'orders' }).box, ':orders');
});

test('one call leaves MAILBOX_PIECE_COUNT messages at most, in however many runs', () => {
  const contents = new Array<Buffer>(MAILBOX_PIECE_COUNT - 1).fill(Buffer.of(1));
  const run = { ...GOOD, contents };
  assert.equal(countDeposits([run, GOOD]), [MAILBOX_PIECE_COUNT - 1, 1]);
  for (const many of [[run, GOOD, GOOD], [{ ...GOOD, contents: [...contents, ...contents] }]]) {
    assert.is(
      codeOf(() => countDeposits(many)),
      'E_ARGUMENT_INVALID',
    );
  }
});

test('a run has one message or more, and each of them is bytes', () => {
  for (const contents of [undefined, [], 'text', [Buffer.of(1), 'text'], { length: 1 }]) {
    assert.is(
      codeOf(() => countDeposits([GOOD, { ...GOOD, contents }])),
      'E_ARGUMENT_INVALID',
    );
  }
  assert.is(
    codeOf(() => countDeposits([7])),
    'E_ARGUMENT_INVALID',
  );
});

test('an id of a sender that is none is refused: it would be a key of the store', () => {
  for (const sender of ['', 'a/b', '00000000000000AA', '0'.repeat(17), 7, null]) {
    assert.is(
      codeOf(() => readDeposit({ ...GOOD, sender })),
      'E_ARGUMENT_INVALID',
    );
  }
  for (const sequence of [0, -1, 1.5, '1', undefined, Number.MAX_SAFE_INTEGER]) {
    assert.is(
      codeOf(() => readDeposit({ ...GOOD, sequence })),
      'E_ARGUMENT_INVALID',
    );
  }
});

test('a message goes to a service, and not to a node itself', () => {
  const codes = { 'web1:': 'E_NO_MAILBOX', dagent: 'E_NO_MAILBOX', '': 'E_ADDRESS_INVALID' };
  for (const [to, code] of [...Object.entries(codes), [7, 'E_ADDRESS_INVALID']] as const) {
    assert.is(
      codeOf(() => readDeposit({ ...GOOD, to })),
      code,
    );
  }
  for (const to of ['*', '.', '?', '*:orders']) {
    assert.is(
      codeOf(() => readDeposit({ ...GOOD, to })),
      'E_BROADCAST',
    );
  }
});

test('a message of MAILBOX_CONTENT_BYTES_MAX is taken, and no longer one', () => {
  const content = Buffer.alloc(MAILBOX_CONTENT_BYTES_MAX + 1);
  assert.is(
    codeOf(() => readDeposit({ ...GOOD, contents: [content.subarray(1)] })),
    'taken',
  );
  assert.is(
    codeOf(() => readDeposit({ ...GOOD, contents: [content] })),
    'E_TOO_LARGE',
  );
});

test('a lease has bounds, and a usual length', () => {
  const usual = readLease(['orders', {}]);
  assert.equal(usual, { service: 'orders', leaseCount: 256, leaseMs: MAILBOX_LEASE_MS_DEFAULT });
  for (const [wish, code] of [
    [{ count: MAILBOX_LEASE_COUNT_MAX, leaseMs: MAILBOX_LEASE_MS_MAX }, 'taken'],
    [{ count: 1, leaseMs: MAILBOX_LEASE_MS_MIN }, 'taken'],
    [{ count: MAILBOX_LEASE_COUNT_MAX + 1 }, 'E_ARGUMENT_INVALID'],
    [{ count: 0 }, 'E_ARGUMENT_INVALID'],
    [{ leaseMs: MAILBOX_LEASE_MS_MIN - 1 }, 'E_ARGUMENT_INVALID'],
    [{ leaseMs: MAILBOX_LEASE_MS_MAX + 1 }, 'E_ARGUMENT_INVALID'],
  ] as const) {
    assert.is(
      codeOf(() => readLease(['orders', wish])),
      code,
    );
  }
});

test('no more than MAILBOX_PEEK_COUNT_MAX are shown at a time', () => {
  assert.is(readPeek(['a:b', { count: MAILBOX_PEEK_COUNT_MAX }]).countMax, MAILBOX_PEEK_COUNT_MAX);
  const more = { count: MAILBOX_PEEK_COUNT_MAX + 1 };
  assert.is(
    codeOf(() => readPeek(['a:b', more])),
    'E_ARGUMENT_INVALID',
  );
});

test.run();
