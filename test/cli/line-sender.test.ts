import { PassThrough, Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LINE_BYTES_MAX, LineSender } from '../../src/cli/line-sender.ts';
import type { Client } from '../../src/client/client.ts';
import type { DeliverOptions } from '../../src/client/options.ts';
import { DagentError } from '../../src/protocol/errors.ts';

/** A client that keeps what is delivered until it is told what became of it. */
class Bench {
  readonly commands: string[] = [];
  readonly failures: string[] = [];
  readonly unsettled: ((error?: DagentError) => void)[] = [];
  /** What becomes of those that are kept. */
  readonly outcomes: ((error?: DagentError) => void)[] = [];
  /** Whether messages arrive at once. */
  isPrompt = true;
  readonly sender: LineSender;

  constructor(keepGoing = false, durable?: { ttlMs: undefined }) {
    const deliver = (
      _: string,
      command: string,
      { onOutcome }: DeliverOptions,
    ): Promise<{ state: string }> => {
      this.commands.push(command);
      const state = command === 'KEPT' ? 'cached' : 'delivered';
      if (state === 'cached') this.outcomes.push((error) => onOutcome?.(error));
      if (this.isPrompt) return Promise.resolve({ state });
      return new Promise((resolve, reject) => {
        this.unsettled.push((error) => (error === undefined ? resolve({ state }) : reject(error)));
      });
    };
    const send = (to: string): boolean => {
      this.commands.push(to);
      return true;
    };
    const client = { deliver, send } as unknown as Client;
    this.sender = new LineSender(client, {
      timeoutMs: 1,
      keepGoing,
      durable,
      onFailure: (line, { code }) => this.failures.push(`${line} ${code}`),
    });
  }

  send(...parts: string[]): Promise<void> {
    return this.sender.sendAll(Readable.from(parts.map((part) => Buffer.from(part))));
  }
}

