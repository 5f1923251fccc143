import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { shareOf } from '../../src/cli/exec-capture.ts';
import { groupedOutput, printGroups, recordGroups } from '../../src/cli/exec-groups.ts';
import type { ExecOutput } from '../../src/cli/exec-output.ts';
import { EXEC_DIFF_LINES_MAX, EXEC_KEPT_BYTES_MAX } from '../../src/protocol/limits.ts';
import { OK, play, Streams } from './exec-streams.ts';

const FAILED = { verdict: 'failed', code: 3, ms: 1 } as const;

/** A run whose targets are grouped, and what it prints. */
class Grouping {
  readonly streams = new Streams();
  readonly output: ExecOutput;

  constructor(flags: { isDiff?: boolean; hidesEmpty?: boolean; masksHost?: boolean } = {}) {
    const { isDiff = false, hidesEmpty = false, masksHost = false } = flags;
    const isEscaped = (): boolean => false;
    const print = printGroups({ write: this.streams.write, isEscaped, hidesEmpty, isDiff });
    this.output = groupedOutput({ bytesMax: 1_000_000, masksHost }, print);
  }

  /** What is printed at the end. */
  end(): string[] {
    assert.is(this.streams.text(), '');
    this.output.end?.();
    return this.streams.text().split('\n').slice(0, -1);
  }
}

test('who ended alike is told once, the largest group first, the odd one last', () => {
  const { output, ...grouping } = new Grouping();
  const { streams } = grouping;
  play(output, 'odd', { stdout: 'no\n' });
  for (const number of [10, 2, 1]) play(output, `web${number}`, { stdout: 'yes\n' });
  play(output, 'db2', { stdout: 'maybe' });
  play(output, 'db1', { stdout: 'maybe' });
  output.end?.();
  assert.equal(streams.text().split('\n'), [
    '---- web[1-2,10] (3 of 6) ok',
    'yes',
    '---- db[1-2] (2 of 6) ok',
    'maybe',
    '---- odd (1 of 6) ok',
    'no',
    '',
  ]);
});

test('a group never mixes codes, verdicts, or what came on which stream', () => {
  const grouping = new Grouping();
  play(grouping.output, 'a', { stdout: 'x\n' });
  play(grouping.output, 'b', { stdout: 'x\n' }, FAILED);
  play(grouping.output, 'c', { stdout: 'x\n' }, { ...FAILED, code: 4 });
  play(grouping.output, 'd', { stdout: 'x\n' }, { verdict: 'timeout', signal: 'SIGTERM', ms: 1 });
  play(grouping.output, 'e', { stderr: 'x\n' });
  play(grouping.output, 'f', { stdout: 'x\n' }, { ...FAILED, ms: 99 });
  const heads = grouping.end().filter((line) => line.startsWith('----'));
  assert.equal(heads, [
    '---- b,f (2 of 6) failed 3',
    '---- a (1 of 6) ok',
    '---- c (1 of 6) failed 4',
    '---- d (1 of 6) timeout',
    '---- e (1 of 6) ok',
  ]);
  assert.is(grouping.streams.text('stderr'), 'e ! x\n');
});

test('who never wrote has a group too, unless that is not wanted', () => {
  const lost = { verdict: 'unreachable', ms: 1 } as const;
  const all = new Grouping();
  all.output.finish('gone', lost);
  assert.equal(all.end(), ['---- gone (1 of 1) unreachable']);
  const some = new Grouping({ hidesEmpty: true });
  some.output.finish('gone', lost);
  play(some.output, 'web1', { stdout: 'x' });
  assert.equal(some.end(), ['---- web1 (1 of 2) ok', 'x']);
});

test('what differs in the host’s own name only is alike, if that is asked for', () => {
  const grouping = new Grouping({ masksHost: true });
  for (const number of [1, 2, 10]) {
    const sink = grouping.output.sink(`web${number}`);
    sink.onStart?.([`box${number}`, `10.0.0.${number}`]);
    const text = `Web${number} box${number}.oslo at 10.0.0.${number}, not 10.0.0.99 or web100\n`;
    sink.onOutput('stdout', Buffer.from(text.slice(0, 9)), () => undefined);
    sink.onOutput('stdout', Buffer.from(text.slice(9)), () => undefined);
    grouping.output.finish(`web${number}`, OK);
  }
  assert.equal(grouping.end(), [
    '---- web[1-2,10] (3 of 3) ok',
    '{host} {host}.oslo at {host}, not 10.0.0.99 or web100',
  ]);
});

test('of the others only the difference to the largest group is shown', () => {
  const grouping = new Grouping({ isDiff: true });
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  const same = `${lines.join('\n')}\n`;
  play(grouping.output, 'web1', { stdout: same });
  play(grouping.output, 'web2', { stdout: same });
  play(grouping.output, 'web3', { stdout: same.replace('line 5\n', 'line five\nand\n') });
  play(grouping.output, 'web4', { stdout: same }, FAILED);
  play(grouping.output, 'web5', { stdout: same.trimEnd() });
  assert.equal(grouping.end().slice(1 + lines.length), [
    '---- web3 (1 of 5) ok',
    '--- web[1-2]',
    '+++ web3',
    '@@ -3,7 +3,8 @@',
    ...[' line 2', ' line 3', ' line 4', '-line 5', '+line five', '+and'],
    ...[' line 6', ' line 7', ' line 8'],
    '---- web4 (1 of 5) failed 3',
    'the same output',
    '---- web5 (1 of 5) ok',
    '--- web[1-2]',
    '+++ web5',
    'different in the end of the last line',
  ]);
});

test('outputs of too many lines are not compared', () => {
  const shown = (count: number): string | undefined => {
    const grouping = new Grouping({ isDiff: true });
    play(grouping.output, 'a', { stdout: 'x\n' });
    play(grouping.output, 'b', { stdout: 'x\n'.repeat(count) });
    return grouping.end().at(-1);
  };
  assert.is(shown(EXEC_DIFF_LINES_MAX), '+x');
  assert.match(shown(EXEC_DIFF_LINES_MAX + 1) ?? '', 'too long to compare');
});

test('groups are records too', () => {
  const streams = new Streams();
  const print = recordGroups(streams.write, () => 0, false);
  const output = groupedOutput({ bytesMax: 4, masksHost: false }, print);
  for (const name of ['web1', 'web2'])
    play(output, name, { stdout: 'one two', stderr: 'e' }, FAILED);
  output.end?.();
  const [{ t: _, ...record } = {}] = streams.records();
  assert.equal(record, {
    ...{ v: 1, type: 'group', targets: 'web[1-2]', count: 2, verdict: 'failed', code: 3 },
    stdout: { head: { data: 'on' }, omittedBytes: 3, tail: { data: 'wo' } },
    stderr: { data: 'e' },
  });
});

test('ten thousand targets share what is kept, and equal ones cost nothing', () => {
  assert.is(shareOf(10_000), Math.floor(EXEC_KEPT_BYTES_MAX / 20_000));
  assert.is(shareOf(1, 100), 100);
  const streams = new Streams();
  const print = recordGroups(streams.write, () => 0, false);
  const output = groupedOutput({ bytesMax: shareOf(10_000), masksHost: false }, print);
  const before = process.memoryUsage().arrayBuffers;
  const piece = 'x'.repeat(20_000);
  for (let number = 0; number < 10_000; number++) play(output, `n${number}`, { stdout: piece });
  assert.ok(process.memoryUsage().arrayBuffers - before < EXEC_KEPT_BYTES_MAX);
  output.end?.();
  assert.is(streams.records()[0]?.count, 10_000);
});

test.run();
