import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bindArguments, fillByName } from '../../src/endpoint/binding.ts';
import type { Named } from '../../src/protocol/call.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

const NAMES = ['words', 'times?'];

function bind(args: readonly unknown[], kws: Named = {}, names = NAMES): unknown[] {
  return bindArguments('Dog.bark', names, { args, kws });
}

function failure(args: readonly unknown[], kws: Named = {}, names = NAMES): string {
  try {
    bind(args, kws, names);
  } catch (error) {
    assert.is((error as DagentError).code, 'E_ARGUMENT_INVALID');
    return (error as DagentError).message;
  }
  return 'nothing was thrown';
}

test('arguments by position and by name come to one order', () => {
  assert.equal(bind(['hi', 2]), ['hi', 2]);
  assert.equal(bind(['hi'], { times: 2 }), ['hi', 2]);
  assert.equal(bind([], { times: 2, words: 'hi' }), ['hi', 2]);
});

test('there is a place for each name, also for what is left out', () => {
  const bound = bind(['hi']);
  assert.is(bound.length, 2);
  assert.is(bound[1], undefined);
  assert.is(bind([null, 1])[0], null);
});

test('what follows the last name is a list', () => {
  const names = ['first', '...rest'];
  assert.equal(bind([1, 2, 3], {}, names), [1, [2, 3]]);
  assert.equal(bind([1], {}, names), [1, []]);
  assert.equal(bind([], { first: 1 }, names), [1, []]);
});

test('what is missing, unknown, given twice or too much is named', () => {
  assert.is(failure([]), 'Dog.bark: the argument words is missing');
  assert.is(failure(['hi'], { volume: 1 }), 'Dog.bark: it takes no argument volume');
  assert.is(failure(['hi'], { words: 'ho' }), 'Dog.bark: the argument words is given twice');
  assert.is(failure(['hi', 1, 2]), 'Dog.bark: it takes 2 arguments, not 3');
  assert.is(failure([], { rest: 1 }, ['...rest']), 'Dog.bark: it takes no argument rest');
});

test('a method that sorts out its arguments itself gets names at their places', () => {
  const fill = (args: readonly unknown[], kws: Named) => fillByName('x.y', NAMES, { args, kws });
  assert.equal(fill([1, 2, 3], {}), [1, 2, 3]);
  assert.equal(fill([1], { times: 2 }), [1, 2]);
  assert.throws(() => fill([1], { words: 2 }), 'given twice');
});

test.run();
