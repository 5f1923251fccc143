import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import {
  BACKOFF_MS_MAX,
  LOST_NODE_MS,
  NODES_MAX,
  ROSTER_DELAY_MS,
  ROSTER_QUIET_MS,
  ROSTER_WAIT_MS,
} from '../../src/protocol/limits.ts';
import { Roster } from '../../src/services/roster.ts';
import { quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { createLog, FakeKept } from './flag-bench.ts';
import { recordOf } from './view.ts';

const NEVER = new AbortController().signal;

class Bench {
  readonly clock = new FakeClock();
  readonly kept: FakeKept;
  readonly log = createLog();
  readonly lost: string[] = [];
  readonly gone: string[] = [];
  readonly roster: Roster;

  constructor(kept = new FakeKept()) {
    this.kept = kept;
    const { clock, log } = this;
    this.roster = new Roster({
      ...{ clock, log, kept },
      onLost: ({ name }) => this.lost.push(name),
      onGone: ({ name }) => this.gone.push(name),
    });
  }

  up(...names: readonly string[]): this {
    for (const name of names) this.roster.nodeUp(recordOf(name, 'top'));
    return this;
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await quiet();
  }

  get away(): string[] {
    return Array.from(this.roster.away(), ({ name }) => name);
  }

  get keptNames(): string[] {
    const { nodes } = this.kept.value as { readonly nodes: readonly { readonly name: string }[] };
    return nodes.map(({ name }) => name);
  }

  /** The next run, after kill -9. */
  next(): Bench {
    return new Bench(new FakeKept(this.kept.value));
  }
}

/** A run after one that knew these nodes. */
async function restartedWith(...names: readonly string[]): Promise<Bench> {
  const bench = new Bench().up(...names);
  await bench.pass(ROSTER_DELAY_MS);
  return bench.next();
}

test('nodes of the last run are away until they are back', async () => {
  const bench = await restartedWith('web1', 'web2');
  assert.equal(bench.away, ['web1', 'web2']);
  const { name, parent, role, services } = bench.roster.findAway('web1') ?? {};
  assert.equal(
    { name, parent, role, services },
    {
      ...{ name: 'web1', parent: 'top', role: 'agent' },
      services: [],
    },
  );
  bench.up('web1');
  assert.equal(bench.away, ['web2']);
  assert.is(bench.roster.findAway('web1'), undefined);
  assert.is(bench.roster.findAway('web3'), undefined);
});

test('who has not come back in LOST_NODE_MS is gone, and not expected again', async () => {
  const bench = await restartedWith('web1', 'web2');
  bench.up('web1');
  await bench.pass(LOST_NODE_MS - 1);
  assert.equal(bench.gone, []);
  await bench.pass(1);
  assert.equal(bench.gone, ['web2']);
  assert.equal(bench.away, []);
  await bench.pass(ROSTER_DELAY_MS);
  assert.equal(bench.keptNames, ['web1']);
});

test('who has not come back when nobody waits any more is lost, before it is gone', async () => {
  const bench = await restartedWith('web1', 'web2', 'web3');
  bench.up('web1');
  await bench.pass(ROSTER_WAIT_MS - 1);
  assert.equal(bench.lost, []);
  bench.up('web2');
  await bench.pass(ROSTER_QUIET_MS + 1);
  assert.equal(bench.lost, ['web3']);
  bench.up('web3');
  await bench.pass(LOST_NODE_MS);
  assert.equal([bench.lost, bench.gone], [['web3'], []]);
});

test('of very many that come back slowly, each is lost a while before it is gone', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `web${at}`);
  const bench = await restartedWith(...names);
  for (let at = 1; at <= LOST_NODE_MS / 1_000 - 1; at++) await bench.up(`web${at}`).pass(1_000);
  assert.is(bench.lost.length, 100 - (LOST_NODE_MS - ROSTER_QUIET_MS) / 1_000);
  assert.equal(bench.gone, []);
});

test('who has not come back when this node ends is not told lost', async () => {
  const bench = await restartedWith('web1');
  await bench.roster.stop();
  await bench.pass(LOST_NODE_MS);
  assert.equal([bench.lost, bench.gone], [[], []]);
});

test('who said goodbye is not expected', async () => {
  const bench = new Bench().up('web1', 'web2');
  bench.roster.nodeGone('web1');
  await bench.pass(ROSTER_DELAY_MS);
  assert.equal(bench.next().away, ['web2']);
});

test('changes are gathered for ROSTER_DELAY_MS; what is known is not written again', async () => {
  const bench = new Bench().up('web1');
  await bench.pass(ROSTER_DELAY_MS - 1);
  bench.up('web2');
  assert.is(bench.kept.writeCount, 0);
  await bench.pass(1);
  assert.is(bench.kept.writeCount, 1);
  assert.equal(bench.keptNames, ['web1', 'web2']);
  bench.up('web1', 'web2');
  bench.roster.nodeGone('web3');
  bench.roster.nodeUp({ ...recordOf('web1', 'top'), services: ['clock'] });
  await bench.pass(LOST_NODE_MS);
  assert.is(bench.kept.writeCount, 1);
  bench.roster.nodeUp(recordOf('web1', 'east'));
  await bench.pass(ROSTER_DELAY_MS);
  assert.is(bench.kept.writeCount, 2);
  assert.is(bench.next().roster.findAway('web1')?.parent, 'east');
});

