import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseClasses } from '../../src/client/service-help.ts';

test('what a service says of itself is read', () => {
  const dog = {
    ...{ name: 'Dog', doc: 'A dog.', version: '1.0.0', args: ['name'] },
    methods: [{ name: 'bark', doc: 'Barks.', args: ['words'] }],
  };
  assert.equal(parseClasses([dog]), [dog]);
});

test('whatever else comes is left out', () => {
  for (const value of [null, 'x', {}, [null, 5, 'x']]) assert.equal(parseClasses(value), []);
  const odd = { name: 5, doc: null, version: 2, args: ['a', 5], methods: ['x', { args: {} }] };
  assert.equal(parseClasses([odd]), [
    {
      ...{ name: '', doc: '', version: null, args: ['a'] },
      methods: [{ name: '', doc: '', args: [] }],
    },
  ]);
});

test.run();
