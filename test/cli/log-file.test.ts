import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveHome } from '../../src/adapters/home.ts';
import { formatLogLine, openLog } from '../../src/cli/log-file.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const dir = mkdtempSync(join(tmpdir(), 'log-'));
const home = resolveHome(dir, {});
const path = join(home.logDir, 'web1.log');
/** How often who follows looks. */
const LOOK_MS = 200;
mkdirSync(home.logDir);

function write(text: string): void {
  writeFileSync(path, text);
}

test('the last lines are shown, as many as are wanted', () => {
  write('one\ntwo\n\nthree\n');
  const log = openLog(home, 'web1', null);
  assert.equal(log.last(2), ['two', 'three']);
  assert.equal(log.last(50), ['one', 'two', 'three']);
  assert.equal(log.last(0), []);
});

test('a log in a place of its own is found there', () => {
  const other = join(dir, 'other.log');
  writeFileSync(other, 'elsewhere\n');
  assert.equal(openLog(home, 'web1', other).last(1), ['elsewhere']);
});

test('of a log that is very long only the end is read, and no half line is shown', () => {
  const line = `${'x'.repeat(99)}\n`;
  write(`${line.repeat(20_000)}last\n`);
  const lines = openLog(home, 'web1', null).last(1_000_000);
  assert.is(lines.at(-1), 'last');
  assert.ok(lines.length > 10_000 && lines.length < 11_000);
  assert.ok(lines.slice(0, -1).every((each) => each.length === 99));
});

test('a log that is not there says so', () => {
  assert.throws(
    () => openLog(home, 'web2', null).last(1),
    (error: unknown) => error instanceof DagentError && error.code === 'E_STATE_BROKEN',
  );
});

test('who follows hears what is added, also to a new file of that name', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  write('old\n');
  const log = openLog(home, 'web1', null);
  log.last(10);
  const heard: string[] = [];
  const stop = log.follow((line) => heard.push(line));
  /** What is heard at the next look. */
  const look = (): string[] => {
    mock.timers.tick(LOOK_MS);
    return heard.splice(0);
  };
  assert.equal(look(), []);
  appendFileSync(path, 'new\nha');
  assert.equal(look(), ['new']);
  appendFileSync(path, 'lf\n');
  assert.equal(look(), ['half']);
  truncateSync(path, 0);
  appendFileSync(path, 'after a cut\n');
  assert.equal(look(), ['after a cut']);
  renameSync(path, `${path}.1`);
  // While there is none nothing can be read: that is no reason to fall over.
  assert.equal(look(), []);
  writeFileSync(path, 'a new file that is longer than the old one\n');
  assert.equal(look(), ['a new file that is longer than the old one']);
  stop();
  appendFileSync(path, 'nobody follows\n');
  assert.equal(look(), []);
  mock.timers.reset();
});

test('a record is one line for people', () => {
  const record = {
    level: 'warn',
    time: '2026-01-02T03:04:05.678Z',
    node: 'web1',
    pid: 7,
    link: 3,
    reason: 'no way',
    more: { a: [1] },
    msg: 'link refused',
  };
  const line = formatLogLine(JSON.stringify(record));
  const fields = 'link=3 reason=no way more={"a":[1]}';
  assert.is(line, `2026-01-02T03:04:05.678Z warn  link refused ${fields}`);
});

for (const text of ['plain words', '{"half":', 'null', '7', '"text"', '[1,2]', '']) {
  test(`a line that is no record is shown as it is: ${text}`, () => {
    assert.is(formatLogLine(text), text);
  });
}

test('nothing in a log acts on the terminal or makes lines of its own', () => {
  const record = { level: 'info', time: 't', msg: 'a\nb', reason: '\x1b[2J\nforged' };
  assert.is(formatLogLine(JSON.stringify(record)), 't info  a\\nb reason=\\x1b[2J\\nforged');
  assert.is(formatLogLine('\x1b[2J'), '\\x1b[2J');
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
