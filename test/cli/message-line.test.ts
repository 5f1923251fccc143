import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toRecord } from '../../src/cli/format-message.ts';
import { parseMessageLine } from '../../src/cli/message-line.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

function complaintOf(line: string): string {
  try {
    parseMessageLine(line);
  } catch (error) {
    assert.is((error as DagentError).code, 'E_MESSAGE_INVALID');
    return (error as DagentError).message;
  }
  throw new Error(`it was taken: ${line}`);
}

test('a line says where to, what, and what goes along', () => {
  const line = '{"to":"web1:printer","command":"PRINT","params":{"copies":2,"a":true},"data":"ü"}';
  const { to, command, options } = parseMessageLine(line);
  assert.is(to, 'web1:printer');
  assert.is(command, 'PRINT');
  assert.equal(options.params, { copies: '2', a: 'true' });
  assert.is(options.data?.toString(), 'ü');
});

test('what is not said, or null, does not go along', () => {
  for (const more of ['', ',"params":null,"data":null,"enc":null', ',"params":{}']) {
    const { options } = parseMessageLine(`{"to":"a","command":"B"${more}}`);
    assert.equal(options, { params: undefined, data: undefined });
  }
});

test('what listen prints is taken, text or not', () => {
  for (const data of [Buffer.from('text\n'), Buffer.from([0, 255, 10])]) {
    const names = { from: 'web1:office', to: 'root:printer', command: 'PRINT' };
    const rest = { params: { a: '1' }, data, sn: '00000001000000a2', isCall: false };
    const record = toRecord({ ...names, ...rest }, '2026-01-02T03:04:05.678Z');
    const { to, command, options } = parseMessageLine(JSON.stringify(record));
    assert.equal([to, command, options.params], ['root:printer', 'PRINT', { a: '1' }]);
    assert.ok(options.data?.equals(data));
  }
});

test('what is no message says what is wrong with it', () => {
  assert.match(complaintOf('{"to":'), /^not a message: .*JSON/);
  assert.match(complaintOf('[]'), /it is not an object$/);
  assert.match(complaintOf('"text"'), /it is not an object$/);
  assert.match(complaintOf('{"command":"B"}'), /to is missing$/);
  assert.match(complaintOf('{"to":"a"}'), /command is missing$/);
  assert.match(complaintOf('{"to":7,"command":"B"}'), /to is not a text$/);
  const rest = (more: string): string => complaintOf(`{"to":"a","command":"B",${more}}`);
  assert.match(rest('"params":[]'), /params is not an object$/);
  assert.match(rest('"params":{"x":{}}'), /params\.x is neither a text nor a number$/);
  assert.match(rest('"data":{}'), /data is not a text$/);
  assert.match(rest('"data":"eA==","enc":"hex"'), /enc is hex, not base64$/);
  assert.match(rest('"data":"text","enc":"base64x"'), /not base64$/);
  assert.match(rest('"data":"no!","enc":"base64"'), /data is not in base64/);
});

test.run();
