import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Flag, type FrameFields, KEPT, Kind } from '../../src/protocol/frame.ts';
import { DUPLICATE_NUMBERS } from '../../src/protocol/limits.ts';
import { between, frameOf, TestRouter } from './harness.ts';

function prepare() {
  const here = new TestRouter('here');
  const a = here.child('a');
  const program = here.program('mail');
  return { here, a, program };
}

function frame(number: number, more: Partial<FrameFields> = {}): Buffer {
  const fields = { kind: Kind.MESSAGE, seed: 5, number, ...between('a:asker', 'here:mail') };
  return frameOf({ ...fields, ...more });
}

function numbers(here: TestRouter, link: number): number[] {
  return here.sent(link).map(({ number }) => number);
}

test('a message of another node that comes twice is handed over once, and counted', () => {
  const { here, a, program } = prepare();
  here.bytes(a, frame(1), frame(2), frame(1), frame(4), frame(3), frame(4));
  assert.equal(numbers(here, program.link), [1, 2, 4, 3]);
  assert.is(here.router.counters.droppedDuplicate, 2);
});

test('so is a request, and a message whose sender waits', () => {
  for (const more of [{ kind: Kind.REQUEST }, { flags: Flag.REPORT }]) {
    const { here, a, program } = prepare();
    here.bytes(a, frame(1, more), frame(1, more));
    assert.equal(numbers(here, program.link), [1]);
    here.bytes(a, frame(1, more));
    assert.equal([numbers(here, program.link), numbers(here, a)], [[], []]);
  }
});

test('one that is older than the window is dropped', () => {
  const { here, a, program } = prepare();
  here.bytes(a, frame(DUPLICATE_NUMBERS + 10), frame(9), frame(11));
  assert.equal(numbers(here, program.link), [DUPLICATE_NUMBERS + 10, 11]);
});

test('senders do not stand in the way of each other, nor those of this node', () => {
  const { here, a, program } = prepare();
  here.bytes(a, frame(1), frame(1, { seed: 6 }), frame(1, between('b:x', 'here:mail')));
  assert.equal(numbers(here, program.link), [1, 1, 1]);
  const other = here.program('other');
  const own = { seed: other.seed, ...between('here:other', 'here:mail') };
  here.bytes(other.link, frame(1, own), frame(1, own));
  assert.equal(numbers(here, program.link), [1, 1]);
});

test('what was kept on its way is not late: it has a window of its own', () => {
  const { here, a, program } = prepare();
  const kept = { channel: KEPT };
  here.bytes(a, frame(DUPLICATE_NUMBERS * 2), frame(1, kept), frame(2, kept), frame(1, kept));
  assert.equal(numbers(here, program.link), [DUPLICATE_NUMBERS * 2, 1, 2]);
});

test('what was kept is a duplicate all the same when it has come before, or comes again', () => {
  const { here, a, program } = prepare();
  const kept = { channel: KEPT };
  here.bytes(a, frame(1), frame(1, kept), frame(2, kept), frame(2), frame(2, kept));
  assert.equal(numbers(here, program.link), [1, 2]);
});

test('what is kept here is looked at when it comes, not when it is handed over', () => {
  const { here, a, program } = prepare();
  here.input({ kind: 'closed', link: program.link, reason: 'killed' });
  here.bytes(a, frame(1), frame(2), frame(1));
  here.program('clock');
  here.bytes(a, frame(DUPLICATE_NUMBERS * 2, between('a:asker', 'here:clock')));
  const next = here.program();
  here.register(next.link, 'mail');
  assert.equal(numbers(here, next.link).slice(1), [1, 2]);
});

test('so is what is kept here for the nearest, wherever that will be', () => {
  const { here, a, program } = prepare();
  here.input({ kind: 'closed', link: program.link, reason: 'killed' });
  const nearest = { ...between('a:asker', 'here:mail'), toNode: 0 };
  here.bytes(a, frame(1, nearest), frame(1, nearest), frame(2, nearest));
  const next = here.program();
  here.register(next.link, 'mail');
  assert.equal(numbers(here, next.link).slice(1), [1, 2]);
  here.bytes(a, frame(2, nearest));
  assert.equal(numbers(here, next.link), []);
});

test.run();
