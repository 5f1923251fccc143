import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createSpool,
  isIdle,
  type Spool,
  type SpoolInput,
  type SpoolOutput,
  step,
} from '../../src/files/spool.ts';
import type { BlockAsk } from '../../src/protocol/file.ts';
import { FILE_ASKED_MAX, FILE_WAITING_MAX } from '../../src/protocol/limits.ts';

function hashAt(number: number): string {
  return number.toString(16).padStart(64, '0');
}

function askFor(number: number): BlockAsk {
  const content = { hash: hashAt(9_999), size: 1_000_000_000 };
  const place = { level: 0, index: number };
  return { content, ...place, hash: hashAt(number), origin: 'hq:~1', hops: 9 };
}

function bytesOf(hash: string): Buffer {
  return Buffer.from(hash);
}

const LOST = { code: 'E_LOST', values: { to: 'x', node: 'y', reason: 'is gone' } } as const;

/** A spool, and what it has told to do. */
class Run {
  readonly spool: Spool;
  readonly tasks: SpoolOutput[] = [];
  readonly answers = new Map<number, SpoolOutput[]>();
  #token = 0;

  constructor(spool: Spool) {
    this.spool = spool;
  }

  feed(input: SpoolInput): SpoolOutput[] {
    const outputs = step(this.spool, input);
    for (const output of outputs) {
      if (output.kind !== 'give' && output.kind !== 'refuse') this.tasks.push(output);
      else this.answers.set(output.token, [...(this.answers.get(output.token) ?? []), output]);
    }
    return outputs;
  }

  ask(number: number, isKept = true): number {
    const token = ++this.#token;
    this.answers.set(token, []);
    this.feed({ kind: 'ask', token, ask: askFor(number), isKept });
    return token;
  }

  /** Does the oldest task, well. */
  work(): void {
    const task = this.tasks.shift();
    if (task !== undefined) this.finish(task, true);
  }

  finish(task: SpoolOutput, isWell: boolean): void {
    if (task.kind === 'fetch') {
      const { hash } = task.ask;
      if (isWell) this.feed({ kind: 'came', hash, bytes: bytesOf(hash) });
      else this.feed({ kind: 'failed', hash, error: LOST });
    } else if (task.kind === 'store') {
      this.feed({ kind: 'stored', hash: task.hash, isStored: isWell });
    } else if (task.kind === 'load') {
      const bytes = isWell ? bytesOf(task.hash) : undefined;
      this.feed({ kind: 'loaded', hash: task.hash, bytes });
    }
  }

  workAll(): void {
    while (this.tasks.length > 0) this.work();
  }

  kindsOf(token: number): string[] {
    return (this.answers.get(token) ?? []).map(({ kind }) => kind);
  }
}

test('several that ask for one block are answered by one that comes', () => {
  const run = new Run(createSpool(4));
  const tokens = [run.ask(1), run.ask(1), run.ask(1)];
  assert.is(run.tasks.length, 1);
  run.work();
  assert.equal(
    tokens.map((token) => run.kindsOf(token)),
    [['give'], ['give'], ['give']],
  );
  // While it is being stored it is at hand, then it is read.
  assert.equal(run.kindsOf(run.ask(1)), ['give']);
  run.workAll();
  const late = run.ask(1);
  assert.is(run.tasks[0]?.kind, 'load');
  run.workAll();
  assert.equal(run.kindsOf(late), ['give']);
  assert.is(run.spool.counters.blocksFetched, 1);
  assert.is(run.spool.counters.blocksFromSpool, 2);
});

test('what was not asked for longest makes room', () => {
  const run = new Run(createSpool(2));
  for (const number of [1, 2]) run.ask(number);
  run.workAll();
  run.ask(1);
  run.workAll();
  run.ask(3);
  run.workAll();
  assert.equal([...run.spool.entries.keys()], [hashAt(1), hashAt(3)]);
  assert.is(run.spool.counters.blocksDisplaced, 1);
});

test('what is being read or written is never displaced', () => {
  const run = new Run(createSpool(1));
  run.ask(1);
  run.workAll();
  const reading = run.ask(1);
  const other = run.ask(2);
  const load = run.tasks.shift();
  run.work();
  assert.equal(run.kindsOf(other), ['give'], 'it is passed on, and not kept');
  assert.is(run.tasks.length, 0);
  if (load !== undefined) run.finish(load, true);
  assert.equal(run.kindsOf(reading), ['give']);
});

