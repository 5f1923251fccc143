import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePluginLine, parsePluginLine } from '../../src/plugins/lines.ts';

test('a line is one of a few kinds, or none', () => {
  assert.equal(parsePluginLine('{"type":"result","id":7,"value":[1]}'), {
    ...{ kind: 'result', id: 7, value: [1] },
  });
  assert.equal(parsePluginLine('{"type":"error","id":7,"class":"A","message":"b","args":[1]}'), {
    ...{ kind: 'error', id: 7, fault: { class: 'A', module: '', message: 'b', args: [1] } },
  });
  assert.equal(parsePluginLine('{"type":"error","id":7}'), {
    ...{ kind: 'error', id: 7, fault: { class: 'Error', module: '', message: '', args: [] } },
  });
  assert.equal(parsePluginLine('{"type":"progress","id":7}')?.kind, 'progress');
  assert.is(parsePluginLine('{"type":"hello"}')?.kind, 'hello');
});

test('a flag is raised with what is said of it, and lowered by its name', () => {
  const text = '{"type":"raise","section":"md0","flag":"degraded","priority":"error","tags":["a"]}';
  const wish = { priority: 'error', tags: ['a'], message: undefined, isManual: false };
  assert.equal(parsePluginLine(text), { kind: 'raise', section: 'md0', flag: 'degraded', wish });
  assert.is(parsePluginLine('{"type":"lower","section":"md0","flag":"x"}')?.kind, 'lower');
  const wrong = ['{"type":"lower"}', '{"type":"raise","section":"a b","flag":"x"}'];
  for (const more of ['"priority":"huge"', '"tags":"a"', '"message":7', '"isManual":1']) {
    wrong.push(`{"type":"raise","section":"a","flag":"b",${more}}`);
  }
  for (const line of wrong) assert.is(parsePluginLine(line), undefined, line);
});

test('what is none is undefined', () => {
  const none = ['', 'x', '7', 'null', '[]', '"hello"', '{}', '{"type":"call","id":1}'];
  none.push('{"type":"result"}', '{"type":"result","id":"7"}', '{"type":"result","id":1.5}');
  none.push('{"type":"statistic","name":"a"}', '{"type":"statistic","name":"a","value":"1"}');
  none.push('{"type":"statistic","name":"","value":1}');
  none.push('{"type":"statistic","name":"a","value":1,"kind":"curve"}');
  none.push('{"type":"statistic","name":"a","value":1,"unit":7}');
  for (const text of none) assert.is(parsePluginLine(text), undefined, text);
});

test('no text at all makes the reader fail', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void parsePluginLine(text)));
  const lines = fc.record({ type: fc.constantFrom('result', 'error', 'statistic'), id: fc.nat() });
  fc.assert(
    fc.property(lines, fc.object(), (line, more) => {
      parsePluginLine(JSON.stringify({ ...more, ...line }));
    }),
  );
});

test('a line for a plugin has no blanks, the order of its fields, and a newline', () => {
  const fields = { type: 'call', id: 7, method: 'a.b', args: ['one two', 1] };
  const text = '{"type":"call","id":7,"method":"a.b","args":["one two",1]}\n';
  assert.is(encodePluginLine(fields).toString(), text);
});

test('what JSON has no word for becomes something that it has', () => {
  const args = [Buffer.from('bytes'), new Uint8Array([1]), 2n ** 60n, undefined];
  const text = encodePluginLine({ args }).toString();
  assert.equal(JSON.parse(text), { args: ['Ynl0ZXM=', 'AQ==', 2 ** 60, null] });
});

test.run();
