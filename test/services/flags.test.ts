import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLineSplitter } from '../../src/base/lines.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import type { ListedFlag, NodeFlags } from '../../src/protocol/flag.ts';
import { FLAGS_TELL_MS } from '../../src/protocol/limits.ts';
import type { Happening } from '../../src/services/event-record.ts';
import { Flags } from '../../src/services/flags.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';
import { createLog, FakeKept, flagOf, toldOf } from './flag-bench.ts';
import { FakeView } from './view.ts';

/** The flags of `top`, which a program asks as `from`. */
class Bench {
  readonly clock = new FakeClock();
  readonly view = new FakeView().add('east', 'top').add('web1', 'east');
  readonly happenings: Happening[] = [];
  readonly changed: string[] = [];
  readonly told: NodeFlags[] = [];
  readonly log = createLog();
  readonly flags: Flags;
  readonly #pair = createPair();

  constructor() {
    this.flags = new Flags({
      ...{ view: this.view, clock: this.clock, log: this.log, kept: new FakeKept() },
      onHappening: (happening) => this.happenings.push(happening),
      onChange: (node) => this.changed.push(node),
      tellParent: async (flags) => {
        this.told.push(...flags);
        return [];
      },
    });
    this.#pair.there.handle('dagent', answering(this.flags.methods));
  }

  /** The value of a call, or the code of its error. */
  async ask(method: string, ...args: readonly unknown[]): Promise<unknown> {
    const asking = openCall(this.#pair.here, 'there:', method, { args });
    return asking.outcome.then(
      ({ data }) => decodeValue(data),
      (error) => (error as DagentError).code,
    );
  }

  /** As the daemon of another node calls it. */
  async tellAs(from: string, told: unknown): Promise<unknown> {
    const context = { from } as Parameters<Flags['methods'][string]['run']>[1];
    try {
      return await this.flags.methods['flag.tell']?.run([told], context);
    } catch (error) {
      return (error as DagentError).code;
    }
  }

  async list(filter: unknown = {}): Promise<string[]> {
    const listed: ListedFlag[] = [];
    const asking = openCall(this.#pair.here, 'there:', 'flag.list', { args: [filter] });
    const lines = createLineSplitter((line) => {
      listed.push(JSON.parse(line.toString()) as ListedFlag);
    });
    asking.onData = (_, bytes) => {
      lines.push(bytes);
      asking.grant(bytes.length);
    };
    const { count } = decodeValue((await asking.outcome).data) as { count: number };
    assert.is(count, listed.length);
    return listed.map(({ node, nodeState, flag }) => `${node} ${nodeState} ${flag}`);
  }
}

test('a program raises and lowers a flag, and hears what became of it', async () => {
  const bench = new Bench();
  const wish = { priority: 'error', message: 'refused' };
  const raised = (await bench.ask('flag.raise', 'orders', 'db', 'down', wish)) as {
    readonly change: string;
    readonly flag: { readonly by: string };
  };
  assert.is(raised.change, 'raised');
  assert.match(raised.flag.by, /^here:asker$/);
  await bench.ask('flag.raise', 'orders', 'db', 'down');
  const lowered = await bench.ask('flag.lower', 'orders', 'db', 'down');
  assert.equal(lowered, { node: 'top', change: 'lowered', flag: null });
  const facts = { node: 'top', flag: 'orders/db/down', priority: 'error', reason: 'refused' };
  assert.equal(bench.happenings, [
    { event: 'flag-raised', ...facts },
    { event: 'flag-lowered', ...facts },
  ]);
  assert.is(bench.log.lines.length, 2);
  assert.equal(bench.changed, ['top', 'top']);
  assert.is(bench.flags.summaryOf('top'), undefined);
});

test('what makes no sense as a flag is refused', async () => {
  const bench = new Bench();
  const wrong = [
    ['flag.raise', 'a b', 'c', 'd'],
    ['flag.raise', 'a', 'c'],
    ['flag.raise', 'dagent', 'disk', 'full'],
    ['flag.raise', 'a', 'b', 'c', { priority: 'huge' }],
    ['flag.raise', 'a', 'b', 'c', { tags: 'x' }],
    ['flag.raise', 'a', 'b', 'c', { message: 'x'.repeat(1_000) }],
    ['flag.lower', 'a', 'b', ''],
    ['flag.list', { priority: 7 }],
    ['flag.list', { tag: 'a b' }],
  ] as const;
  for (const [method, ...args] of wrong) {
    assert.is(await bench.ask(method, ...args), 'E_ARGUMENT_INVALID', JSON.stringify(args));
  }
  assert.equal(bench.happenings, []);
});

test('a child tells of its subtree, and the whole is listed and carried on', async () => {
  const bench = new Bench();
  bench.flags.uplinkUp();
  await bench.ask('flag.raise', 'orders', 'db', 'own', { tags: ['db'] });
  const words = [toldOf('web1', 3, [flagOf('a', { priority: 'error' })]), toldOf('ghost', 1, [])];
  assert.equal(await bench.tellAs('east:dagent', words), ['ghost']);
  assert.equal(await bench.list(), ['top up own', 'web1 up a']);
  assert.equal(await bench.list({ priority: 'error' }), ['web1 up a']);
  assert.equal(await bench.list({ tag: 'db' }), ['top up own']);
  assert.equal(bench.flags.summaryOf('web1'), { count: 1, worst: 'error' });
  bench.clock.advance(FLAGS_TELL_MS);
  await quiet();
  assert.equal(
    bench.told.map(({ node, flags }) => `${node} ${flags.length}`),
    ['top 1', 'web1 1'],
  );
  assert.equal(
    bench.happenings.map(({ event, node }) => `${event} ${node}`),
    ['flag-raised top', 'flag-raised web1'],
  );
});

test('what is shown of a node changes only with how many flags it has and how urgent', async () => {
  const bench = new Bench();
  const tell = (revision: number, priority: 'info' | 'error') =>
    bench.tellAs('east:dagent', [toldOf('web1', revision, [flagOf('a', { priority })])]);
  await tell(1, 'info');
  await tell(2, 'info');
  assert.equal(bench.changed, ['web1']);
  await tell(3, 'error');
  assert.equal(bench.changed, ['web1', 'web1']);
});

test('nobody but the daemon of a child is believed', async () => {
  const bench = new Bench();
  const words = [toldOf('web1', 3, [flagOf('a')])];
  for (const from of ['east:~3', 'web1:dagent', 'top:dagent', 'nobody:dagent', '']) {
    assert.is(await bench.tellAs(from, words), 'E_ARGUMENT_INVALID', from);
  }
  assert.is(await bench.tellAs('east:dagent', 17), 'E_ARGUMENT_INVALID');
  assert.is(await bench.tellAs('east:dagent', [{ node: 'web1' }]), 'E_ARGUMENT_INVALID');
  assert.equal(await bench.list(), []);
});

test('flags of a lost node say so, and are gone when it is forgotten', async () => {
  const bench = new Bench();
  await bench.tellAs('east:dagent', [toldOf('web1', 3, [flagOf('a')])]);
  bench.view.add('web1', 'east', 'lost');
  assert.equal(await bench.list(), ['web1 lost a']);
  bench.flags.nodeGone('web1');
  assert.equal(await bench.list(), []);
});

test.run();
