import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WindowFile } from '../../src/adapters/window-file.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { WINDOW_IDS_MIN } from '../../src/protocol/limits.ts';

const dir = mkdtempSync(join(tmpdir(), 'window-'));
let count = 0;

const SENDER = '00000000000000aa';
const id = (sequence: number) => ({ sender: SENDER, sequence });
const lineOf = (sequence: number): string => `${SENDER}.${sequence}\n`;

/** A path that nothing is at, and what opens a window there. */
function place(): { path: string; open: () => WindowFile } {
  const path = join(dir, `of-${++count}`, 'orders');
  const open = (): WindowFile => {
    const window = new WindowFile(path);
    window.refresh();
    return window;
  };
  return { path, open };
}

test('what is done is known to the next process, without anything being closed', () => {
  const { open } = place();
  const window = open();
  assert.not(window.has(id(1)));
  window.add(id(1));
  const next = open();
  assert.equal([next.has(id(1)), next.has(id(2))], [true, false]);
  window.close();
  next.close();
});

test('what is no id is ignored: a line that a crash has torn; one behind it is whole', () => {
  const { path, open } = place();
  open().close();
  writeFileSync(path, `${lineOf(1)}nothing\n\n${lineOf(2)}00000000000000aa`);
  const window = open();
  assert.equal(
    [1, 2, 3].map((number) => window.has(id(number))),
    [true, true, false],
  );
  window.add(id(3));
  window.close();
  assert.match(readFileSync(path, 'latin1'), `00000000000000aa\n${lineOf(3)}`);
  const next = open();
  assert.ok(next.has(id(3)));
  next.close();
});

test('ids are those of their senders, in whatever order they came', () => {
  const { open } = place();
  const window = open();
  const other = '00000000000000bb';
  for (const sequence of [3, 1, 7, 2]) window.add(id(sequence));
  window.add({ sender: other, sequence: 5 });
  const next = open();
  for (const each of [window, next]) {
    const known = [SENDER, other].map((sender) =>
      [1, 2, 3, 4, 5, 6, 7].filter((sequence) => each.has({ sender, sequence })),
    );
    assert.equal(known, [[1, 2, 3, 7], [5]]);
    each.close();
  }
});

test('what another program has done meanwhile is known after a refresh', () => {
  const { path, open } = place();
  const window = open();
  appendFileSync(path, lineOf(9));
  assert.not(window.has(id(9)));
  window.refresh();
  assert.ok(window.has(id(9)));
  rmSync(path);
  window.refresh();
  assert.ok(window.has(id(9)), 'what was known is known');
  window.close();
});

test(`at least ${WINDOW_IDS_MIN} are remembered, and at most twice as many`, () => {
  const { path, open } = place();
  const window = open();
  for (let number = 1; number <= 3 * WINDOW_IDS_MIN; number++) window.add(id(number));
  const isKnown = (each: WindowFile): boolean[] =>
    [1, 2 * WINDOW_IDS_MIN, 2 * WINDOW_IDS_MIN + 1, 3 * WINDOW_IDS_MIN].map((n) => each.has(id(n)));
  assert.equal(isKnown(window), [false, false, true, true]);
  window.close();
  const next = open();
  assert.equal(isKnown(next), [false, false, true, true]);
  next.close();
  assert.ok(statSync(`${path}.old`).size < 40 * WINDOW_IDS_MIN);
  assert.is(statSync(path).size, 0);
});

test('one without a file remembers as long as it lives', () => {
  const window = new WindowFile(undefined);
  window.refresh();
  window.add(id(1));
  window.refresh();
  assert.ok(window.has(id(1)));
});

test('what cannot be written is said, and remembered all the same', () => {
  const { path } = place();
  const window = new WindowFile('/dev/full');
  assert.throws(
    () => window.add(id(1)),
    (error: unknown) => error instanceof DagentError && error.code === 'E_CANNOT_WRITE',
  );
  assert.ok(window.has(id(1)));
  window.close();
  writeFileSync(join(dir, 'file'), '');
  assert.throws(
    () => new WindowFile(join(dir, 'file', path.slice(1))).refresh(),
    (error: unknown) => error instanceof DagentError && error.code === 'E_CANNOT_WRITE',
  );
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
