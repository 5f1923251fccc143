import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Deposits } from '../../src/client/deposits.ts';
import type { Link } from '../../src/client/link.ts';
import { DagentError, type ErrorCode } from '../../src/protocol/errors.ts';
import {
  MAILBOX_PIECE_BYTES,
  MAILBOX_PIECE_COUNT,
  UNSTORED_BYTES_MAX,
  UNSTORED_COUNT_MAX,
} from '../../src/protocol/limits.ts';
import { pack, unpackMap } from '../../src/protocol/pack.ts';

/** A message that a daemon was asked to store, and what it says of it. */
interface Asked {
  readonly sequence: number;
  answer(error?: DagentError): void;
}

/** A call with messages, and what is to become of all of them. */
interface Call {
  readonly sequences: readonly number[];
  readonly runCount: number;
  fail(error: DagentError): void;
}

/** A connection whose daemon answers when the test says so. */
class FakeLink {
  readonly record = { name: 'root' };
  readonly asked: Asked[] = [];
  readonly calls: Call[] = [];
  lost: DagentError | undefined;
  readonly endpoint = {
    request: ({ data }: { data: Buffer }) => ({
      whenOver: (resolve: (reply: { data: Buffer }) => void, fail: Call['fail']): void => {
        if (this.lost !== undefined) return fail(this.lost);
        const runs = unpackMap(data).args as { sequence: number; contents: unknown[] }[];
        const messages = runs.flatMap(({ sequence, contents }) =>
          contents.map((_, index) => ({ sequence: sequence + index })),
        );
        const outcomes = new Map<number, unknown>();
        const sequences = messages.map(({ sequence }) => sequence);
        this.calls.push({ sequences, runCount: runs.length, fail });
        for (const { sequence } of messages) {
          const answer = (error?: DagentError): void => {
            outcomes.set(sequence, error?.toData() ?? null);
            if (outcomes.size < messages.length) return;
            resolve({ data: pack(messages.map((each) => outcomes.get(each.sequence))) });
          };
          this.asked.push({ sequence, answer });
        }
      },
    }),
  };

  break(): void {
    this.lost = new DagentError('E_CONNECTION_LOST', { node: 'root', reason: 'it broke' });
    for (const { fail } of this.calls) fail(this.lost);
  }
}

/** Settles when what was sent in this turn has gone. */
const turn = (): Promise<void> => Promise.resolve().then(() => undefined);

function depositsBy(link: FakeLink, isStanding = true): Deposits {
  return new Deposits(link as unknown as Link, isStanding);
}

const DURABLE = { durable: true } as const;

async function codeOf(promise: Promise<void>): Promise<ErrorCode | undefined> {
  return promise.then(
    () => undefined,
    (error: DagentError) => error.code,
  );
}

test('what was not answered goes by the next connection, in order, with the same ids', async () => {
  const [first, second] = [new FakeLink(), new FakeLink()];
  const deposits = depositsBy(first);
  const early = deposits.send('a:b', 'N', DURABLE);
  await turn();
  const sent = [2, 3].map(() => deposits.send('a:b', 'N', DURABLE));
  await turn();
  first.asked[0]?.answer();
  await early;
  first.break();
  const late = deposits.send('a:b', 'N', DURABLE);
  await turn();
  assert.equal(
    first.calls.map(({ sequences }) => sequences),
    [[1], [2, 3]],
  );
  deposits.resume(second as unknown as Link);
  await turn();
  assert.equal(
    second.asked.map(({ sequence }) => sequence),
    [2, 3, 4],
  );
  for (const { answer } of second.asked) answer();
  await Promise.all([...sent, late, deposits.idle()]);
});

test('what the node refuses is told; what it did not answer in time is sent again', async () => {
  const link = new FakeLink();
  const deposits = depositsBy(link);
  const [full, fine] = [deposits.send('a:b', 'N', DURABLE), deposits.send('a:b', 'N', DURABLE)];
  await turn();
  link.asked[0]?.answer(new DagentError('E_MAILBOX_FULL'));
  link.asked[1]?.answer();
  assert.is(await codeOf(full), 'E_MAILBOX_FULL');
  await fine;
  const slow = deposits.send('a:b', 'N', DURABLE);
  await turn();
  link.calls[1]?.fail(new DagentError('E_DEADLINE', { to: 'root:', ms: 1 }));
  await turn();
  assert.equal(link.calls[2]?.sequences, [3]);
  link.asked[3]?.answer();
  await slow;
});

test('without another connection it fails with what broke the one', async () => {
  const link = new FakeLink();
  const deposits = depositsBy(link, false);
  const sent = codeOf(deposits.send('a:b', 'N', DURABLE));
  await turn();
  link.break();
  assert.is(await sent, 'E_CONNECTION_LOST');
  assert.is(await codeOf(deposits.send('a:b', 'N', DURABLE)), 'E_CONNECTION_LOST');
  await deposits.idle();
});

