import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Asking } from '../../src/endpoint/asking.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import {
  createRouteMethods,
  type LinkRecord,
  type RouteRecord,
} from '../../src/services/route-list.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';

const LINK: LinkRecord = {
  ...{ type: 'link', peer: 'east', as: 'child', rttMs: 1, heardMs: 5, isSlow: false },
  ...{ sentBytes: 0, heardBytes: 0 },
  ...{ asking: 0, serving: 0 },
};

type Line = Readonly<Record<string, unknown>>;

function routeTo(number: number): RouteRecord {
  const isLost = number % 10 === 0;
  return {
    ...{ type: 'route', node: `n${number}`, role: 'leaf', parent: 'east' },
    ...{ state: isLost ? 'lost' : 'up', via: isLost ? null : 'east', metric: 1 + (number % 3) },
    ...{ reach: 'below', seqno: 1, nearest: 1, others: [] },
  };
}

/** A table of so many routes, and how many of them were looked at. */
class Bench {
  readonly clock = new FakeClock();
  looked = 0;
  readonly #pair = createPair();

  constructor(count: number) {
    const bench = this;
    const methods = createRouteMethods(
      {
        table: () => ({
          ...{ type: 'table', node: 'hq', role: 'root', realm: 'x', defaultVia: null },
          ...{ routes: count, lost: 0, links: 1 },
        }),
        links: () => [LINK],
        hints: () => [],
        *routes() {
          for (let number = 1; number <= count; number++) {
            bench.looked++;
            yield routeTo(number);
          }
        },
      },
      this.clock,
    );
    this.#pair.there.handle('dagent', answering(methods));
  }

  /** Lists, and collects what comes; `isReading` false takes no more than fits the window. */
  list(wish: object, lines: Line[], isReading = true): Asking {
    const asking = openCall(this.#pair.here, 'there:', 'route.list', { args: [wish] });
    let text = '';
    asking.onData = (_, bytes) => {
      text += bytes.toString();
      const parts = text.split('\n');
      text = parts.pop() ?? '';
      for (const part of parts) lines.push(JSON.parse(part) as Line);
      if (isReading) asking.grant(bytes.length);
    };
    return asking;
  }

  /** Lets turns pass until there is an outcome. */
  async finish(asking: Asking): Promise<unknown> {
    let isOver = false;
    const value = asking.outcome.then(({ data }) => decodeValue(data));
    const end = (): void => {
      isOver = true;
    };
    value.then(end, end);
    while (!isOver) {
      this.clock.advance(1);
      await quiet();
    }
    return value;
  }
}

test('the table, its links and its routes come one after the other', async () => {
  const bench = new Bench(3);
  const lines: Line[] = [];
  const value = await bench.finish(bench.list({}, lines));
  assert.equal(value, { matched: 3, shown: 3 });
  assert.equal(
    lines.map(({ type, node, peer }) => `${type} ${node ?? peer}`),
    [...['table hq', 'link east', 'route n1', 'route n2', 'route n3']],
  );
});

test('an expression and a limit choose, and all that match are counted', async () => {
  for (const [expression, matched] of [
    ['state=lost', 10],
    ['metric>2', 33],
    ['node=n1?', 10],
    ['via=east and not metric=1', 60],
    ['role=leaf parent=east reach=below others=0', 100],
  ] as const) {
    const bench = new Bench(100);
    const lines: Line[] = [];
    const value = await bench.finish(bench.list({ expression, limit: 5 }, lines));
    assert.equal(value, { matched, shown: 5 }, expression);
    assert.is(lines.length, 7);
  }
});

test('a wrong expression is refused', async () => {
  const bench = new Bench(1);
  const asking = bench.list({ expression: 'colour=red' }, []);
  const error = await bench.finish(asking).catch((thrown) => thrown as { code: string });
  assert.is((error as { code: string }).code, 'E_EXPRESSION_INVALID');
});

test('100,000 routes pass, all of them, others getting their turn in between', async () => {
  const bench = new Bench(100_000);
  const lines: Line[] = [];
  const value = await bench.finish(bench.list({}, lines));
  assert.equal(value, { matched: 100_000, shown: 100_000 });
  assert.is(lines.length, 100_002);
});

test('no more of the table is read than the reader takes', async () => {
  const bench = new Bench(100_000);
  const lines: Line[] = [];
  const asking = bench.list({}, lines, false);
  for (let turn = 0; turn < 100; turn++) await quiet();
  assert.ok(bench.looked > 500 && bench.looked < 5_000, `${bench.looked} routes were read`);
  asking.cancel();
  const { shown } = (await bench.finish(asking)) as { shown: number };
  assert.ok(shown < 5_000);
  assert.ok(bench.looked < 5_000);
});

test.run();
