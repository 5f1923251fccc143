import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRequest, readWords, splitMany } from '../../src/cli/call-request.ts';

test('arguments are JSON where they read as such, and text otherwise', () => {
  const words = ['web1:', 'admin.echo', '5', 'true', '[1,"a"]', '{"a":null}', 'text', '-', '01'];
  const { address, method, args } = readWords(words);
  assert.equal([address, method], ['web1:', 'admin.echo']);
  assert.equal(args, [5, true, [1, 'a'], { a: null }, 'text', '-', '01']);
});

test('an id of a call stays what it is, also when it looks like a number', () => {
  for (const sn of ['1234567800000001', '1234567e00000001', '24acf3e900000001']) {
    assert.equal(readWords(['kennel', 'admin.result', sn]).args, [sn]);
  }
  assert.equal(readWords(['kennel', 'clock.set', '1234567800000001']).args, [1234567800000001]);
});

test('what is missing is named', () => {
  assert.throws(() => readWords([]), 'ADDRESS and METHOD missing');
  assert.throws(() => readWords(['web1:']), 'METHOD missing');
});

test('flags are arguments by name, for the constructor, and the rest', () => {
  const flags = {
    ...{ kw: ['times=2', 'words=a=b'], new: ['Rex', '5'], 'new-kw': ['age=3'] },
    ...{ version: '2.1', data: '{"id":7}', timeout: 500 },
  };
  assert.equal(readRequest(flags), {
    kws: { times: 2, words: 'a=b' },
    cntr: ['Rex', 5],
    cntrKws: { age: 3 },
    version: '2.1',
    data: { id: 7 },
    timeoutMs: 500,
  });
  const nothing = Object.values(readRequest({}));
  assert.ok(nothing.every((each) => each === undefined));
  assert.throws(() => readRequest({ kw: ['bad'] }), 'write name=value');
});

test('an address means many by its selector, or by a flag', () => {
  for (const one of ['kennel', 'web1:kennel', 'web1:', '*:kennel'.slice(2)]) {
    assert.is(splitMany(one, {}), undefined, one);
  }
  assert.equal(splitMany('web*:kennel', {}), { words: ['web*'], service: 'kennel' });
  assert.equal(splitMany('site=oslo:', {}), { words: ['site=oslo'], service: '' });
  assert.equal(splitMany('web1:kennel', { exclude: ['x'] }), {
    words: ['web1'],
    service: 'kennel',
  });
  assert.equal(splitMany(':kennel', { file: ['list'] }), { words: [], service: 'kennel' });
  assert.ok(splitMany('web1:kennel', { where: 'memory.total>1g' }));
});

test.run();
