import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatDetails, formatPlugins } from '../../src/cli/plugins.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';
import type { PluginCounters, PluginDetails } from '../../src/protocol/plugin-record.ts';

const NONE: PluginCounters = {
  ...{ starts: 0, calls: 0, errors: 0, timeouts: 0, late: 0, strays: 0, messages: 0, events: 0 },
  ...{ dropped: 0, faults: 0, throttled: 0, suppressed: 0, statisticsDropped: 0 },
};
const DIED: ErrorData = {
  code: 'E_PLUGIN_DIED',
  values: { file: 'weather.py', how: 'status 3' },
};

function details(more: Partial<PluginDetails> = {}): PluginDetails {
  return {
    file: 'weather.py',
    name: 'weather',
    version: '1.2',
    state: 'running',
    pid: 7,
    memoryBytes: 15_728_640,
    upMs: 61_000,
    retryMs: null,
    classes: ['weather'],
    services: [],
    counters: { ...NONE, starts: 2, calls: 5, errors: 1, timeouts: 1 },
    ends: { E_PLUGIN_DIED: 1 },
    error: DIED,
    path: '/p/weather.py',
    doc: '',
    memoryBytesMax: 268_435_456,
    classDocs: { weather: 'Weather.\nMore.' },
    methods: [{ name: 'weather.now', doc: 'Now.\nMore.', args: ['city?'], timeoutMs: 30_000 }],
    topics: [],
    missing: {},
    schedules: [],
    statistics: [],
    ...more,
  };
}

test('a list has a line for each, and the reason of each that does not run', () => {
  const waiting = { state: 'waiting', upMs: null, retryMs: 1_500, pid: null } as const;
  const list = [details(), details({ ...waiting, memoryBytes: null, name: null })];
  assert.equal(formatPlugins(list).split('\n'), [
    'PLUGIN      VERSION  STATE          PID  MEM     CALLS  ERRORS  ENDS  CLASSES',
    'weather     1.2      running 1m 1s  7    15 MiB  5      2       1     weather',
    'weather.py  1.2      waiting 1.5s   -    -       5      2       1     weather',
    'weather.py: the plugin weather.py ended: status 3 (E_PLUGIN_DIED)',
  ]);
});

test('in full it has what there is, with docs cut to their first line', () => {
  assert.equal(formatDetails(details()), [
    'weather 1.2 (running 1m 1s, pid 7)',
    '  file       /p/weather.py',
    '  memory     15 MiB of at most 256 MiB',
    '  classes    weather  Weather.',
    '  methods    weather.now(city?)  Now.',
    '  counted    starts 2, calls 5, errors 1, timeouts 1',
    '  ended      E_PLUGIN_DIED 1',
    '             the plugin weather.py ended: status 3 (E_PLUGIN_DIED)',
  ]);
});

test('schedules tell their counts, their next run and how the last one ended', () => {
  const plain = { name: 'measure', doc: '', everyMs: 30_000, jitterMs: 0, isRunning: false };
  const counts = { runCount: 3, failureCount: 1, skippedCount: 0 };
  const schedule = { ...plain, ...counts, dueMs: 2_000, tookMs: 12, agoMs: 28_000 };
  const schedules = [
    { ...schedule, result: '{"a":1}', error: null },
    { ...schedule, isRunning: true, result: null, error: DIED },
    { ...plain, ...counts, runCount: 0, failureCount: 0, dueMs: null, tookMs: null, agoMs: null },
  ].map((each) => ({ result: null, error: null, ...each }));
  const lines = formatDetails(details({ schedules })).filter((line) => line.includes('measure'));
  const last = 'last 28s ago, took 12ms';
  const died = 'the plugin weather.py ended: status 3';
  assert.equal(lines, [
    `  schedules  measure  every 30s; runs 3, failed 1; next in 2.0s; ${last}: {"a":1}`,
    `             measure  every 30s; runs 3, failed 1; runs now; ${last}: ${died}`,
    '             measure  every 30s; nothing yet',
  ]);
});

test('of many statistics as many are shown as a person reads', () => {
  const statistics = Array.from({ length: 30 }, (_, index) => ({
    plugin: 'weather',
    name: `s${index}`,
    kind: 'gauge' as const,
    value: index === 0 ? null : index,
    unit: index === 1 ? '' : 'ms',
    doc: '',
    ageMs: index === 0 ? null : 1_000,
  }));
  const lines = formatDetails(details({ statistics })).filter((line) => /gauge|more/.test(line));
  assert.is(lines.length, 25);
  assert.equal(lines.slice(0, 2), [
    '  figures    s0  gauge  - ms  not yet',
    '             s1  gauge  1  1.0s ago',
  ]);
  assert.match(lines.at(-1) ?? '', 'and 6 more: see --json');
});

test('nothing that a plugin says reaches the terminal as it is', () => {
  const hostile = details({
    name: 'a\x1b[2J',
    doc: 'b\x1b]0;c\x07',
    missing: { 'd\x1b': DIED },
    error: { ...DIED, values: { file: 'e\n\x1b', how: '' } },
    state: 'waiting',
  });
  const text = [...formatDetails(hostile), formatPlugins([hostile])].join('\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  assert.not.match(text, /[\x00-\x08\x0b-\x1f]/);
});

test.run();
