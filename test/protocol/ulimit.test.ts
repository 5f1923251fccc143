import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseUlimit, ULIMIT_NAMES } from '../../src/protocol/ulimit.ts';

test('one number is both limits, and two are the soft and the hard one', () => {
  assert.is(parseUlimit('nofile', '64'), '64:64');
  assert.is(parseUlimit('nofile', '64:128'), '64:128');
  assert.is(parseUlimit('stack', '8Mi:unlimited'), '8388608:unlimited');
});

test('what is no limit is none', () => {
  const others = [
    '',
    ':',
    '1:',
    ':1',
    '2:1',
    'unlimited:1',
    '1:2:3',
    '-1',
    '1k',
    'x',
    '1e3',
    '0x1',
  ];
  for (const text of others) assert.is(parseUlimit('nproc', text), undefined, text);
  assert.is(parseUlimit('pid', '1'), undefined);
  assert.is(parseUlimit('toString', '1'), undefined);
});

test('what was understood once is understood again, and means the same', () => {
  const names = fc.constantFrom(...ULIMIT_NAMES);
  fc.assert(
    fc.property(
      names,
      fc.oneof(fc.string(), fc.stringMatching(/^\d{1,17}:\d{1,17}$/)),
      (name, text) => {
        const once = parseUlimit(name, text);
        if (once === undefined) return;
        assert.match(once, /^(\d+|unlimited):(\d+|unlimited)$/);
        assert.is(parseUlimit(name, once), once);
      },
    ),
  );
});

test.run();
