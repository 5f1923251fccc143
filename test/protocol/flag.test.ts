import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  parseFlag,
  parseFlagSummary,
  parseListedFlag,
  parseNodeFlags,
  rankOf,
  sortFlags,
  summarizeFlags,
} from '../../src/protocol/flag.ts';
import {
  FLAG_MESSAGE_BYTES_MAX,
  FLAG_TAGS_MAX,
  FLAGS_OWN_MAX,
  FLAGS_PER_NODE_MAX,
} from '../../src/protocol/limits.ts';
import { flagOf, toldOf } from '../services/flag-bench.ts';

const GOOD = flagOf('a', { tags: ['db'], message: 'refused' });

test('a flag reads as it was written, and nothing else of it is believed', () => {
  assert.equal(parseFlag({ ...GOOD, more: 1 }), GOOD);
  const told = toldOf('web1', 7, [GOOD]);
  assert.equal(parseNodeFlags(JSON.parse(JSON.stringify(told))), told);
  const listed = { node: 'web1', nodeState: 'lost', ...GOOD } as const;
  assert.equal(parseListedFlag(listed), listed);
});

test('a flag with one part that is none is none', () => {
  const wrong = {
    service: ['', 'a b', 'a/b', 1, 'x'.repeat(64)],
    section: ['\x1b[31m'],
    flag: [null],
    state: ['up'],
    priority: ['huge', 2],
    tags: ['db', [1], ['a b'], Array.from({ length: FLAG_TAGS_MAX + 1 }, () => 'a')],
    message: [1, 'x'.repeat(FLAG_MESSAGE_BYTES_MAX + 1)],
    isManual: [1],
    count: [-1, 1.5, '1'],
    firstAtMs: [Number.NaN],
    lastAtMs: [null],
    by: ['web1', 'a b:c', `${'x'.repeat(64)}:y`],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) assert.is(parseFlag({ ...GOOD, [field]: value }), undefined, field);
  }
  assert.ok(parseFlag({ ...GOOD, message: 'x'.repeat(FLAG_MESSAGE_BYTES_MAX) }));
});

test('a node with too many flags, or one that is none, is not believed at all', () => {
  const many = Array.from({ length: FLAGS_PER_NODE_MAX + FLAGS_OWN_MAX + 1 }, (_, at) =>
    flagOf(`f${at}`),
  );
  assert.is(parseNodeFlags(toldOf('web1', 1, many)), undefined);
  assert.ok(parseNodeFlags(toldOf('web1', 1, many.slice(1))));
  assert.is(parseNodeFlags({ ...toldOf('web1', 1, []), flags: [GOOD, 1] }), undefined);
  assert.is(parseNodeFlags(toldOf('web 1', 1, [])), undefined);
});

test('no value makes a parser throw', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      for (const parse of [parseFlag, parseNodeFlags, parseListedFlag]) parse(value);
      parseNodeFlags({ node: 'a', revision: 1, omitted: 0, flags: [value] });
    }),
  );
});

test('the most urgent come first, and are what a summary says', () => {
  assert.ok(rankOf('critical') > rankOf('error') && rankOf('warning') > rankOf('info'));
  const flags = [flagOf('b'), flagOf('c', { priority: 'critical' }), flagOf('a')];
  assert.equal(
    sortFlags(flags).map(({ flag }) => flag),
    ['c', 'a', 'b'],
  );
  const told = { ...toldOf('web1', 1, flags), omitted: 2 };
  assert.equal(summarizeFlags(told), { count: 5, worst: 'critical' });
  assert.is(summarizeFlags(toldOf('web1', 1, [])), undefined);
  assert.equal(parseFlagSummary({ count: 5, worst: 'critical', more: 1 }), {
    count: 5,
    worst: 'critical',
  });
  for (const wrong of [undefined, 1, { count: -1, worst: 'info' }, { count: 1, worst: 'x' }]) {
    assert.is(parseFlagSummary(wrong), undefined);
  }
});

test.run();
