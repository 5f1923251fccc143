import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import {
  HELD_MS_DEFAULT,
  HELD_MS_MAX,
  HELD_MS_MIN,
  HELD_WORD_MS,
  PENDING_PER_LINK_MAX,
  REQUEST_MS_DEFAULT,
} from '../../src/protocol/limits.ts';
import { between, errorOf, frameOf, type Program, recordOf, TestRouter } from './harness.ts';

const AGENT = { parents: ['cd://parent:1'], holdMs: 60_000 };

interface Asked extends FrameFields {
  readonly kind: number;
}

function request(program: Program, to: string, more: Partial<Asked> = {}): Buffer {
  const fields = {
    kind: Kind.REQUEST,
    seed: program.seed,
    number: 1,
    ...between('here:asker', to),
  };
  return frameOf({ ...fields, ...more });
}

function answer(program: Program, from: string, more: Partial<Asked> = {}): Buffer {
  const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, seed: program.seed, number: 1 };
  return frameOf({ ...fields, ...between(from, 'here:asker'), ...more });
}

function prepare() {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  const child = here.child('child');
  here.advertise(child, { record: recordOf('deep', { parent: 'child' }), metric: 0 });
  here.run(100);
  return { here, up, child, program: here.program('asker') };
}

/** The outcomes that the program heard of by the last input. */
function outcomes(here: TestRouter, program: Program): string[] {
  return here
    .sent(program.link)
    .map((frame) => (frame.kind === Kind.REPLY ? 'REPLY' : (errorOf(frame)?.code ?? '')));
}

test('a request ends with its reply, and a second one is dropped and counted', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x'));
  here.bytes(child, answer(program, 'child:x'));
  assert.equal(outcomes(here, program), ['REPLY']);
  here.bytes(child, answer(program, 'child:x'));
  assert.equal(here.outputs, []);
  assert.is(here.router.counters.droppedLate, 1);
});

test('a request ends at its deadline, and who works on it is told to stop', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x', { timeout: 20 }));
  here.run(1_999);
  assert.equal(outcomes(here, program), []);
  here.run(1);
  assert.equal(outcomes(here, program), ['E_DEADLINE']);
  const [reject] = here.sent(program.link);
  assert.equal(errorOf(reject)?.values, { to: 'child', ms: 2_000 });
  assert.equal([reject?.seed, reject?.number], [program.seed, 1]);
  const cancel = here.sent(child).find(({ kind }) => kind === Kind.CANCEL);
  assert.equal([cancel?.seed, cancel?.number], [program.seed, 1]);
  assert.is(here.router.counters.expired, 1);
  here.bytes(child, answer(program, 'child:x'));
  assert.equal(here.outputs, []);
  assert.is(here.router.counters.droppedLate, 1);
});

test('a request that says no timeout has the default one', () => {
  const { here, program } = prepare();
  here.bytes(program.link, request(program, 'child:x'));
  const pending = here.router.links.get(program.link)?.pending.get(1);
  assert.is(pending?.deadlineAtMs, here.nowMs + REQUEST_MS_DEFAULT);
});

test('thousands of deadlines at as many instants come in few steps', () => {
  const { here, program } = prepare();
  for (let number = 0; number < 2_000; number++) {
    here.nowMs += 0.05;
    here.bytes(program.link, request(program, 'child:x', { number, timeout: 1 }));
  }
  let steps = 0;
  for (const endMs = here.nowMs + 200; here.nowMs < endMs; steps++) {
    here.nowMs = Math.min(endMs, here.router.wakeAtMs);
    here.input({ kind: 'tick' });
  }
  assert.is(here.router.links.get(program.link)?.pending.size, 0);
  assert.ok(steps < 40, `${steps} steps`);
});

test('a link that is lost costs nothing for the requests that went by others', () => {
  const { here, program } = prepare();
  const other = here.child('other');
  for (let number = 1; number <= 100; number++) {
    here.bytes(program.link, request(program, 'child:x', { number }));
  }
  here.bytes(program.link, request(program, 'other:x', { number: 101 }));
  const { nodes } = here.router;
  const looked: number[] = [];
  const get = nodes.get.bind(nodes);
  nodes.get = (key) => {
    looked.push(key);
    return get(key);
  };
  here.input({ kind: 'closed', link: other, reason: 'reset' });
  assert.equal(outcomes(here, program), ['E_LOST']);
  assert.ok(looked.includes(nodeKeyOf('other')));
  assert.not.ok(looked.includes(nodeKeyOf('child')));
});