test('a leaf keeps nothing for itself, but what others ask of it', () => {
  const run = new Run(createSpool(4));
  run.ask(1, false);
  run.work();
  assert.equal(run.tasks, []);
  run.ask(2, false);
  run.ask(2, true);
  run.work();
  assert.is(run.tasks[0]?.kind, 'store');
});

test(`no more than ${FILE_ASKED_MAX} blocks are asked of others at a time`, () => {
  const run = new Run(createSpool(4));
  for (let number = 1; number <= FILE_ASKED_MAX + 3; number++) run.ask(number);
  assert.is(run.tasks.length, FILE_ASKED_MAX);
  const task = run.tasks.shift();
  if (task !== undefined) run.finish(task, false);
  assert.is(run.tasks.length, FILE_ASKED_MAX, 'the next one is asked for');
});

test(`more than ${FILE_WAITING_MAX} that wait are refused`, () => {
  const run = new Run(createSpool(4));
  for (let count = 0; count < FILE_WAITING_MAX; count++) run.ask(count % 100);
  const [refusal] = run.answers.get(run.ask(5)) ?? [];
  assert.is(refusal?.kind === 'refuse' && refusal.error.code, 'E_TOO_MANY_COPIES');
});

test('who cancels is not answered, and what nobody wants is not asked for', () => {
  const run = new Run(createSpool(4));
  for (let number = 1; number <= FILE_ASKED_MAX; number++) run.ask(number);
  const token = run.ask(50);
  run.feed({ kind: 'cancel', token, hash: hashAt(50) });
  run.workAll();
  assert.equal(run.kindsOf(token), []);
  assert.is(run.spool.counters.blocksFetched, FILE_ASKED_MAX);
  assert.is(run.spool.waitingCount, 0);
});

test('what a former run has left is checked, and asked for anew when it is broken', () => {
  const left = [
    { hash: hashAt(1), slot: 1, bytes: 64 },
    { hash: hashAt(2), slot: 1, bytes: 64 },
    { hash: hashAt(3), slot: 7, bytes: 64 },
  ];
  const run = new Run(createSpool(4, left));
  assert.equal([...run.spool.entries.keys()], [hashAt(1)], 'what makes no sense is not there');
  const token = run.ask(1);
  const load = run.tasks.shift();
  assert.equal(load, { kind: 'load', ...left[0], isChecked: false });
  if (load !== undefined) run.finish(load, false);
  assert.is(run.tasks[0]?.kind, 'fetch');
  run.workAll();
  assert.equal(run.kindsOf(token), ['give']);
  assert.is(run.spool.counters.spoolFailures, 1);
});

test('a slot that could not be written is free again', () => {
  const run = new Run(createSpool(1));
  run.ask(1);
  run.work();
  const store = run.tasks.shift();
  if (store !== undefined) run.finish(store, false);
  assert.is(run.spool.entries.size, 0);
  run.ask(2);
  run.workAll();
  assert.equal([...run.spool.entries.keys()], [hashAt(2)]);
});

test('whatever happens, who asks is answered once, and no slot holds two blocks', () => {
  const action = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.nat(11), fc.boolean());
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.array(action), (slots, actions) => {
      const run = new Run(createSpool(slots));
      const cancelled = new Set<number>();
      const tokens: number[] = [];
      for (const [kind, number, isWell] of actions) {
        const [task] = kind > 2 ? run.tasks.splice(number % Math.max(1, run.tasks.length), 1) : [];
        if (task !== undefined) run.finish(task, isWell);
        else if (kind > 0) tokens.push(run.ask(number, isWell));
        else if (tokens.length > 0) {
          const token = tokens[number % tokens.length] ?? 0;
          cancelled.add(token);
          for (let each = 0; each < 12; each++) {
            run.feed({ kind: 'cancel', token, hash: hashAt(each) });
          }
        }
        const used = [...run.spool.entries.values()].map(({ slot }) => slot);
        assert.is(new Set([...used, ...run.spool.free]).size, used.length + run.spool.free.length);
        assert.ok(used.every((slot) => slot < slots));
        assert.ok(run.spool.askedCount <= FILE_ASKED_MAX);
      }
      run.workAll();
      for (const token of tokens) {
        const { length } = run.kindsOf(token);
        assert.ok(length === 1 || (length === 0 && cancelled.has(token)));
      }
      assert.is(run.spool.waitingCount, 0);
      assert.is(run.spool.askedCount, 0);
      assert.ok(isIdle(run.spool));
    }),
  );
});

test.run();
