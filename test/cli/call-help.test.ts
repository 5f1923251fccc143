import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatServiceHelp } from '../../src/cli/call-help.ts';

const METHODS = [
  { name: 'bark', doc: 'Barks.', args: ['words', 'times?'] },
  { name: 'eat', doc: 'Eats.', args: [] },
];
const CLASSES = [
  { name: 'admin', doc: '', version: null, args: [], methods: METHODS.slice(1) },
  { name: 'Dog', doc: 'A dog.', version: '2.1.0', args: ['name', 'age?'], methods: METHODS },
  { name: 'Dog', doc: 'Before.', version: '1.0.0', args: [], methods: METHODS.slice(0, 1) },
];

test('a service is shown with its classes, its own ones last, and an example', () => {
  assert.is(
    formatServiceHelp('web1:kennel', CLASSES),
    [
      'Dog  2.1.0  A dog.',
      '  new(name, age?)      Arguments for its object: --new',
      '  bark(words, times?)  Barks.',
      '  eat()                Eats.',
      '',
      'Dog  1.0.0  Before.',
      '  bark(words, times?)  Barks.',
      '',
      'admin',
      '  eat()  Eats.',
      '',
      '$ dagent call web1:kennel Dog.bark WORDS --new NAME',
    ].join('\n'),
  );
});

test('a class or a method is shown alone, and what there is not is not', () => {
  assert.is(
    formatServiceHelp('kennel', CLASSES, 'admin'),
    'admin\n  eat()  Eats.\n\n$ dagent call kennel admin.eat',
  );
  const method = formatServiceHelp('kennel', CLASSES, 'Dog.eat') ?? '';
  assert.match(method, '  eat() ');
  assert.not.match(method, 'bark');
  for (const word of ['Cat', 'Dog.fly', 'dog', '']) {
    assert.is(formatServiceHelp('kennel', CLASSES, word), undefined);
  }
});

test('what comes from a service cannot move the cursor', () => {
  const hostile = { ...CLASSES[0], name: 'x', doc: '\x1b[2J\n', version: null };
  const text = formatServiceHelp('kennel', [hostile as (typeof CLASSES)[number]]) ?? '';
  assert.match(text, '\\x1b[2J\\n');
  assert.not.match(text, '\x1b');
});

test.run();
