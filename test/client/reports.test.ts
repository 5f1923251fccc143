import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Reports } from '../../src/client/reports.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import {
  REPORT_BATCH_COUNT,
  REPORT_CLOSE_MS,
  REPORT_FLUSH_MS,
  REPORT_SERIES_MAX,
} from '../../src/protocol/limits.ts';
import type { Report } from '../../src/protocol/series.ts';
import { quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';

const LOST = new DagentError('E_CONNECTION_LOST', { node: 'web1', reason: 'gone' });

/** A program that reports, and its node, which the test plays. */
class Bench {
  readonly clock = new FakeClock();
  isUp = true;
  /** Whether the node leaves the program waiting. */
  isStuck = false;
  /** Why the node refuses a name. */
  readonly refusals = new Map<string, DagentError>();
  readonly batches: (readonly Report[])[] = [];
  #fail: (error: DagentError) => void = () => undefined;
  readonly reports = new Reports({
    clock: this.clock,
    isUp: () => this.isUp,
    put: (reports) => this.#put(reports),
  });

  #put(reports: readonly Report[]): Promise<(DagentError | undefined)[]> {
    this.batches.push(reports);
    if (!this.isStuck) return Promise.resolve(reports.map(({ name }) => this.refusals.get(name)));
    return new Promise((_, reject) => {
      this.#fail = reject;
    });
  }

  add(name: string, value: number, kind: Report['kind'] = 'counter'): void {
    this.reports.add(name, value, { kind });
  }

  async pass(ms = REPORT_FLUSH_MS): Promise<void> {
    this.clock.advance(ms);
    await quiet();
  }

  async lose(): Promise<void> {
    this.isUp = false;
    this.#fail(LOST);
    await quiet();
  }

  /** Names and values that have reached the node. */
  get sent(): string[] {
    return this.batches.flat().map(({ name, value }) => `${name} ${JSON.stringify(value)}`);
  }

  get figures(): object {
    const { refusal, ...figures } = this.reports.statistics();
    return figures;
  }
}

const NONE = { pending: 0, taken: 0, refused: 0, dropped: 0 };

test('what is reported gathers, and goes to the node together', async () => {
  const bench = new Bench();
  for (const value of [1, 2, 3]) bench.add('orders', value);
  bench.add('depth', 9, 'gauge');
  bench.add('depth', 7, 'gauge');
  await bench.pass(REPORT_FLUSH_MS - 1);
  assert.equal(bench.sent, []);
  assert.equal(bench.figures, { ...NONE, pending: 5 });
  await bench.pass(1);
  assert.equal(bench.sent, ['orders 6', 'depth 7']);
  assert.equal(bench.figures, { ...NONE, taken: 5 });
});

test('who reports nothing has no timer', async () => {
  const bench = new Bench();
  bench.add('orders', 1);
  await bench.pass();
  await bench.pass();
  assert.is(bench.clock.timerCount, 0);
  assert.is(bench.batches.length, 1);
});

test('many series go in several calls', async () => {
  const bench = new Bench();
  for (let at = 0; at < REPORT_BATCH_COUNT + 1; at++) bench.add(`s${at}`, 1);
  await bench.pass();
  const sizes = bench.batches.map((batch) => batch.length);
  assert.equal(sizes, [REPORT_BATCH_COUNT, 1]);
});

test('without a connection it gathers, and goes by the next one', async () => {
  const bench = new Bench();
  bench.isUp = false;
  bench.add('orders', 1);
  await bench.pass();
  bench.add('orders', 2);
  assert.equal(bench.sent, []);
  bench.isUp = true;
  bench.reports.resume();
  await bench.pass();
  assert.equal(bench.sent, ['orders 3']);
});

test('what was on its way when the connection broke is not sent twice, and is told', async () => {
  const bench = new Bench();
  bench.isStuck = true;
  bench.add('orders', 1);
  bench.add('orders', 1);
  await bench.pass();
  bench.add('orders', 5);
  await bench.lose();
  assert.equal(bench.figures, { ...NONE, pending: 1, dropped: 2 });
});

test('what the node refuses is counted, with the reason', async () => {
  const bench = new Bench();
  const values = { name: 'orders', known: 'gauge', given: 'counter' };
  bench.refusals.set('orders', new DagentError('E_REPORT_KIND', values));
  bench.add('orders', 1);
  bench.add('hits', 1);
  await bench.pass();
  assert.equal(bench.figures, { ...NONE, taken: 1, refused: 1 });
  assert.is(bench.reports.statistics().refusal?.code, 'E_REPORT_KIND');
});

test('more than REPORT_SERIES_MAX series that wait are dropped, and counted', () => {
  const bench = new Bench();
  for (let at = 0; at < REPORT_SERIES_MAX + 3; at++) bench.add(`s${at}`, 1);
  assert.equal(bench.figures, { ...NONE, pending: REPORT_SERIES_MAX, dropped: 3 });
});

test('a mistake of the program is thrown at once', () => {
  const bench = new Bench();
  bench.add('orders', 1);
  const codeOf = (add: () => void): string => {
    try {
      add();
      return 'none';
    } catch (error) {
      return (error as DagentError).code;
    }
  };
  assert.is(
    codeOf(() => bench.add('orders', 1, 'gauge')),
    'E_REPORT_KIND',
  );
  assert.is(
    codeOf(() => bench.add('or ders', 1)),
    'E_ARGUMENT_INVALID',
  );
  for (const own of ['dagent.z', 'host.z']) {
    assert.is(
      codeOf(() => bench.add(own, 1)),
      'E_ARGUMENT_INVALID',
    );
  }
  assert.is(
    codeOf(() => bench.add('orders', Number.NaN)),
    'E_ARGUMENT_INVALID',
  );
});

test('the end sends what is left', async () => {
  const bench = new Bench();
  bench.add('orders', 1);
  await bench.reports.finish();
  assert.equal(bench.sent, ['orders 1']);
  assert.is(bench.reports.isIdle, true);
  assert.is(bench.clock.timerCount, 0);
});

test('the end waits no longer than REPORT_CLOSE_MS for a node that does not answer', async () => {
  const bench = new Bench();
  bench.isStuck = true;
  bench.add('orders', 1);
  let isOver = false;
  void bench.reports.finish().then(() => {
    isOver = true;
  });
  await bench.pass(REPORT_CLOSE_MS - 1);
  assert.is(isOver, false);
  await bench.pass(1);
  assert.is(isOver, true);
});

test('what is left when it is over is told as dropped, and what follows is thrown', async () => {
  const bench = new Bench();
  bench.isUp = false;
  bench.add('orders', 1);
  await bench.reports.finish();
  bench.reports.fail(LOST);
  assert.throws(
    () => bench.add('orders', 1),
    (error: unknown) => error === LOST,
  );
  assert.equal(bench.figures, { ...NONE, dropped: 1 });
  assert.is(bench.clock.timerCount, 0);
});

test.run();
