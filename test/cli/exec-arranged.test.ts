import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cappedOutput, severalOutputs, sortedOutput } from '../../src/cli/exec-arranged.ts';
import { fileOutput, findStale } from '../../src/cli/exec-log-dir.ts';
import { type ExecOutput, labelledOutput } from '../../src/cli/exec-output.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { OK, play, Streams } from './exec-streams.ts';

const dir = mkdtempSync(join(tmpdir(), 'logs-'));
test.after(() => rmSync(dir, { recursive: true }));
const FAILED = { verdict: 'failed', code: 3, ms: 1 } as const;

function labelled(streams: Streams): ExecOutput {
  const label = (target: string, channel: string): string =>
    `${target} ${channel === 'stdout' ? '|' : '!'} `;
  return labelledOutput(streams.write, label, () => false);
}

test('sorted: each is printed as soon as those before it are', () => {
  const streams = new Streams();
  const options = { bytesMax: 100, masksHost: false, hidesEmpty: false };
  const output = sortedOutput(labelled(streams), ['a', 'b', 'c'], options);
  play(output, 'c', { stdout: 'third\n' });
  output.sink('b').onOutput('stdout', Buffer.from('second\n'), () => undefined);
  assert.is(streams.text(), '');
  play(output, 'a', { stdout: 'first\n', stderr: 'oops\n' });
  assert.is(streams.text(), 'a | first\n');
  output.finish('b', OK);
  output.end?.();
  assert.is(streams.text(), 'a | first\nb | second\nc | third\n');
  assert.is(streams.text('stderr'), 'a ! oops\n');
});

test('sorted: what is too much loses its middle', () => {
  const streams = new Streams();
  const options = { bytesMax: 6, masksHost: true, hidesEmpty: true };
  const output = sortedOutput(labelled(streams), ['a', 'b'], options);
  play(output, 'a', {});
  play(output, 'b', { stdout: 'one\ntwo\nthree\n' });
  const gap = 'b | [... 8 bytes are not shown ...]\n';
  assert.is(streams.text(), `b | one\n${gap}b | ee\n`);
});

test('capped: the beginning is shown while it comes, the end at the end', () => {
  const streams = new Streams();
  const output = cappedOutput(labelled(streams), 8);
  const sink = output.sink('a');
  let doneCount = 0;
  const done = (): void => void doneCount++;
  sink.onOutput('stdout', Buffer.from('1\n2\n3\n4\n5\n'), done);
  sink.onOutput('stdout', Buffer.from('6\n'), done);
  sink.onOutput('stderr', Buffer.from('short\n'), done);
  assert.is(streams.text(), 'a | 1\na | 2\n');
  // What is not shown, or is no whole line yet, holds nobody up.
  assert.is(doneCount, 2);
  streams.take();
  assert.is(doneCount, 3);
  output.finish('a', OK);
  const gap = 'a | [... 4 bytes are not shown ...]\n';
  assert.is(streams.text(), `a | 1\na | 2\n${gap}a | 5\na | 6\n`);
  assert.is(streams.text('stderr'), 'a ! short\n');
});

test('capped: what a node has left out before is added to what is left out here', () => {
  const streams = new Streams();
  const output = cappedOutput(labelled(streams), 12);
  const sink = output.sink('a');
  const say = (text: string): void => sink.onOutput('stdout', Buffer.from(text), () => undefined);
  say('1\nhalf');
  sink.onOmitted?.('stdout', 100);
  say('2\n3\n4\n5\n6\n');
  assert.is(streams.text(), 'a | 1\n');
  output.finish('a', OK);
  const gap = 'a | [... 104 bytes are not shown ...]\n';
  assert.is(streams.text(), `a | 1\na | half\n${gap}a | 4\na | 5\na | 6\n`);
});

test('several: more may come when the slowest of them has taken it', () => {
  const [fast, slow] = [new Streams(), new Streams()];
  const output = severalOutputs([labelled(fast), labelled(slow)]);
  let doneCount = 0;
  output.sink('a').onOutput('stdout', Buffer.from('x\n'), () => doneCount++);
  fast.take();
  assert.is(doneCount, 0);
  slow.take();
  assert.is(doneCount, 1);
  let silentCount = 0;
  severalOutputs([])
    .sink('a')
    .onOutput('stdout', Buffer.from('x'), () => silentCount++);
  assert.is(silentCount, 1);
});

test('files: output by name and stream, and lists of who succeeded and who failed', () => {
  const place = join(dir, 'deep', 'er');
  const output = fileOutput(place, ['web2', 'web10', 'gone'], false);
  play(output, 'web10', { stdout: 'ten\n', stderr: 'oops\n' });
  play(output, 'web2', { stdout: 'two\n' });
  play(output, 'web2', { stdout: 'more\n' });
  output.finish('gone', { verdict: 'unreachable', ms: 1 });
  output.finish('web10', FAILED);
  output.end?.();
  const read = (name: string): string => readFileSync(join(place, name), 'utf8');
  assert.is(read('web2.stdout'), 'two\nmore\n');
  assert.is(read('web2.stderr'), '');
  assert.is(read('web10.stderr'), 'oops\n');
  assert.is(read('gone.stdout'), '');
  assert.is(read('hosts.succeeded'), 'web2\n');
  assert.is(read('hosts.failed'), 'gone\nweb10\n');
});

test('files: what a former run wrote is not taken for new, and names lead nowhere else', () => {
  const place = join(dir, 'again');
  const first = fileOutput(place, ['web1', 'web2'], false);
  play(first, 'web1', { stdout: 'old\n' });
  first.end?.();
  const names = ['web1', '../up', '..', '/etc/x', 'a/b'];
  const output = fileOutput(place, names, true);
  for (const name of names) play(output, name, name === 'web1' ? {} : { stdout: 'x\n' });
  output.end?.();
  assert.equal(readdirSync(dir).sort(), ['again', 'deep']);
  const files = ['hosts.failed', 'hosts.succeeded', 'web2.stderr', 'web2.stdout'];
  assert.equal(readdirSync(place).sort(), files);
});

test('files: what a former run wrote of other targets stays, and is told', () => {
  const place = join(dir, 'stale');
  for (const names of [['web1', 'web2', 'web3', 'db1'], ['web1']]) {
    fileOutput(place, names, false).end?.();
  }
  writeFileSync(join(place, 'notes.txt'), '');
  assert.match(findStale(place, ['web1']) ?? '', /: db1,web\[2-3\]$/);
  assert.is(findStale(place, ['web1', 'web2', 'web3', 'db1']), undefined);
  assert.ok(readdirSync(place).includes('web2.stdout'));
});

test('files: a place that cannot be written in is told, at once or at the end', () => {
  const isRefused = (act: () => void): boolean => {
    try {
      act();
      return false;
    } catch (error) {
      return (error as DagentError).code === 'E_CANNOT_WRITE';
    }
  };
  const file = join(dir, 'file');
  writeFileSync(file, '');
  assert.ok(isRefused(() => fileOutput(file, ['web1'], false)));
  const place = join(dir, 'removed');
  const output = fileOutput(place, ['web1'], false);
  rmSync(place, { recursive: true });
  play(output, 'web1', { stdout: 'x' });
  assert.ok(isRefused(() => output.end?.()));
});

test.run();