test('after a write that took long there is a pause of a hundred times that', async () => {
  const slow = new FakeKept();
  const bench = new Bench(slow);
  const write = slow.write.bind(slow);
  const { promise: done, resolve: end } = Promise.withResolvers<void>();
  slow.write = (value) => done.then(() => write(value));
  await bench.up('web1').pass(ROSTER_DELAY_MS);
  await bench.pass(30);
  end();
  await quiet();
  await bench.up('web2').pass(2_999);
  assert.is(slow.writeCount, 1);
  await bench.pass(1);
  assert.is(slow.writeCount, 2);
});

test('the end of a node writes what is new, and changes nothing more', async () => {
  const bench = new Bench().up('web1');
  const stopped = bench.roster.stop();
  bench.roster.nodeGone('web1');
  await stopped;
  assert.equal(bench.next().away, ['web1']);
  assert.is(bench.clock.timerCount, 0);
});

test('a node without others below it has no file', async () => {
  const bench = new Bench();
  await bench.pass(LOST_NODE_MS);
  await bench.roster.stop();
  assert.is(bench.kept.writeCount, 0);
});

test('a full disk is told once, and the roster is written when it takes it again', async () => {
  const bench = new Bench();
  bench.kept.refusal = new DagentError('E_CANNOT_WRITE', { path: 'p', reason: 'full' });
  await bench.up('web1').pass(ROSTER_DELAY_MS);
  await bench.pass(ROSTER_DELAY_MS);
  assert.is(bench.log.lines.length, 1);
  assert.match(bench.log.lines[0] ?? '', /not kept.*cannot write/i);
  bench.kept.refusal = undefined;
  await bench.pass(ROSTER_DELAY_MS);
  assert.equal(bench.keptNames, ['web1']);
});

test('a file that makes no sense is set aside and told, and is no reason not to start', () => {
  const tooMany = Array(NODES_MAX + 1).fill(null);
  for (const value of [null, 7, {}, { nodes: [{ name: '../x' }] }, { nodes: tooMany }]) {
    const bench = new Bench(new FakeKept(value));
    assert.equal(bench.away, []);
    assert.ok(bench.kept.isAside);
    assert.match(bench.log.lines.join(), /the known nodes of former runs are set aside/);
  }
});

test('more than NODES_MAX are not kept', async () => {
  const bench = new Bench();
  for (let at = 0; at <= NODES_MAX; at++) bench.up(`web${at}`);
  await bench.pass(ROSTER_DELAY_MS);
  assert.is(bench.keptNames.length, NODES_MAX);
});

test('who waits for nodes goes on when the last of them is back', async () => {
  const bench = await restartedWith('web1', 'web2', 'db1');
  let isBack = false;
  void bench.roster.untilBack(['web1', 'web2', 'web9'], NEVER)?.then(() => {
    isBack = true;
  });
  await bench.up('web2', 'db1').pass(0);
  assert.not(isBack);
  await bench.up('web1').pass(0);
  assert.ok(isBack);
  await bench.roster.untilBack(['web1', 'web9'], NEVER);
});

test('nobody waits after ROSTER_WAIT_MS, nor for somebody who has left', async () => {
  assert.ok(ROSTER_WAIT_MS >= BACKOFF_MS_MAX);
  const bench = await restartedWith('web1');
  const leaving = new AbortController();
  const left = bench.roster.untilBack(['web1'], leaving.signal);
  leaving.abort();
  await left;
  const over = bench.roster.untilBack(['web1'], NEVER);
  await bench.pass(ROSTER_WAIT_MS);
  await over;
  assert.is(bench.roster.untilBack(['web1'], NEVER), undefined);
  assert.equal(bench.away, ['web1']);
});

test('while one after the other comes back within ROSTER_QUIET_MS, the wait goes on', async () => {
  const bench = await restartedWith('web1', 'web2', 'web3');
  let isOver = false;
  void bench.roster.untilBack(['web1', 'web2', 'web3'], NEVER)?.then(() => {
    isOver = true;
  });
  await bench.pass(ROSTER_WAIT_MS - 1);
  bench.up('web1');
  await bench.pass(ROSTER_QUIET_MS);
  assert.not(isOver);
  bench.up('web2');
  await bench.pass(ROSTER_QUIET_MS);
  assert.not(isOver);
  await bench.pass(ROSTER_QUIET_MS);
  assert.ok(isOver);
});

test('after LOST_NODE_MS nobody waits any more, whoever still comes', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `web${at}`);
  const bench = await restartedWith(...names);
  const over = bench.roster.untilBack(names, NEVER);
  for (let at = 0; at < LOST_NODE_MS / 1_000; at++) await bench.up(`web${at}`).pass(1_000);
  await over;
  assert.is(bench.gone.length, 100 - LOST_NODE_MS / 1_000);
});

test.run();
