import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatSkipped, formatSniffed } from '../../src/client/format-sniff.ts';

const FRAME = {
  ...{ type: 'frame', at: '2026-11-21T12:00:01.234Z', node: 'hq', kind: 'request', id: '1' },
  ...{ from: 'web1:~5', to: 'web2:shop', cmd: 'NEW', size: 120, in: 'east', out: 'web2' },
  outcome: null,
};

test('an envelope is one line', () => {
  assert.is(
    formatSniffed(FRAME, false),
    '12:00:01.234  request   web1:~5 -> web2:shop  NEW  120 B  [east -> web2]',
  );
  assert.match(formatSniffed(FRAME, true), /^12:00:01.234 {2}hq {2}request/);
});

test('what ended, what was made here, and how long it took', () => {
  const ended = { ...FRAME, in: null, out: null, outcome: 'E_NO_SERVICE', ms: 1.25 };
  assert.match(
    formatSniffed(ended, false),
    /\[made here -> ended here\] {2}E_NO_SERVICE {2}1\.[23]ms$/,
  );
  assert.match(formatSniffed({ ...FRAME, type: 'exchange' }, false), /no outcome yet$/);
});

test('data is escaped, and said to be cut', () => {
  const line = formatSniffed({ ...FRAME, data: 'a\nb\x1b[2J', dataBytes: 5_000 }, false);
  assert.ok(line.endsWith('a\\nb\\x1b[2J  ... (5000 bytes)'), line);
});

test('a record of whatever shape does no harm', () => {
  for (const record of [{}, { size: 'x', at: 7, in: 3, data: [] }]) {
    assert.type(formatSniffed(record, true), 'string');
  }
});

test('what is not shown is counted for people', () => {
  assert.is(formatSkipped(1_204), '1,204 not shown');
});

test.run();
