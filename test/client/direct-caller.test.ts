import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DirectCaller } from '../../src/client/direct-caller.ts';
import type { Transport } from '../../src/ports/transport.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { DIRECT_RETRY_MS, DIRECT_WITHIN_MS } from '../../src/protocol/limits.ts';
import { createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';

/** A program that asks for a connection, and another that gives none. */
class Bench {
  readonly clock = new FakeClock();
  readonly #pair = createPair();
  readonly #caller: DirectCaller;
  askedCount = 0;
  isHere = true;

  constructor() {
    this.#pair.there.onReserved = (exchange) => {
      this.askedCount++;
      exchange.reject({ code: 'E_NOT_UNDERSTOOD', values: {} });
    };
    const refuse = (): Promise<never> => Promise.reject(new DagentError('E_NOT_OURS'));
    const transport: Transport = { dial: refuse, listen: refuse };
    this.#caller = new DirectCaller({
      endpoint: this.#pair.here,
      directory: '/nowhere',
      transport,
      clock: this.clock,
      writeMain: () => undefined,
      isHere: () => this.isHere,
      onDrain: () => undefined,
    });
  }

  /** DIRECT_AFTER_COUNT messages more, after some time. */
  async burst(afterMs: number): Promise<number> {
    this.clock.advance(afterMs);
    this.#caller.consider(this.#pair.here.laneOf('here:printer'));
    await quiet();
    await quiet();
    return this.askedCount;
  }
}

test('who sends much, but slowly, gets no connection', async () => {
  const bench = new Bench();
  for (let count = 0; count < 5; count++) {
    assert.is(await bench.burst(DIRECT_WITHIN_MS + 1), 0);
  }
  assert.is(await bench.burst(DIRECT_WITHIN_MS), 1);
});

test('a service that is not of this node is not asked for a connection', async () => {
  const bench = new Bench();
  bench.isHere = false;
  for (let count = 0; count < 3; count++) assert.is(await bench.burst(1), 0);
  bench.isHere = true;
  assert.is(await bench.burst(1), 1);
});

test('one that was refused is asked again after a while, and not before', async () => {
  const bench = new Bench();
  await bench.burst(0);
  assert.is(await bench.burst(0), 1);
  assert.is(await bench.burst(DIRECT_RETRY_MS - 2), 1);
  assert.is(await bench.burst(1), 1);
  assert.is(await bench.burst(1), 2);
});

test.run();
