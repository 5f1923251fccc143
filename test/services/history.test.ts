import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { packSample } from '../../src/protocol/figure-row.ts';
import { HISTORY_STEP_MS, type NodeHistory, parseHistory } from '../../src/protocol/history.ts';
import { HISTORY_MINUTES, HISTORY_NODES_MAX } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { BEAT_COMMAND, History } from '../../src/services/history.ts';
import { answering, createPair } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeView, sampleOf } from './view.ts';

/** The node `top` with children east and west, and web1 below east. */
class Bench {
  readonly clock = new FakeClock();
  readonly view = new FakeView().add('east', 'top').add('west', 'top').add('web1', 'east');
  readonly asked: string[] = [];
  answer: unknown = null;
  readonly history = new History({
    view: this.view,
    clock: this.clock,
    ask: async (parent, method, args) => {
      this.asked.push(`${parent} ${method} ${args}`);
      return this.answer;
    },
  });
  readonly #pair = createPair();

  constructor() {
    this.view.rtts.set('east', 2);
    this.#pair.there.handle('dagent', answering(this.history.methods));
  }

  async call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const { outcome } = openCall(this.#pair.here, 'there:', method, { args });
    return decodeValue((await outcome).data);
  }

  async read(...args: readonly unknown[]): Promise<NodeHistory> {
    const history = parseHistory(await this.call('stats.history', ...args));
    if (history === undefined) throw new Error('no history');
    return history;
  }

  async refusal(method: string, ...args: readonly unknown[]): Promise<string> {
    const thrown = await this.call(method, ...args).catch((error: unknown) => error);
    return thrown instanceof DagentError ? thrown.code : `no refusal: ${thrown}`;
  }
}

function seriesOf(history: NodeHistory, id: string) {
  return history.tracks.find((track) => track.id === id)?.values ?? [];
}

test('a parent remembers its children, with their round trips, and itself', async () => {
  const bench = new Bench();
  bench.history.fold('east', packSample(sampleOf(3)), null);
  bench.history.fold('top', packSample(sampleOf(4)), null);
  bench.clock.advance(HISTORY_STEP_MS);
  bench.history.fold('east', packSample(sampleOf(5)), 2);
  const east = await bench.read('east');
  assert.is(east.endAtMs, bench.clock.wallMs());
  assert.is(seriesOf(east, 'load1').length, HISTORY_MINUTES);
  assert.equal(seriesOf(east, 'load1').slice(-3), [null, 3, 5]);
  assert.is(seriesOf(east, 'rttMs').at(-1), 2);
  assert.equal(seriesOf(await bench.read('top'), 'load1').slice(-2), [4, null]);
});

test('of a node further down its parent is asked, once', async () => {
  const bench = new Bench();
  bench.answer = { node: 'web1', endAtMs: 5, stepMs: 60_000, tracks: [] };
  assert.equal(await bench.read('web1'), bench.answer);
  assert.equal(bench.asked, ['east stats.history web1,true']);
  assert.is(await bench.refusal('stats.history', 'web1', true), 'E_NO_HISTORY');
  assert.is(bench.asked.length, 1);
});

test('what a parent says of somebody else, or of nobody, is not believed', async () => {
  const bench = new Bench();
  for (const answer of [null, { node: 'web2', endAtMs: 5, stepMs: 60_000, tracks: [] }, 7]) {
    bench.answer = answer;
    assert.is(await bench.refusal('stats.history', 'web1'), 'E_NO_HISTORY');
  }
});

test('of who has told nothing yet, or is not there, nothing is remembered', async () => {
  const bench = new Bench();
  assert.is(await bench.refusal('stats.history', 'west'), 'E_NO_HISTORY');
  assert.is(await bench.refusal('stats.history', 'stranger'), 'E_NO_HISTORY');
  for (const odd of [undefined, 7, 'a b']) {
    assert.is(await bench.refusal('stats.history', odd), 'E_ARGUMENT_INVALID');
  }
});

test('figures are taken from children only, and only such that make sense', async () => {
  const bench = new Bench();
  const { history } = bench;
  const [command, data] = [BEAT_COMMAND, pack(packSample(sampleOf(1)))];
  for (const odd of [
    { from: 'web1:', command, data },
    { from: 'east:printer', command, data },
    { from: 'stranger:', command, data },
    { from: '', command, data },
    { from: 'east:', command: 'OTHER', data },
    { from: 'east:', command, data: pack(['high']) },
    { from: 'east:', command, data: Buffer.from([0xc1]) },
  ]) {
    assert.is(history.take(odd), false);
  }
  assert.is(history.take({ from: 'east:', command, data }), true);
  assert.is(seriesOf(await bench.read('east'), 'load1').at(-1), 1);
});

test('a node that is lost is remembered until it is forgotten', async () => {
  const bench = new Bench();
  bench.history.fold('east', packSample(sampleOf(3)), null);
  bench.view.add('east', 'top', 'lost');
  assert.is(seriesOf(await bench.read('east'), 'load1').at(-1), 3);
  bench.history.forget('east');
  assert.is(await bench.refusal('stats.history', 'east'), 'E_NO_HISTORY');
});

test('a node that went to another parent is forgotten an hour later', async () => {
  const bench = new Bench();
  bench.history.fold('east', packSample(sampleOf(3)), null);
  bench.clock.advance((HISTORY_MINUTES - 1) * HISTORY_STEP_MS);
  bench.history.forgetOld();
  await bench.read('east');
  bench.clock.advance(HISTORY_STEP_MS);
  bench.history.forgetOld();
  assert.is(await bench.refusal('stats.history', 'east'), 'E_NO_HISTORY');
});

test('HISTORY_NODES_MAX are remembered; who was silent for an hour makes room', async () => {
  const bench = new Bench();
  const row = packSample(sampleOf(1));
  for (let at = 0; at < HISTORY_NODES_MAX + 1; at++) {
    bench.view.add(`web${at}`, 'top');
    bench.history.fold(`web${at}`, row, null);
  }
  await bench.read(`web${HISTORY_NODES_MAX - 1}`);
  const last = `web${HISTORY_NODES_MAX}`;
  assert.is(await bench.refusal('stats.history', last), 'E_NO_HISTORY');
  bench.clock.advance(HISTORY_MINUTES * HISTORY_STEP_MS);
  bench.history.fold(last, row, null);
  await bench.read(last);
});

test.run();
