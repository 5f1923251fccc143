import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseParams } from '../../src/cli/params.ts';
import { DagentError } from '../../src/protocol/errors.ts';

test('parameters are names with values; only the first = divides', () => {
  const words = ['copies=2', 'page=A4', 'query=a=b', 'empty=', '_x1=ü y'];
  const params = { copies: '2', page: 'A4', query: 'a=b', empty: '', _x1: 'ü y' };
  assert.equal(parseParams(words), params);
  assert.equal(parseParams([]), {});
});

test('of two with one name the last counts', () => {
  assert.equal(parseParams(['a=1', 'a=2']), { a: '2' });
});

test('a parameter may have any name that is one', () => {
  const params = parseParams(['constructor=1', '__proto__=2']);
  assert.equal(Object.entries(params), [
    ['constructor', '1'],
    ['__proto__', '2'],
  ]);
});

for (const word of ['copies', '=2', '2x=1', 'a b=1', '-x=1', 'ü=1', '', '--data']) {
  test(`"${word}" is no parameter, and is named`, () => {
    assert.throws(
      () => parseParams(['ok=1', word]),
      (error: unknown) =>
        error instanceof DagentError &&
        error.code === 'E_USAGE' &&
        error.message === `${word} is not a parameter: write name=value`,
    );
  });
}

test.run();
