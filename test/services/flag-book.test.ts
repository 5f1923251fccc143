import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { FlagBook } from '../../src/services/flag-book.ts';
import { FakeClock } from '../fakes/clock.ts';
import { createLog, FakeKept, flagOf, lowerOf, raiseOf } from './flag-bench.ts';

const FULL = new DagentError('E_CANNOT_WRITE', { path: 'flags.json', reason: 'the disk is full' });

class Bench {
  readonly clock = new FakeClock();
  readonly kept: FakeKept;
  readonly log = createLog();
  readonly changes: string[] = [];
  readonly book: FlagBook;

  constructor(kept = new FakeKept()) {
    this.kept = kept;
    const { clock, log } = this;
    const onChange = (change: string, { flag }: { readonly flag: string }) =>
      this.changes.push(`${change} ${flag}`);
    this.book = new FlagBook({ clock, log, kept, onChange });
  }

  get names(): string[] {
    return [...this.book.set.flags.values()].map(({ flag }) => flag);
  }
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'ok',
    (error) => (error as DagentError).code,
  );
}

/** A flag of the daemon's own. */
function ownOf(flag: string) {
  const key = { service: 'dagent', section: 'disk', flag };
  return { kind: 'raise', key, wish: {}, by: 'web1:dagent' } as const;
}

test('a flag is on disk when who raised it hears of it, and is there in the next run', async () => {
  const bench = new Bench();
  await bench.book.ask(raiseOf('a', { message: 'it did' }));
  await bench.book.ask(raiseOf('b'));
  await bench.book.ask(lowerOf('b'));
  assert.equal(bench.changes, ['raised a', 'raised b', 'lowered b']);
  const next = new Bench(new FakeKept(bench.kept.value));
  assert.equal(next.names, ['a']);
  assert.ok(next.book.set.revision >= bench.book.set.revision);
});

test('what comes while something is written goes together in the next write', async () => {
  const bench = new Bench();
  const asked = ['a', 'b', 'c', 'd'].map((flag) => bench.book.ask(raiseOf(flag)));
  await Promise.all(asked);
  assert.is(bench.kept.writeCount, 2);
  assert.equal(bench.names, ['a', 'b', 'c', 'd']);
});

test('nothing is written where nothing changes', async () => {
  const bench = new Bench();
  const { change } = await bench.book.ask(lowerOf('a'));
  assert.is(change, 'none');
  assert.is(bench.kept.writeCount, 0);
});

test('a full disk refuses, and nothing has changed; later it takes flags again', async () => {
  const bench = new Bench();
  await bench.book.ask(raiseOf('a'));
  bench.kept.refusal = FULL;
  assert.is(await codeOf(bench.book.ask(raiseOf('b'))), 'E_CANNOT_WRITE');
  assert.is(await codeOf(bench.book.ask(lowerOf('a'))), 'E_CANNOT_WRITE');
  assert.equal(bench.names, ['a']);
  assert.equal(bench.changes, ['raised a']);
  bench.kept.refusal = undefined;
  assert.is(await codeOf(bench.book.ask(raiseOf('b'))), 'ok');
  assert.equal(bench.names, ['a', 'b']);
});

test('what the daemon says of itself counts while the disk is full, and is kept then', async () => {
  const bench = new Bench();
  bench.kept.refusal = FULL;
  const asked = [bench.book.ask(raiseOf('a')), bench.book.ask(ownOf('nearly-full'))];
  assert.equal(await Promise.all(asked.map(codeOf)), ['E_CANNOT_WRITE', 'ok']);
  assert.equal(bench.names, ['nearly-full']);
  bench.kept.refusal = undefined;
  await bench.book.ask(raiseOf('a'));
  assert.equal(new Bench(new FakeKept(bench.kept.value)).names, ['nearly-full', 'a']);
});

test('a file that makes no sense is set aside and told, and is no reason not to start', () => {
  const broken = [17, {}, { revision: 1, flags: [{ ...flagOf('a'), priority: 'huge' }] }];
  for (const value of broken) {
    const bench = new Bench(new FakeKept(value));
    assert.equal(bench.names, []);
    assert.ok(bench.kept.isAside);
    assert.match(bench.log.lines.join(), /set aside.*flags\.json\.broken/);
  }
  const unreadable = new FakeKept();
  unreadable.refusal = new DagentError('E_STATE_BROKEN', { path: 'f', reason: 'it is not JSON' });
  const bench = new Bench(unreadable);
  assert.equal(bench.names, []);
  assert.match(bench.log.lines.join(), /it is not JSON/);
});

test('where the file is lost, what is told later is newer than what was told before', async () => {
  const bench = new Bench();
  await bench.book.ask(raiseOf('a'));
  const { revision } = bench.book.set;
  const next = new Bench();
  next.clock.advance(60_000);
  await next.book.ask(raiseOf('b'));
  assert.ok(next.book.set.revision > revision);
});

test.run();
