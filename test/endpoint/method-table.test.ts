import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MethodTable } from '../../src/endpoint/method-table.ts';
import type { Method } from '../../src/endpoint/methods.ts';
import { type RemoteClass, remoteClass } from '../../src/endpoint/remote-class.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { CLASS_VERSIONS_MAX } from '../../src/protocol/limits.ts';

class Dog {
  bark(): string {
    return 'woof';
  }
  fetch(): string {
    return 'stick';
  }
}

const BARK = { bark: { doc: 'Barks.', args: ['words'] } };

function dog(version: string, methods = {}): RemoteClass {
  return remoteClass(Dog, { doc: `A dog, ${version}.`, version, methods: { ...BARK, ...methods } });
}

const NOW: Method = { doc: 'The time.', run: () => 0 };
const TABLE = new MethodTable({
  'clock.now': NOW,
  Dog: [dog('1.4.0'), dog('2.0.0', { fetch: { doc: 'Fetches.' } }), dog('1.10.0')],
});

function failure(command: string, version?: string): DagentError {
  try {
    TABLE.find('web1:kennel', command, version);
  } catch (error) {
    return error as DagentError;
  }
  throw new Error('nothing was thrown');
}

test('who asks for no version gets the newest, by number', () => {
  assert.is(TABLE.find('', 'clock.now', undefined), NOW);
  assert.is(TABLE.find('', 'Dog.bark', undefined), TABLE.find('', 'Dog.bark', '2.0.0'));
});

test('who asks for a version gets the newest that is compatible', () => {
  const newest1 = TABLE.find('', 'Dog.bark', '1.10');
  assert.is(TABLE.find('', 'Dog.bark', '1'), newest1);
  assert.is(TABLE.find('', 'Dog.bark', '1.4'), newest1);
  assert.is.not(TABLE.find('', 'Dog.bark', '2'), newest1);
});

test('what there is no version of is refused with those that there are', () => {
  const error = failure('Dog.bark', '1.11');
  assert.is(error.code, 'E_NO_VERSION');
  assert.match(error.message, 'it has 2.0.0, 1.10.0, 1.4.0');
  assert.is(failure('Dog.bark', '3').code, 'E_NO_VERSION');
  assert.is(failure('clock.now', '1').values.offered, 'no versions');
  assert.is(failure('Dog.bark', 'new').code, 'E_ARGUMENT_INVALID');
});

test('one version is one class: a method that only another one has is not there', () => {
  assert.is(failure('Dog.fetch', '1').code, 'E_NO_METHOD');
  assert.ok(TABLE.find('', 'Dog.fetch', undefined));
});

test('only what is offered can be found', () => {
  for (const command of ['Dog.fetch.x', 'Dog.constructor', 'Dog', '', '.', 'Dog.', 'Cat.bark']) {
    assert.is(failure(command).code, 'E_NO_METHOD', command);
  }
});

test('a version that is none, and too many of them, are for who serves to know', () => {
  const codeOf = (served: RemoteClass[]): string => {
    try {
      return String(new MethodTable({ Dog: served }));
    } catch (error) {
      return (error as DagentError).code;
    }
  };
  assert.is(codeOf([dog('new')]), 'E_USAGE');
  const many = Array.from({ length: CLASS_VERSIONS_MAX + 1 }, (_, n) => dog(`${n + 1}.0`));
  assert.is(codeOf(many), 'E_USAGE');
  assert.is(codeOf(many.slice(1)), '[object Object]');
});

test('a class is described with its versions, the newest first', () => {
  const dogs = TABLE.describe('Dog');
  assert.equal(
    dogs.map(({ version }) => version),
    ['2.0.0', '1.10.0', '1.4.0'],
  );
  assert.equal(dogs[1]?.methods, [{ name: 'bark', doc: 'Barks.', args: ['words'] }]);
  const all = TABLE.describe().map(({ name }) => name);
  assert.equal(all, ['Dog', 'Dog', 'Dog', 'clock']);
  assert.equal(TABLE.describe('Cat'), []);
  assert.is(TABLE.signatures()['Dog.fetch()'], 'Fetches.');
});

test.run();
