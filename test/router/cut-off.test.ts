/**
 * A node with several parents, some of which have no way to the top: when it moves, and where to.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind } from '../../src/protocol/frame.ts';
import { CUT_OFF_HOLDS, CUT_OFF_HOLDS_MAX, LEFT_URLS_MAX } from '../../src/protocol/limits.ts';
import type { LinkId } from '../../src/router/io.ts';
import { frameOf, recordOf, TestRouter } from './harness.ts';

const HOLD_MS = 3_000;
const STEP_MS = 50;
const MINUTE_MS = 60_000;

/** What a parent says: its top, null for none; or that it does not take the node. */
type Word = string | null | 'refuses';
/** What the parent at a URL says now, when it took the node so long ago. */
type Script = (url: string, sinceMs: number) => Word;

/** Plays all the parents of one node. */
class Parents {
  readonly here: TestRouter;
  readonly #script: Script;
  /** Where the node was taken, in order, and when its link ended, by its own will or not. */
  readonly taken: { readonly url: string; readonly atMs: number; endMs: number }[] = [];
  #link: LinkId | null = null;

  constructor(parents: readonly string[], script: Script) {
    this.here = new TestRouter('here', { parents, holdMs: HOLD_MS });
    this.#script = script;
    this.#answerDials();
  }

  #answerDials(): void {
    for (;;) {
      const dial = this.here.outputs.find(({ kind }) => kind === 'dial');
      if (dial?.kind !== 'dial') return;
      this.#answer(dial.url);
    }
  }

  #answer(url: string): void {
    const { here } = this;
    const top = this.#script(url, 0);
    const link = here.dialled();
    const name = url.slice('cd://'.length, -2);
    const error = { code: 'E_NAME_TAKEN', values: { name: 'here', where: name }, origin: name };
    const refusal = frameOf({ kind: Kind.REFUSE }, { error });
    here.bytes(link, top === 'refuses' ? refusal : here.welcome(recordOf(name), { top }));
    if (here.router.uplink.phase !== 'up') return;
    this.#link = link;
    this.taken.push({ url, atMs: here.nowMs, endMs: Number.POSITIVE_INFINITY });
  }

  run(ms: number): void {
    const { here } = this;
    for (const endMs = here.nowMs + ms; here.nowMs < endMs; ) {
      here.run(STEP_MS);
      const [last] = this.taken.slice(-1);
      if (this.#link !== null && here.router.links.has(this.#link) && last !== undefined) {
        const top = this.#script(last.url, here.nowMs - last.atMs);
        const head = { depth: 0, realm: 'test', top };
        here.bytes(this.#link, frameOf({ kind: Kind.PING }, head, Buffer.alloc(8)));
      } else if (last !== undefined) {
        last.endMs = Math.min(last.endMs, here.nowMs);
        this.#answerDials();
      }
      if (last === undefined) this.#answerDials();
    }
  }

  /** For how long it stayed each time, but the last. */
  stays(): number[] {
    return this.taken.slice(0, -1).map(({ atMs, endMs }) => endMs - atMs);
  }
}

const P = 'cd://p:1';
const Q = 'cd://q:1';
const R = 'cd://r:1';

test('who finds no better parent looks for one ever more rarely, and not without end', () => {
  const parents = new Parents([P, Q], (url) => (url === P ? null : 'refuses'));
  parents.run(60 * MINUTE_MS);
  const holds = parents.stays().map((ms) => Math.round(ms / HOLD_MS));
  assert.equal(holds.slice(0, 5), [3, 6, 12, 24, CUT_OFF_HOLDS_MAX]);
  assert.ok(holds.slice(4).every((each) => each === CUT_OFF_HOLDS_MAX));
  assert.ok(parents.taken.every(({ url }) => url === P));
});

test('it is no better when a parent has a way to the top for a moment now and then', () => {
  const isPassing = (sinceMs: number) => sinceMs % 12_000 < 200;
  const parents = new Parents([P, Q], (url, sinceMs) => {
    if (url === Q) return 'refuses';
    return isPassing(sinceMs) ? 'root' : null;
  });
  parents.run(20 * MINUTE_MS);
  assert.ok(parents.taken.length < 3, `${parents.taken.length}`);
});

test('once there was a way to the top for long, a parent is left as soon as the first time', () => {
  let isUp = false;
  const parents = new Parents([P, Q], (url) => {
    if (url === Q) return 'refuses';
    return isUp ? 'root' : null;
  });
  parents.run(10 * MINUTE_MS);
  isUp = true;
  parents.run(MINUTE_MS);
  isUp = false;
  const atMs = parents.here.nowMs;
  parents.run(MINUTE_MS);
  const left = parents.taken.find(({ endMs }) => endMs > atMs);
  const waitedMs = (left?.endMs ?? 0) - atMs;
  assert.ok(waitedMs >= CUT_OFF_HOLDS * HOLD_MS, `${waitedMs}`);
  assert.ok(waitedMs <= (CUT_OFF_HOLDS + 1) * HOLD_MS, `${waitedMs}`);
});

test('however rarely it looks, it finds a parent that has got a way to the top', () => {
  let isBack = false;
  const parents = new Parents([P, Q], (url) => (url === Q && isBack ? 'root' : null));
  parents.run(20 * MINUTE_MS);
  isBack = true;
  parents.run(CUT_OFF_HOLDS_MAX * HOLD_MS + HOLD_MS);
  assert.is(parents.taken.at(-1)?.url, Q);
  assert.is(parents.here.router.top, 'root');
});

test('when two parents take it and then lose their way to the top, it tries the third', () => {
  const parents = new Parents([P, Q, R], (url, sinceMs) => {
    if (url === R) return 'root';
    return sinceMs < 1_000 ? 'root' : null;
  });
  parents.run(2 * MINUTE_MS);
  const urls = parents.taken.map(({ url }) => url);
  assert.equal(urls, [P, Q, R]);
});

test('when two parents take it and their links soon break, it tries the third', () => {
  const here = new TestRouter('here', { parents: [P, Q, R] });
  const dials: string[] = [];
  for (let n = 0; n < 3; n++) {
    const url = here.outputs.flatMap((each) => (each.kind === 'dial' ? [each.url] : []))[0];
    dials.push(url ?? '');
    const link = here.dialled();
    here.bytes(link, here.welcome(recordOf(url?.slice(5, 6) ?? '')));
    here.run(2_000);
    here.input({ kind: 'closed', link, reason: 'reset' });
    if (here.outputs.every(({ kind }) => kind !== 'dial')) here.run(200);
  }
  assert.equal(dials, [P, Q, R]);
});

test('no more places are remembered where links ended than there is room for', () => {
  const urls = Array.from({ length: 2 * LEFT_URLS_MAX }, (_, n) => `cd://h${n}:1`);
  const here = new TestRouter('here', { parents: urls });
  for (const _ of urls) {
    const link = here.parent();
    here.input({ kind: 'closed', link, reason: 'reset' });
  }
  assert.is(here.router.uplink.left.length, LEFT_URLS_MAX);
});

test.run();