function line(command: string, to = 'a'): string {
  return `${JSON.stringify({ to, command })}\n`;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('messages go out in their order, however the lines are cut', async () => {
  const bench = new Bench();
  const lines = ['A', 'B', 'C', 'D'].map((command) => line(command)).join('');
  await bench.send(...lines.slice(0, -1).split(/(?<=.)/));
  assert.equal(bench.commands, ['A', 'B', 'C', 'D']);
  assert.is(bench.sender.failure, undefined);
});

test('it counts the messages that are kept for receivers that are away', async () => {
  const bench = new Bench();
  await bench.send(line('A'), line('KEPT'), line('B'));
  assert.is(bench.sender.cachedCount, 1);
  assert.is(bench.sender.failure, undefined);
});

const FULL = new DagentError('E_CACHE_FULL', { to: 'a', node: 'root' });

test('what is kept no longer fails, and ends the reading of an input that goes on', async () => {
  const bench = new Bench();
  const input = new PassThrough();
  const sending = bench.sender.sendAll(input);
  input.write(line('A') + line('KEPT').repeat(3));
  await turn();
  bench.outcomes[0]?.();
  bench.outcomes[1]?.(FULL);
  await sending;
  assert.ok(input.destroyed);
  assert.equal(bench.failures, ['3 E_CACHE_FULL']);
  assert.is(bench.sender.failedCount, 1);
  assert.is(bench.sender.cachedCount, 1);
});

test('told to keep going, it tells of each that is kept no longer, until all is said', async () => {
  const bench = new Bench(true);
  bench.isPrompt = false;
  const sending = bench.send(line('KEPT').repeat(3));
  await turn();
  bench.unsettled[0]?.();
  bench.unsettled[1]?.();
  bench.outcomes[0]?.(FULL);
  bench.unsettled[2]?.();
  await sending;
  bench.outcomes[1]?.(FULL);
  assert.equal(bench.failures, ['1 E_CACHE_FULL']);
  assert.is(bench.sender.failedCount, 1);
  assert.is(bench.sender.cachedCount, 2);
});

test('empty lines are counted and send nothing', async () => {
  const bench = new Bench();
  await bench.send(`\n${line('A')}\r\n  \n{`);
  assert.equal(bench.commands, ['A']);
  assert.equal(bench.failures, ['5 E_MESSAGE_INVALID']);
});

test('the first line that is none ends it, and what comes behind is not sent', async () => {
  const bench = new Bench();
  await bench.send(`${line('A')}no\n${line('B')}`, line('C'));
  assert.equal(bench.commands, ['A']);
  assert.equal(bench.failures, ['2 E_MESSAGE_INVALID']);
  assert.is(bench.sender.failure?.error.code, 'E_MESSAGE_INVALID');
});

test('told to keep going, it sends the others and counts', async () => {
  const bench = new Bench(true);
  await bench.send(`${line('A')}no\n${line('B')}`, `[]\n${line('C')}`);
  assert.equal(bench.commands, ['A', 'B', 'C']);
  assert.equal(bench.failures, ['2 E_MESSAGE_INVALID', '4 E_MESSAGE_INVALID']);
  assert.is(bench.sender.failedCount, 2);
  assert.is(bench.sender.lineCount, 5);
});

test('a line without an end is refused once, and what comes behind it is sent', async () => {
  const bench = new Bench(true);
  const long = 'x'.repeat(LINE_BYTES_MAX);
  await bench.send(long, long, `${long}\n`, line('A'), `${long}x\n`, line('B'));
  assert.equal(bench.commands, ['A', 'B']);
  assert.equal(bench.failures, ['1 E_TOO_LARGE', '3 E_TOO_LARGE']);
});

test('no more than a thousand messages are on their way at a time', async () => {
  const bench = new Bench();
  bench.isPrompt = false;
  const sending = bench.send(line('A').repeat(2_500));
  await turn();
  assert.is(bench.commands.length, 1_000);
  bench.unsettled.shift()?.();
  await turn();
  assert.is(bench.commands.length, 1_001);
  bench.isPrompt = true;
  while (bench.unsettled.length > 0) bench.unsettled.shift()?.();
  await sending;
  assert.is(bench.commands.length, 2_500);
});

test('a message that is rejected ends the reading of an input that goes on', async () => {
  const bench = new Bench();
  bench.isPrompt = false;
  const input = new PassThrough();
  const sending = bench.sender.sendAll(input);
  input.write(line('A') + line('B'));
  await turn();
  bench.unsettled.shift()?.();
  bench.unsettled.shift()?.(new DagentError('E_NO_SERVICE', { node: 'a', service: 'b' }));
  await sending;
  assert.equal(bench.failures, ['2 E_NO_SERVICE']);
  assert.ok(input.destroyed);
});

test('the first refused line is named, though one behind it was answered before', async () => {
  const bench = new Bench();
  bench.isPrompt = false;
  const sending = bench.send(line('A').repeat(5));
  await turn();
  const refused = new DagentError('E_NO_SERVICE', { node: 'a', service: 'b' });
  bench.unsettled[3]?.(refused);
  await turn();
  assert.equal(bench.failures, []);
  for (const at of [4, 1, 2, 0]) bench.unsettled[at]?.(at === 1 ? refused : undefined);
  await sending;
  assert.equal(bench.failures, ['2 E_NO_SERVICE']);
  assert.is(bench.sender.failure?.line, 2);
  assert.is(bench.sender.failedCount, 2);
});

test('a line that is none waits for those before it to be told of', async () => {
  const bench = new Bench();
  bench.isPrompt = false;
  const sending = bench.send(`${line('A')}${line('B')}nonsense\n${line('C')}`);
  await turn();
  const refused = new DagentError('E_NO_SERVICE', { node: 'a', service: 'b' });
  for (const settle of bench.unsettled.toReversed()) settle(refused);
  await sending;
  assert.equal(bench.commands, ['A', 'B']);
  assert.equal(bench.failures, ['1 E_NO_SERVICE']);
  assert.is(bench.sender.failedCount, 3);
});

test('told to keep going, it knows the first line that failed', async () => {
  const bench = new Bench(true);
  bench.isPrompt = false;
  const sending = bench.send(line('A').repeat(3));
  await turn();
  const refused = new DagentError('E_NO_SERVICE', { node: 'a', service: 'b' });
  for (const settle of bench.unsettled.toReversed()) settle(refused);
  await sending;
  assert.equal(bench.failures, ['3 E_NO_SERVICE', '2 E_NO_SERVICE', '1 E_NO_SERVICE']);
  assert.is(bench.sender.failure?.line, 1);
});

test('nothing durable goes to many, or to a daemon itself', async () => {
  for (const to of ['*:cache', '.', '?']) {
    const bench = new Bench(false, { ttlMs: undefined });
    await bench.send(line('A', to) + line('B'));
    assert.equal(bench.commands, []);
    assert.equal(bench.failures, ['1 E_BROADCAST']);
  }
  const bench = new Bench(false, { ttlMs: undefined });
  await bench.send(line('A', 'web1:'));
  assert.equal(bench.failures, ['1 E_NO_MAILBOX']);
});

test('what goes to many is sent, and is not waited for', async () => {
  const bench = new Bench();
  bench.isPrompt = false;
  await bench.send(line('A', '*:cache'));
  assert.equal(bench.commands, ['*:cache']);
  assert.ok(bench.sender.hasBroadcasts);
});

test.run();
