import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { labelledOutput, plainOutput, recordOutput } from '../../src/cli/exec-output.ts';
import { OK, Streams, say } from './exec-streams.ts';

const LINE_BYTES_MAX = 65_536;
type Channel = 'stdout' | 'stderr';

const never = (): boolean => false;
const always = (): boolean => true;
const label = (target: string, channel: Channel): string =>
  `${target} ${channel === 'stdout' ? '|' : '!'} `;

test('one target: its bytes are ours, channel by channel', () => {
  const streams = new Streams();
  const sink = plainOutput(streams.write, never).sink('web1');
  const bytes = Buffer.from([0x1b, 0x5b, 0x00, 0xff, 0x0a]);
  sink.onOutput('stdout', bytes, () => undefined);
  sink.onOutput('stderr', Buffer.from('err'), () => undefined);
  assert.ok(streams.bytes().equals(bytes));
  assert.is(streams.text('stderr'), 'err');
});

test('one target: it may write more when ours has been taken, not before', () => {
  const streams = new Streams();
  let doneCount = 0;
  const sink = plainOutput(streams.write, never).sink('web1');
  sink.onOutput('stdout', Buffer.from('one'), () => doneCount++);
  assert.is(doneCount, 0);
  streams.take();
  assert.is(doneCount, 1);
});

test('one target, on a terminal: what would act on it is shown instead', () => {
  const streams = new Streams();
  const output = plainOutput(streams.write, (channel) => channel === 'stdout');
  const sink = output.sink('web1');
  sink.onOutput('stdout', Buffer.from('a\x1b[2Jb\n'), () => undefined);
  sink.onOutput('stderr', Buffer.from('\x1b'), () => undefined);
  assert.is(streams.text(), 'a\\x1b[2Jb\n');
  assert.is(streams.text('stderr'), '\x1b');
});

test('one target, on a terminal: a character that comes in two pieces is one', () => {
  const streams = new Streams();
  const output = plainOutput(streams.write, always);
  const bytes = Buffer.from('für 漢');
  for (const byte of bytes) say(output, 'web1', Buffer.from([byte]));
  say(output, 'web1', Buffer.from([0xe6]));
  output.finish('web1', OK);
  assert.is(streams.text(), 'für 漢\ufffd');
});

test('several targets: whole lines with the name in front, in the order of their ends', () => {
  const streams = new Streams();
  const output = labelledOutput(streams.write, label, never);
  const web1 = output.sink('web1');
  const web2 = output.sink('web2');
  web1.onOutput('stdout', Buffer.from('half '), () => undefined);
  web2.onOutput('stdout', Buffer.from('one\ntwo\n'), () => undefined);
  web1.onOutput('stderr', Buffer.from('trouble\n'), () => undefined);
  web1.onOutput('stdout', Buffer.from('line\nrest'), () => undefined);
  assert.is(streams.text(), 'web2 | one\nweb2 | two\nweb1 | half line\n');
  assert.is(streams.text('stderr'), 'web1 ! trouble\n');
  output.finish('web1', OK);
  output.finish('web2', OK);
  assert.is(streams.text(), 'web2 | one\nweb2 | two\nweb1 | half line\nweb1 | rest\n');
});

test('several targets: a piece without a line end asks for more at once', () => {
  const streams = new Streams();
  const output = labelledOutput(streams.write, label, never);
  assert.is(say(output, 'web1', 'half'), 1);
  assert.is(say(output, 'web2', 'line\nline\n'), 0);
});

test('several targets: a line without end is shown in pieces', () => {
  const streams = new Streams();
  const output = labelledOutput(streams.write, label, never);
  say(output, 'web1', ...Array(8).fill('x'.repeat(LINE_BYTES_MAX / 4)));
  assert.is(streams.written.length, 2);
  assert.is(streams.bytes().length, 2 * (LINE_BYTES_MAX + 'web1 | \n'.length));
});

test('several targets, on a terminal: no line can be more than one, or act on it', () => {
  const streams = new Streams();
  const output = labelledOutput(streams.write, label, always);
  say(output, 'web1', 'a\x1b[2Jb\r\n\x07\n');
  assert.is(streams.text(), 'web1 | a\\x1b[2Jb\\x0d\nweb1 | \\x07\n');
});

