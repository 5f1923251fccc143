import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import {
  ADMISSION_BURST_MAX,
  ADMISSIONS_PER_SECOND_MAX,
  RETRY_AFTER_MS_MAX,
} from '../../src/protocol/limits.ts';
import { admit, bookMs, createAdmission } from '../../src/router/admission.ts';
import { errorOf, open, recordOf, TestRouter } from './harness.ts';

test('so many are let in at once, then others as time passes', () => {
  const admission = createAdmission();
  const countIn = (nowMs: number): number => {
    for (let count = 0; ; count++) if (!admit(admission, nowMs)) return count;
  };
  assert.is(countIn(1_000), ADMISSION_BURST_MAX);
  assert.is(countIn(2_000), ADMISSION_BURST_MAX);
  assert.is(countIn(2_100), (ADMISSIONS_PER_SECOND_MAX - ADMISSION_BURST_MAX) / 10);
});

test('each who must wait is told a later time, up to a bound', () => {
  const admission = createAdmission();
  const told = Array.from({ length: 20_000 }, () => bookMs(admission, 1_000));
  assert.ok((told[100] ?? 0) > (told[0] ?? 0));
  assert.ok((told[0] ?? 0) > 0 && (told[0] ?? 0) < 10);
  assert.is(Math.max(...told), RETRY_AFTER_MS_MAX);
  assert.ok(bookMs(admission, 1_000 + RETRY_AFTER_MS_MAX) < 10, 'the line moves on with time');
});

test('of too many neighbours at once the late ones are told when to come again', () => {
  const here = new TestRouter();
  const hello = (name: string, as: string) => {
    const link = here.accept();
    here.bytes(link, MAGIC, here.hello(recordOf(name), { as }));
    return link;
  };
  for (let n = 0; n < ADMISSION_BURST_MAX; n++) hello(`n${n}`, n % 2 === 0 ? 'child' : 'peer');
  for (const as of ['child', 'peer']) {
    const link = hello('late', as);
    assert.is(here.closed(link), 'E_BUSY');
    assert.ok(Number(errorOf(here.sent(link)[0])?.values.retryAfterMs) > 0);
  }
  const program = here.program('mail');
  assert.ok(program.seed > 0, 'programs are let in all the same');
});

const CHILDREN = 10_000;
/** Nobody answers pings here. */
const HOLD_MS = 1e9;

/** Children of one parent, each woken when it wishes to be. */
class Crowd {
  readonly parent = new TestRouter('parent', { holdMs: HOLD_MS });
  readonly children: TestRouter[];
  readonly wishes = new Map<number, TestRouter[]>();
  /** When each was let in, and how often they dialled. */
  readonly inAtMs: number[] = [];
  dialCount = 0;

  constructor(count: number) {
    this.children = Array.from({ length: count }, (_, n) => {
      const config = { parents: ['cd://parent:1'], holdMs: HOLD_MS, seed: n };
      return new TestRouter(`n${n}`, config);
    });
    for (const child of this.children) this.plan(child, 1_000 + 100 * (child.router.key % 2));
  }

  plan(child: TestRouter, atMs: number): void {
    const list = this.wishes.get(atMs);
    if (list === undefined) this.wishes.set(atMs, [child]);
    else list.push(child);
  }

  /** A child's turn: where it has dialled, both sides say what they have to say. */
  #connect(child: TestRouter): void {
    const { parent } = this;
    this.dialCount++;
    const [up, down] = [child.dialled(), parent.accept()];
    parent.bytes(down, ...child.slices(up));
    const answers = parent.slices(down);
    if (open(Buffer.concat(answers))[0]?.kind === Kind.WELCOME) this.inAtMs.push(parent.nowMs);
    child.bytes(up, ...answers);
  }

  turn(nowMs: number): void {
    this.parent.nowMs = nowMs;
    for (const child of this.wishes.get(nowMs) ?? []) {
      child.nowMs = nowMs;
      child.input({ kind: 'tick' });
      if (child.router.uplink.phase === 'dialling') this.#connect(child);
      const { phase, retryAtMs } = child.router.uplink;
      if (phase === 'waiting') this.plan(child, Math.max(nowMs + 1, Math.ceil(retryAtMs)));
    }
    this.wishes.delete(nowMs);
  }
}

test('ten thousand children of a restarted parent are back in half a minute, and no storm', () => {
  const crowd = new Crowd(CHILDREN);
  const startMs = 1_000;
  for (let nowMs = startMs; crowd.inAtMs.length < CHILDREN; nowMs++) {
    assert.ok(nowMs < startMs + 30_000, `${crowd.inAtMs.length} are back after 30 s`);
    crowd.turn(nowMs);
  }
  assert.is(crowd.parent.router.children.size, CHILDREN);
  crowd.inAtMs.forEach((atMs, n) => {
    const earlier = crowd.inAtMs[n - ADMISSIONS_PER_SECOND_MAX];
    if (earlier !== undefined) assert.ok(atMs - earlier >= 1_000, `too many before ${atMs}`);
  });
  // Each is turned away once, most of them once only.
  assert.ok(crowd.dialCount < 2.5 * CHILDREN, `${crowd.dialCount} attempts`);
});

test.run();
