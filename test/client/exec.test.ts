import { mock } from 'node:test';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import { type RemoteCommand, startCommand } from '../../src/client/exec.ts';
import type { Answering } from '../../src/endpoint/answering.ts';
import { openCall } from '../../src/endpoint/methods.ts';
import { DagentError, type ErrorCode } from '../../src/protocol/errors.ts';
import { Channel, type ExecResult, type Verdict } from '../../src/protocol/exec.ts';
import { EXEC_SILENCE_MS, STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { pack, unpackMap } from '../../src/protocol/pack.ts';
import { createPair, type Pair, quiet } from '../endpoint/pair.ts';

const OK: ExecResult = { verdict: 'ok', code: 0, ms: 7 };

/** A command on the node `there`, which the test plays, and its caller. */
class Bench {
  readonly pair: Pair = createPair();
  readonly output: string[] = [];
  /** Pieces of output that were not done with yet. */
  readonly undone: (() => void)[] = [];
  readonly command: RemoteCommand;
  startCount = 0;
  exchange: Answering | undefined;

  constructor(connectMs?: number) {
    this.pair.there.handle('dagent', {
      onRequest: (exchange) => {
        this.exchange = exchange;
      },
    });
    const client = {
      openCall: (to: string, method: string, args: readonly unknown[], timeoutMs?: number) =>
        openCall(this.pair.here, to, method, { args, timeoutMs }),
    } as unknown as Client;
    const spec = { argv: ['work'], hasStdin: true, connectMs };
    this.command = startCommand(client, 'there', spec, {
      onStart: () => this.startCount++,
      onOutput: (channel, bytes, done) => {
        this.output.push(`${channel} ${bytes.length > 20 ? bytes.length : bytes}`);
        this.undone.push(done);
      },
    });
  }

  /** The command as its node has it, once it has come there. */
  async played(): Promise<Answering> {
    await quiet();
    if (this.exchange === undefined) throw new Error('it did not come');
    return this.exchange;
  }

  async end(value: unknown): Promise<ExecResult> {
    (await this.played()).reply({ data: pack(value) });
    return this.command.result;
  }
}

test('a node is asked for what is to be run', async () => {
  const bench = new Bench();
  const { request } = await bench.played();
  assert.is(request.command, 'exec.run');
  assert.is(request.to, 'there:dagent');
  assert.equal(unpackMap(request.data).args, [{ argv: ['work'], hasStdin: true }]);
  assert.equal(await bench.end(OK), OK);
});

test('its start and its output are handed on, and more comes when they are done with', async () => {
  const bench = new Bench();
  const played = await bench.played();
  played.progress({ state: 'started', pid: 7 });
  played.progress({ state: 'running' });
  played.write(Channel.STDOUT, Buffer.from('out'));
  played.write(Channel.STDERR, Buffer.from('err'));
  await quiet();
  assert.is(bench.startCount, 1);
  assert.equal(bench.output, ['stdout out', 'stderr err']);
  assert.not.ok(played.write(Channel.STDOUT, Buffer.alloc(2 * STREAM_WINDOW_BYTES)));
  await quiet();
  assert.ok(played.hasQueued);
  while (played.hasQueued) {
    for (const done of bench.undone.splice(0)) done();
    await quiet();
  }
  await bench.end(OK);
});

test('progress of any shape is borne', async () => {
  const bench = new Bench();
  const played = await bench.played();
  for (const value of [null, 7, 'started', [], { state: {} }]) played.progress(value);
  await bench.end(OK);
  assert.is(bench.startCount, 0);
});

test('stdin goes there under credit, and whoever waits to write is woken', async () => {
  const bench = new Bench();
  const { command } = bench;
  const played = await bench.played();
  const heard: number[] = [];
  played.onData = (_, bytes) => heard.push(bytes.length);
  await command.drained();
  assert.ok(command.writeStdin(Buffer.alloc(10)));
  assert.not.ok(command.writeStdin(Buffer.alloc(2 * STREAM_WINDOW_BYTES)));
  let hasDrained = false;
  const drained = command.drained().then(() => {
    hasDrained = true;
  });
  await quiet();
  assert.not.ok(hasDrained);
  played.grant(2 * STREAM_WINDOW_BYTES);
  await drained;
  let hasEnded = false;
  played.onEnd = () => {
    hasEnded = true;
  };
  command.endStdin();
  await quiet();
  assert.ok(hasEnded);
  await bench.end(OK);
});

test('who writes stdin to what is over is not held up', async () => {
  const bench = new Bench();
  const { command } = bench;
  await bench.played();
  command.writeStdin(Buffer.alloc(2 * STREAM_WINDOW_BYTES));
  const drained = command.drained();
  await bench.end(OK);
  await drained;
  await command.drained();
  assert.ok(command.writeStdin(Buffer.alloc(2 * STREAM_WINDOW_BYTES)));
  command.endStdin();
});

test('cancelling is asked for there; the verdict still comes from there', async () => {
  const bench = new Bench();
  let isCancelled = false;
  const played = await bench.played();
  played.onCancel = () => {
    isCancelled = true;
  };
  bench.command.cancel();
  await quiet();
  assert.ok(isCancelled);
  const result = { verdict: 'cancelled', signal: 'SIGTERM', ms: 3 } as const;
  assert.equal(await bench.end(result), result);
});

test('an answer that is no verdict is none', async () => {
  for (const value of [null, 'ok', {}, { verdict: 'fine', ms: 1 }, { verdict: 'ok' }]) {
    const { verdict, code, reason } = await new Bench().end(value);
    assert.is(verdict, 'not-started');
    assert.is(code, 125);
    assert.is(reason, 'the answer is no verdict');
  }
});

const VERDICT_OF: readonly (readonly [ErrorCode, Verdict])[] = [
  ['E_UNREACHABLE', 'unreachable'],
  ['E_NO_SERVICE', 'unreachable'],
  ['E_HOP_LIMIT', 'unreachable'],
  ['E_LOST', 'lost'],
  ['E_DEADLINE', 'no-reply'],
  ['E_NO_METHOD', 'not-started'],
  ['E_REMOTE', 'not-started'],
  ['E_TOO_MANY_REQUESTS', 'not-started'],
];

for (const [code, verdict] of VERDICT_OF) {
  test(`${code} on the way means ${verdict}`, async () => {
    const bench = new Bench();
    const values = { to: 'there:', node: 'hub', via: 'hub', ms: 5, max: 64 };
    (await bench.played()).reject({ code, values, origin: 'hub' });
    const result = await bench.command.result;
    assert.is(result.verdict, verdict);
    assert.is(result.via, 'hub');
    assert.ok((result.reason ?? '').length > 0);
  });
}

for (const code of ['E_CONNECTION_LOST', 'E_LEAVING', 'E_SLOW_PEER'] as const) {
  test(`a connection that ends with ${code} means that the command is lost`, async () => {
    const bench = new Bench();
    await bench.played();
    bench.pair.here.close(new DagentError(code, { node: 'here', reason: 'x', bytes: 1, max: 1 }));
    assert.is((await bench.command.result).verdict, 'lost');
  });
}

test('a node that does not say in time that it has the command is given up as late', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const late = new Bench(500);
    const played = await late.played();
    let isCancelled = false;
    played.onCancel = () => {
      isCancelled = true;
    };
    mock.timers.tick(500);
    const { verdict, limit } = await late.command.result;
    assert.equal([verdict, limit], ['timeout', 'connect']);
    await quiet();
    assert.ok(isCancelled);
    const prompt = new Bench(500);
    (await prompt.played()).progress({ state: 'started', pid: 7 });
    await quiet();
    mock.timers.tick(501);
    assert.equal(await prompt.end(OK), OK);
  } finally {
    mock.timers.reset();
  }
});

test('a node that says nothing for too long is given up, and told so', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const bench = new Bench();
    const played = await bench.played();
    let isCancelled = false;
    played.onCancel = () => {
      isCancelled = true;
    };
    mock.timers.tick(EXEC_SILENCE_MS - 1);
    await quiet();
    assert.not.ok(isCancelled);
    mock.timers.tick(1);
    assert.is((await bench.command.result).verdict, 'no-reply');
    await quiet();
    assert.ok(isCancelled);
    // What comes too late is not heard.
    played.progress({ state: 'started' });
    await quiet();
    assert.is(bench.startCount, 0);
  } finally {
    mock.timers.reset();
  }
});

test.run();