test('several targets: what is no text comes through unharmed', () => {
  const streams = new Streams();
  const output = labelledOutput(streams.write, label, never);
  say(output, 'web1', Buffer.from([0xff, 0xfe, 0x0a]));
  const expected = Buffer.concat([Buffer.from('web1 | '), Buffer.from([0xff, 0xfe, 0x0a])]);
  assert.ok(streams.bytes().equals(expected));
});

test('records: start, lines, result, numbered for each target', () => {
  const streams = new Streams();
  const output = recordOutput(streams.write, () => 1_700_000_000_123, true);
  const web1 = output.sink('web1');
  web1.onStart?.([]);
  web1.onOutput('stdout', Buffer.from('one\ntw'), () => undefined);
  output.sink('web2').onOutput('stderr', Buffer.from('trouble\n'), () => undefined);
  web1.onOutput('stdout', Buffer.from('o'), () => undefined);
  output.finish('web1', { verdict: 'failed', code: 3, ms: 7 });
  const t = '2023-11-14T22:13:20.123Z';
  const web1Record = { v: 1, t, target: 'web1' };
  assert.equal(streams.records(), [
    { ...web1Record, type: 'start', seq: 0 },
    { ...web1Record, type: 'out', seq: 1, data: 'one\n' },
    { v: 1, t, type: 'err', target: 'web2', seq: 0, data: 'trouble\n' },
    { ...web1Record, type: 'out', seq: 2, data: 'two' },
    { ...web1Record, type: 'result', seq: 3, verdict: 'failed', code: 3, ms: 7 },
  ]);
  assert.is(streams.text('stderr'), '');
});

test('records: a target that never began has a result all the same', () => {
  const streams = new Streams();
  const output = recordOutput(streams.write, () => 0, true);
  output.finish('web1', { verdict: 'unreachable', reason: 'no way', ms: 1 });
  const [record] = streams.records();
  assert.is(record?.type, 'result');
  assert.is(record?.verdict, 'unreachable');
});

test('records: what is no text is in base64, and says so', () => {
  const streams = new Streams();
  const output = recordOutput(streams.write, () => 0, true);
  say(output, 'web1', Buffer.from([0xff, 0x00, 0x0a]));
  const [record] = streams.records();
  assert.is(record?.enc, 'base64');
  assert.ok(Buffer.from(String(record?.data), 'base64').equals(Buffer.from([0xff, 0x00, 0x0a])));
});

test('records: whatever is written, and however it is cut, can be put together again', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, (all) => {
      const streams = new Streams();
      const output = recordOutput(streams.write, () => 0, true);
      const sink = output.sink('web1');
      for (const piece of all) sink.onOutput('stdout', Buffer.from(piece), () => undefined);
      output.finish('web1', OK);
      const parts = streams
        .records()
        .filter(({ type }) => type === 'out')
        .map(({ data, enc }) => Buffer.from(String(data), enc === 'base64' ? 'base64' : 'utf8'));
      assert.ok(Buffer.concat(parts).equals(Buffer.concat(all)));
    }),
  );
});

test('what is left out is told where it would be, by a line of its own', () => {
  const streams = new Streams();
  const sink = labelledOutput(streams.write, label, never).sink('web1');
  sink.onOutput('stdout', Buffer.from('half'), () => undefined);
  sink.onOmitted?.('stdout', 7);
  sink.onOutput('stdout', Buffer.from('tail\n'), () => undefined);
  const gap = '[... 7 bytes are not shown ...]\n';
  assert.is(streams.text(), `web1 | half\nweb1 | ${gap}web1 | tail\n`);
  const plain = new Streams();
  const one = plainOutput(plain.write, never).sink('web1');
  for (const text of ['half', 'whole\n']) {
    one.onOutput('stderr', Buffer.from(text), () => undefined);
    one.onOmitted?.('stderr', 7);
  }
  assert.is(plain.text('stderr'), `half\n${gap}whole\n${gap}`);
  const records = new Streams();
  recordOutput(records.write, () => 0, true)
    .sink('web1')
    .onOmitted?.('stdout', 7);
  const [record] = records.records();
  assert.is(record?.type, 'omitted');
  assert.is(record?.bytes, 7);
});

test('records without text tell of the start and the result', () => {
  const streams = new Streams();
  const output = recordOutput(streams.write, () => 0, false);
  output.sink('web1').onStart?.([]);
  assert.is(say(output, 'web1', 'one\n'), 1);
  output.finish('web1', OK);
  assert.equal(
    streams.records().map(({ type }) => type),
    ['start', 'result'],
  );
});

test.run();
