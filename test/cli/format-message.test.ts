import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatEvent,
  formatMessage,
  toEventRecord,
  toRecord,
} from '../../src/cli/format-message.ts';
import type { Incoming } from '../../src/client/index.ts';

const AT = '2026-01-02T03:04:05.678Z';

function messageOf(more: Partial<Incoming> = {}): Incoming {
  const names = { from: 'web1:office', to: 'root:printer', command: 'PRINT' };
  const rest = { params: {}, data: Buffer.alloc(0), sn: '00000001000000a2', isCall: false };
  return { ...names, ...rest, ...more };
}

test('a message is one line: who, what, with which parameters and data', () => {
  assert.is(formatMessage(messageOf()), 'web1:office PRINT');
  const params = { copies: '2', page: 'A4' };
  const message = messageOf({ params, data: Buffer.from('the text') });
  assert.is(formatMessage(message), 'web1:office PRINT copies=2 page=A4 the text');
});

test('whatever is in it, it stays one line and harmless', () => {
  const params = { a: 'b\nc' };
  const message = messageOf({ command: 'P\x1b[2J', params, data: Buffer.from('x\r\ny\n') });
  assert.is(formatMessage(message), 'web1:office P\\x1b[2J a=b\\nc x\\x0d\\ny\\n');
});

test('a record has all that a message has, and when it came', () => {
  const message = messageOf({ params: { a: '1' }, data: Buffer.from('ü\n') });
  assert.equal(toRecord(message, AT), {
    sn: '00000001000000a2',
    from: 'web1:office',
    to: 'root:printer',
    command: 'PRINT',
    params: { a: '1' },
    data: 'ü\n',
    at: AT,
  });
});

test('data that is no text is in base64, and says so', () => {
  const bytes = Buffer.from([0xff, 0x00, 0xfe]);
  const { data, enc } = toRecord(messageOf({ data: bytes }), AT);
  assert.is(enc, 'base64');
  assert.ok(Buffer.from(String(data), 'base64').equals(bytes));
});

test('a record of any message can be read back from its line', () => {
  const message = messageOf({ data: Buffer.from('"\n\u2028\0') });
  const { data } = JSON.parse(JSON.stringify(toRecord(message, AT))) as { data: string };
  assert.ok(Buffer.from(data).equals(message.data));
});

test('an event begins with its topic', () => {
  const event = messageOf({ to: 'orders.paid', command: '', params: { id: '7' } });
  assert.is(formatEvent(event), 'orders.paid web1:office id=7');
  const { sn, from } = event;
  const record = { sn, topic: 'orders.paid', from, params: { id: '7' }, data: '', at: AT };
  assert.equal(toEventRecord(event, AT), record);
});

test.run();
