import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FLAGS_BELOW_MAX, FLAGS_PER_NODE_MAX } from '../../src/protocol/limits.ts';
import { FlagLedger } from '../../src/services/flag-ledger.ts';
import { flagOf, toldOf } from './flag-bench.ts';
import { FakeView } from './view.ts';

class Bench {
  readonly view = new FakeView().add('east', 'top').add('web1', 'east').add('west', 'top');
  readonly changes: string[] = [];
  readonly ledger = new FlagLedger({
    view: this.view,
    onChange: (node, change, { flag }) => this.changes.push(`${node} ${change} ${flag}`),
  });

  names(node: string): string[] | undefined {
    return this.ledger.of(node)?.flags.map(({ flag }) => flag);
  }

  /** Forgets, and returns, what has changed. */
  take(): string[] {
    return this.changes.splice(0);
  }
}

test('what a child tells of its subtree is held, and what is new in it is told', () => {
  const bench = new Bench();
  assert.ok(bench.ledger.take('east', toldOf('web1', 1, [flagOf('a'), flagOf('b')])));
  assert.equal(bench.take(), ['web1 raised a', 'web1 raised b']);
  const next = [flagOf('b', { count: 2 }), flagOf('c', { state: 'cleared' })];
  bench.ledger.take('east', toldOf('web1', 2, next));
  assert.equal(bench.take(), ['web1 cleared c', 'web1 lowered a']);
  const other = [flagOf('b', { priority: 'error' }), flagOf('c')];
  bench.ledger.take('east', toldOf('web1', 3, other));
  assert.equal(bench.take(), ['web1 changed b', 'web1 raised c']);
  assert.equal(bench.names('web1'), ['b', 'c']);
});

test('a child does not speak for others, nor for nodes that are not known', () => {
  const bench = new Bench();
  for (const node of ['west', 'top', 'nobody']) {
    assert.not(bench.ledger.take('east', toldOf(node, 1, [flagOf('a')])), node);
    assert.is(bench.ledger.of(node), undefined);
  }
  assert.equal(bench.take(), []);
});

test('an older word changes nothing; the same one again is no news', () => {
  const bench = new Bench();
  bench.ledger.take('east', toldOf('web1', 5, [flagOf('a')]));
  bench.take();
  assert.ok(bench.ledger.take('east', toldOf('web1', 4, [])));
  assert.ok(bench.ledger.take('east', toldOf('web1', 5, [flagOf('a')])));
  assert.equal(bench.take(), []);
  assert.equal(bench.names('web1'), ['a']);
});

test('flags of a lost node are kept, and go when it is forgotten', () => {
  const bench = new Bench();
  bench.ledger.take('east', toldOf('web1', 1, [flagOf('a')]));
  bench.view.add('web1', 'east', 'lost');
  assert.equal(bench.names('web1'), ['a']);
  bench.ledger.forget('web1');
  bench.ledger.forget('web1');
  assert.is(bench.names('web1'), undefined);
  assert.is(bench.ledger.count, 0);
});

test('over FLAGS_BELOW_MAX the least urgent are left out, counted, and not told as lowered', () => {
  const bench = new Bench();
  const many = Array.from({ length: FLAGS_PER_NODE_MAX }, (_, at) => flagOf(`f${at}`));
  const fullCount = FLAGS_BELOW_MAX / FLAGS_PER_NODE_MAX;
  for (let at = 0; at < fullCount; at++) {
    bench.view.add(`n${at}`, 'east');
    bench.ledger.take('east', toldOf(`n${at}`, 1, at === 0 ? many.slice(1) : many));
  }
  assert.is(bench.ledger.count, FLAGS_BELOW_MAX - 1);
  bench.take();
  const urgent = flagOf('z', { priority: 'critical' });
  bench.ledger.take('east', toldOf('web1', 1, [flagOf('a'), flagOf('b'), urgent]));
  assert.equal(bench.names('web1'), ['z']);
  assert.is(bench.ledger.of('web1')?.omitted, 2);
  assert.is(bench.ledger.count, FLAGS_BELOW_MAX);
  assert.equal(bench.take(), ['web1 raised z']);
  bench.ledger.take('east', { ...toldOf('web1', 2, [flagOf('y')]), omitted: 2 });
  assert.equal(bench.take(), ['web1 raised y']);
  assert.is(bench.ledger.of('web1')?.omitted, 2);
});

test.run();
