import { mock } from 'node:test';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Drive } from '../../src/cli/exec-drive.ts';
import type { Pace } from '../../src/cli/exec-schedule.ts';
import type { RemoteCommand } from '../../src/client/exec.ts';
import type { ExecResult } from '../../src/protocol/exec.ts';
import { quiet } from '../endpoint/pair.ts';
import { OK } from './exec-streams.ts';

const FAILED: ExecResult = { verdict: 'failed', code: 1, ms: 1 };

/** A run whose commands the test plays. */
class Bench {
  readonly started: string[] = [];
  readonly cancelled: string[] = [];
  readonly finished: string[] = [];
  readonly overall: (number | undefined)[] = [];
  readonly #ends = new Map<string, (result: ExecResult) => void>();
  readonly drive: Drive;

  constructor(count: number, pace: Pace, overallMs?: number) {
    const targets = Array.from({ length: count }, (_, number) => `n${number}`);
    const start = (target: string, _rank: number, left: number | undefined): RemoteCommand => {
      this.started.push(target);
      this.overall.push(left);
      const result = new Promise<ExecResult>((resolve) => this.#ends.set(target, resolve));
      const cancel = (): void => void this.cancelled.push(target);
      return { target, result, cancel } as RemoteCommand;
    };
    const finish = (target: string, { verdict }: ExecResult): void =>
      void this.finished.push(`${target} ${verdict}`);
    this.drive = new Drive(targets, { start, finish }, { pace, overallMs });
    this.drive.begin();
  }

  async end(result: ExecResult, ...targets: string[]): Promise<void> {
    for (const target of targets) this.#ends.get(target)?.(result);
    await quiet();
  }

  async verdicts(): Promise<string[]> {
    const results = await this.drive.results;
    return results.map(({ target, verdict, reason }) => [target, verdict, reason].join(' ').trim());
  }
}

test('each target has its verdict, in the order of the targets', async () => {
  const bench = new Bench(3, {});
  await bench.end(OK, 'n2', 'n0');
  await bench.end(FAILED, 'n1');
  assert.equal(await bench.verdicts(), ['n0 ok', 'n1 failed', 'n2 ok']);
  assert.equal(bench.finished, ['n2 ok', 'n0 ok', 'n1 failed']);
});

test('what is not started because others failed is skipped, and why is said', async () => {
  const bench = new Bench(4, { canary: 1 });
  assert.equal(bench.started, ['n0']);
  await bench.end(FAILED, 'n0');
  const reason = 'the canary failed';
  assert.equal(await bench.verdicts(), [
    'n0 failed',
    ...['n1', 'n2', 'n3'].map((name) => `${name} skipped ${reason}`),
  ]);
  assert.is(bench.finished.length, 4);
});

test('who is interrupted ends what runs, and skips the rest', async () => {
  const bench = new Bench(3, { fanout: 2 });
  bench.drive.cancel('it was interrupted');
  assert.equal(bench.cancelled, ['n0', 'n1']);
  await bench.end({ verdict: 'cancelled', ms: 1 }, 'n0', 'n1');
  assert.equal(await bench.verdicts(), [
    'n0 cancelled',
    'n1 cancelled',
    'n2 skipped it was interrupted',
  ]);
});

test('the time for all bounds those that run, and those that never did', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const bench = new Bench(2, { fanout: 1 }, 1_000);
    assert.ok((bench.overall[0] ?? 0) > 900);
    mock.timers.tick(1_000);
    assert.equal(bench.cancelled, []);
    await bench.end({ verdict: 'timeout', limit: 'overall', ms: 1_000 }, 'n0');
    const late = 'n1 timeout the time for all was over';
    assert.equal(await bench.verdicts(), ['n0 timeout', late]);
  } finally {
    mock.timers.reset();
  }
});

test('who waits for its part of the splay can be called off', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const bench = new Bench(2, { splayMs: 1e9 });
    assert.equal(bench.started, []);
    bench.drive.cancel('it was interrupted');
    const rest = ['n0', 'n1'].map((name) => `${name} skipped it was interrupted`);
    assert.equal(await bench.verdicts(), rest);
    mock.timers.tick(1e9);
    assert.equal(bench.started, []);
  } finally {
    mock.timers.reset();
  }
});

test('what cannot even be asked for ends the run', async () => {
  const drive = new Drive(
    ['a'],
    {
      start: () => {
        throw new Error('odd');
      },
      finish: () => undefined,
    },
    { pace: {}, overallMs: undefined },
  );
  drive.begin();
  const error = await drive.results.catch((thrown) => thrown);
  assert.is(error.message, 'odd');
});

test.run();