test('what is sent when there is no connection any more fails with why', async () => {
  const deposits = depositsBy(new FakeLink());
  deposits.fail(new DagentError('E_CONNECTION_LOST', { node: 'root', reason: 'it is closed' }));
  assert.is(await codeOf(deposits.send('a:b', 'N', DURABLE)), 'E_CONNECTION_LOST');
  await deposits.idle();
});

test('what is for many, for a daemon itself, or says nothing is refused unsent', async () => {
  const link = new FakeLink();
  const deposits = depositsBy(link);
  assert.is(await codeOf(deposits.send('*:b', 'N', DURABLE)), 'E_BROADCAST');
  assert.is(await codeOf(deposits.send('a:', 'N', DURABLE)), 'E_NO_MAILBOX');
  assert.is(await codeOf(deposits.send('a:b', '', DURABLE)), 'E_ARGUMENT_INVALID');
  await turn();
  assert.equal(link.calls, []);
});

test('a signal and a time end the waiting', async () => {
  const link = new FakeLink();
  const deposits = depositsBy(link);
  const abort = new AbortController();
  const ended = deposits.send('a:b', 'N', { ...DURABLE, signal: abort.signal });
  abort.abort(new Error('enough'));
  assert.is(await ended.catch((error: Error) => error.message), 'enough');
  assert.is(await codeOf(deposits.send('a:b', 'N', { ...DURABLE, timeoutMs: 1 })), 'E_DEADLINE');
  await deposits.idle();
});

test('a signal that has come before keeps it from being sent', async () => {
  const link = new FakeLink();
  const signal = AbortSignal.abort(new Error('enough'));
  const sent = depositsBy(link).send('a:b', 'N', { ...DURABLE, signal });
  assert.is(await sent.catch((error: Error) => error.message), 'enough');
  await turn();
  assert.equal(link.calls, []);
});

test('what waits to be stored is bounded, by number and by bytes', async () => {
  const byNumber = depositsBy(new FakeLink());
  const send = (deposits: Deposits, data?: Buffer): Promise<void> =>
    deposits.send('a:b', 'N', { ...DURABLE, data });
  const waiting = Array.from({ length: UNSTORED_COUNT_MAX }, () => codeOf(send(byNumber)));
  assert.is(await codeOf(send(byNumber)), 'E_TOO_MANY_UNSTORED');
  byNumber.fail(new DagentError('E_CONNECTION_LOST', { node: 'root', reason: 'the end' }));
  assert.is((await Promise.all(waiting)).length, UNSTORED_COUNT_MAX);
  const byBytes = depositsBy(new FakeLink());
  const data = Buffer.alloc(524_288);
  for (let bytes = 0; bytes < UNSTORED_BYTES_MAX; bytes += data.length) {
    send(byBytes, data).catch(() => undefined);
  }
  assert.is(await codeOf(send(byBytes)), 'E_TOO_MANY_UNSTORED');
});

test('an id of the program is taken as it is; what is none is refused', async () => {
  const link = new FakeLink();
  const deposits = depositsBy(link);
  void deposits.send('a:b', 'N', { ...DURABLE, id: '00000000000000aa.7' });
  await turn();
  assert.is(link.asked[0]?.sequence, 7);
  for (const id of ['', 'x.1', '00000000000000aa.0', '00000000000000aa.1.5']) {
    assert.is(await codeOf(deposits.send('a:b', 'N', { ...DURABLE, id })), 'E_ARGUMENT_INVALID');
  }
});

test('messages that are numbered one by one to one address are one run of a call', async () => {
  const link = new FakeLink();
  const deposits = depositsBy(link);
  const send = (to: string, more: { ttlMs?: number; id?: string } = {}) =>
    void deposits.send(to, 'N', { ...DURABLE, ...more });
  for (let count = 0; count < 3; count++) send('a:b');
  send('a:c');
  for (let count = 0; count < 2; count++) send('a:b');
  send('a:b', { ttlMs: 1_000 });
  for (const sequence of [5, 6, 8]) send('a:b', { id: `00000000000000aa.${sequence}` });
  await turn();
  assert.equal(link.calls[0]?.sequences, [1, 2, 3, 1, 4, 5, 6, 5, 6, 8]);
  assert.is(link.calls[0]?.runCount, 6);
});

test('one call has a bounded number of messages, and of bytes', async () => {
  const link = new FakeLink();
  const deposits = depositsBy(link);
  const send = (data?: Buffer) => void deposits.send('a:b', 'N', { ...DURABLE, data });
  for (let count = 0; count < MAILBOX_PIECE_COUNT + 1; count++) send();
  await turn();
  assert.equal(
    link.calls.map(({ sequences }) => sequences.length),
    [MAILBOX_PIECE_COUNT, 1],
  );
  for (let count = 0; count < 3; count++) send(Buffer.alloc(MAILBOX_PIECE_BYTES / 2));
  await turn();
  assert.equal(
    link.calls.slice(2).map(({ sequences }) => sequences.length),
    [1, 1, 1],
  );
  const numbers = link.calls.flatMap(({ sequences }) => sequences);
  assert.equal(
    numbers,
    numbers.map((_, index) => index + 1),
  );
});

test.run();