test('what has an outcome is not looked for any more when its link is lost', () => {
  const { here, child, up, program } = prepare();
  const carried = (link: number): number[] =>
    here.router.links.get(link)?.carried.map(({ number }) => number) ?? [];
  for (let number = 1; number <= 4; number++) {
    here.bytes(
      program.link,
      request(program, 'child:x', { number, timeout: number === 4 ? 20 : 0 }),
    );
  }
  here.bytes(program.link, request(program, 'far:x', { number: 5 }));
  assert.equal([carried(child), carried(up)], [[1, 2, 3, 4], [5]]);
  here.bytes(child, answer(program, 'child:x', { number: 1 }));
  assert.equal(carried(child), [4, 2, 3]);
  here.bytes(child, answer(program, 'child:x', { number: 3 }));
  assert.equal(carried(child), [4, 2]);
  here.run(2_000);
  assert.equal(carried(child), [2]);
  here.input({ kind: 'closed', link: program.link, reason: 'reset' });
  assert.equal([carried(child), carried(up)], [[], []]);
});

test('an answer to a former program of the same name is not taken for one of this', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x'));
  here.input({ kind: 'closed', link: program.link, reason: 'killed' });
  const next = here.program('asker');
  here.bytes(next.link, request(next, 'child:x'));
  here.bytes(child, answer(program, 'child:x'));
  assert.equal(outcomes(here, next), []);
  assert.is(here.router.counters.droppedLate, 1);
  here.bytes(child, answer(next, 'child:x'));
  assert.equal(outcomes(here, next), ['REPLY']);
});

test('a stream that nobody waits for any more is cancelled at its source', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x'));
  here.bytes(child, answer(program, 'child:x', { kind: Kind.DATA }));
  assert.is(here.sent(program.link)[0]?.kind, Kind.DATA);
  here.bytes(child, answer(program, 'child:x', { kind: Kind.DATA, number: 9 }));
  assert.equal(here.sent(program.link), []);
  const [cancel] = here.sent(child);
  assert.is(cancel?.kind, Kind.CANCEL);
  assert.is(cancel?.number, 9);
  here.input({ kind: 'closed', link: program.link, reason: 'killed' });
  here.bytes(child, answer(program, 'child:x', { kind: Kind.PROGRESS, number: 9 }));
  assert.is(here.sent(child)[0]?.kind, Kind.CANCEL);
});

test('when the asking program dies, who works for it is told to stop', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x', { number: 5 }));
  here.input({ kind: 'closed', link: program.link, reason: 'killed' });
  assert.equal(
    here.sent(child).map(({ kind, number }) => [kind, number]),
    [[Kind.CANCEL, 5]],
  );
  assert.equal(here.sent(program.link), []);
});

test('the next request is refused when too many have no outcome, and the others go on', () => {
  const { here, child, program } = prepare();
  for (let number = 0; number < PENDING_PER_LINK_MAX; number += 4_096) {
    const frames = Array.from({ length: 4_096 }, (_, n) =>
      request(program, 'child:x', { number: number + n }),
    );
    here.bytes(program.link, ...frames);
    assert.is(here.sent(child).length, 4_096);
  }
  here.bytes(program.link, request(program, 'child:x', { number: 77_777 }));
  assert.equal(outcomes(here, program), ['E_TOO_MANY_REQUESTS']);
  assert.is(here.sent(program.link)[0]?.number, 77_777);
  here.bytes(child, answer(program, 'child:x', { number: 5 }));
  here.bytes(program.link, request(program, 'child:x', { number: 77_777 }));
  assert.is(here.sent(child).length, 1);
});

test('a number whose request has no outcome yet is refused, and that request goes on', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x'));
  here.bytes(program.link, request(program, 'child:y'));
  assert.equal(outcomes(here, program), ['E_FRAME_INVALID']);
  assert.equal(here.sent(child), []);
  here.bytes(child, answer(program, 'child:x'));
  assert.equal(outcomes(here, program), ['REPLY']);
});

test('a message whose sender wants to know is a request to the path, with a deadline', () => {
  const { here, child, program } = prepare();
  const flags = Flag.REPORT | Flag.NO_CACHE;
  const report = { kind: Kind.MESSAGE, flags, timeout: 10 };
  here.bytes(program.link, request(program, 'child:x', report));
  assert.is(here.sent(child)[0]?.kind, Kind.MESSAGE);
  here.run(1_000);
  assert.equal(outcomes(here, program), ['E_DEADLINE']);
  here.input({ kind: 'congested', link: child, isCongested: true });
  here.bytes(program.link, request(program, 'child:x', report));
  assert.equal(outcomes(here, program), ['E_DROPPED']);
  assert.is(here.router.links.get(program.link)?.pending.size, 0);
});

test('of a message that may be kept, word is waited for longer than it may be kept', () => {
  const { here, program } = prepare();
  for (const [timeout, heldMs] of [
    [0, HELD_MS_DEFAULT],
    [1, HELD_MS_MIN],
    [1_200, 120_000],
    [0xffff, HELD_MS_MAX],
  ] as const) {
    const report = { kind: Kind.MESSAGE, flags: Flag.REPORT, timeout, number: 100 + timeout };
    here.bytes(program.link, request(program, 'child:x', report));
    const pending = here.router.links.get(program.link)?.pending.get(100 + timeout);
    assert.is(pending?.timeoutMs, heldMs + HELD_WORD_MS);
  }
});

test.run();
