import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type PluginHello, readHello } from '../../src/plugins/hello.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import {
  PLUGIN_CALL_MS_DEFAULT,
  PLUGIN_CALL_MS_MAX,
  PLUGIN_MEMORY_BYTES_DEFAULT,
  PLUGIN_MEMORY_BYTES_MAX,
  PLUGIN_METHODS_MAX,
  PLUGIN_PERIOD_MS_MIN,
  PLUGIN_SCHEDULES_MAX,
  PLUGIN_SERVICES_MAX,
  PLUGIN_STATISTICS_MAX,
  PLUGIN_TEXT_LENGTH_MAX,
  PLUGIN_TOPICS_MAX,
} from '../../src/protocol/limits.ts';

const LEAST = { protocol: 1, name: 'weather' };

function read(more: object): PluginHello {
  return readHello({ ...LEAST, ...more } as Record<string, unknown>);
}

/** What is said to be wrong with a hello. */
function complaint(more: object): string {
  try {
    read(more);
  } catch (error) {
    assert.is((error as DagentError).code, 'E_ARGUMENT_INVALID');
    return (error as DagentError).message;
  }
  return 'nothing';
}

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function methods(count: number): object {
  const entries = many(count, (index) => [`m${index}`, {}]);
  return { classes: { c: { methods: Object.fromEntries(entries) } } };
}

test('a hello needs a protocol and a name, and gets all else', () => {
  assert.equal(read({}), {
    name: 'weather',
    version: '',
    doc: '',
    classes: {},
    methods: [],
    services: [],
    topics: [],
    statistics: [],
    schedules: [],
    memoryBytes: PLUGIN_MEMORY_BYTES_DEFAULT,
  });
});

test('methods are those of its classes, each with its doc, arguments and time', () => {
  const now = { doc: 'Now.', args: ['city', '...days'], timeoutMs: 5 };
  const { classes, methods: list } = read({
    classes: { weather: { doc: 'Weather.', methods: { now, later: {} } }, empty: {} },
  });
  assert.equal(classes, { weather: 'Weather.', empty: '' });
  assert.equal(list, [
    { name: 'weather.now', ...now },
    { name: 'weather.later', doc: '', args: [], timeoutMs: PLUGIN_CALL_MS_DEFAULT },
  ]);
});

test('schedules and statistics get what they leave out; names come once', () => {
  const hello = read({
    schedules: [{ name: 'measure', everyMs: PLUGIN_PERIOD_MS_MIN }],
    statistics: [{ name: 'used' }, { name: 'seen', kind: 'counter', unit: 'cars', doc: 'Seen.' }],
    services: ['a', 'a', 'b'],
    topics: ['orders.>', 'orders.>'],
  });
  const { timeoutMs, ...schedule } = hello.schedules[0] ?? { timeoutMs: 0 };
  assert.equal(schedule, { name: 'measure', doc: '', everyMs: PLUGIN_PERIOD_MS_MIN, jitterMs: 0 });
  assert.is(timeoutMs, PLUGIN_CALL_MS_DEFAULT);
  assert.equal(hello.statistics[0], { name: 'used', kind: 'gauge', unit: '', doc: '' });
  assert.equal(hello.services, ['a', 'b']);
  assert.equal(hello.topics, ['orders.>']);
});

test('what makes no sense is named', () => {
  const cases: [object, RegExp][] = [
    [{ protocol: 2 }, /protocol 2; this node 1/],
    [{ protocol: undefined }, /protocol/],
    [{ name: 'two words' }, /"two words" is no name/],
    [{ name: '~7' }, /no name/],
    [{ classes: [] }, /classes is no object/],
    [{ classes: { 'a.b': {} } }, /"a\.b"/],
    [{ classes: { constructor: {} } }, /"constructor"/],
    [{ classes: { a: { methods: { 'b c': {} } } } }, /a method "b c"/],
    [{ classes: { a: { methods: { b: { args: [1] } } } } }, /args of a\.b/],
    [{ classes: { a: { methods: { b: { timeoutMs: '1' } } } } }, /timeoutMs of a\.b/],
    [{ services: 'one' }, /services is no list/],
    [{ services: ['~1'] }, /services has "~1"/],
    [{ topics: ['a..b'] }, /topics has "a\.\.b"/],
    [{ statistics: [{}] }, /without a name/],
    [{ statistics: [{ name: 'a', kind: 'curve' }] }, /a is no counter, gauge or timing/],
    [{ schedules: [{ name: 'a' }] }, /everyMs of a/],
    [{ schedules: [{ name: 'a', everyMs: 1e9, jitterMs: 2e9 }] }, /jitterMs of a/],
    [{ version: 1 }, /version of weather is no text/],
  ];
  for (const [more, pattern] of cases) assert.match(complaint(more), pattern);
  const twice = [
    { name: 'a', everyMs: 1_000 },
    { name: 'a', everyMs: 1_000 },
  ];
  assert.match(complaint({ schedules: twice }), /a twice/);
});

test('each list has its bound', () => {
  const everyMs = PLUGIN_PERIOD_MS_MIN;
  const lists: [string, number, (index: number) => unknown][] = [
    ['services', PLUGIN_SERVICES_MAX, (index) => `s${index}`],
    ['topics', PLUGIN_TOPICS_MAX, (index) => `t${index}`],
    ['schedules', PLUGIN_SCHEDULES_MAX, (index) => ({ name: `s${index}`, everyMs })],
    ['statistics', PLUGIN_STATISTICS_MAX, (index) => ({ name: `s${index}` })],
  ];
  for (const [field, max, make] of lists) {
    assert.is(complaint({ [field]: many(max, make) }), 'nothing');
    assert.match(complaint({ [field]: many(max + 1, make) }), `at most ${max}`);
  }
  assert.is(complaint(methods(PLUGIN_METHODS_MAX)), 'nothing');
  assert.match(complaint(methods(PLUGIN_METHODS_MAX + 1)), `at most ${PLUGIN_METHODS_MAX}`);
});

test('times and memory have bounds, and long docs are cut off', () => {
  const timed = (timeoutMs: number) => ({ classes: { a: { methods: { b: { timeoutMs } } } } });
  assert.is(complaint(timed(PLUGIN_CALL_MS_MAX)), 'nothing');
  assert.match(complaint(timed(PLUGIN_CALL_MS_MAX + 1)), 'timeoutMs');
  assert.is(complaint({ memoryBytes: PLUGIN_MEMORY_BYTES_MAX }), 'nothing');
  assert.match(complaint({ memoryBytes: PLUGIN_MEMORY_BYTES_MAX + 1 }), 'memoryBytes');
  const everyMs = PLUGIN_PERIOD_MS_MIN - 1;
  assert.match(complaint({ schedules: [{ name: 'a', everyMs }] }), 'everyMs of a');
  const { doc } = read({ doc: 'x'.repeat(PLUGIN_TEXT_LENGTH_MAX + 1) });
  assert.is(doc.length, PLUGIN_TEXT_LENGTH_MAX);
});

test.run();
