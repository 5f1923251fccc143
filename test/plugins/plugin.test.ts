import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PluginInput } from '../../src/plugins/io.ts';
import { nextId } from '../../src/plugins/state.ts';
import {
  PLUGIN_FAULTS_MAX,
  PLUGIN_LINE_BYTES_MAX,
  PLUGIN_LOG_LINE_BYTES_MAX,
  PLUGIN_LOG_LINES_MAX,
  PLUGIN_MEMORY_BYTES_DEFAULT,
  PLUGIN_OUTPUT_BYTES_MAX,
} from '../../src/protocol/limits.ts';
import { HELLO, PluginBench } from './bench.ts';

function stderr(bench: PluginBench, text: string): void {
  bench.feed({ kind: 'output', channel: 'stderr', bytes: Buffer.from(text) });
}

test('lines come in any pieces', () => {
  const bench = new PluginBench();
  bench.run();
  const id = bench.ask();
  for (const byte of Buffer.from(`{"type":"result","id":${id},"value":"ü"}\n`)) {
    bench.feed({ kind: 'output', channel: 'stdout', bytes: Buffer.from([byte]) });
  }
  assert.equal(bench.outcome(id), { value: 'ü' });
});

test('more than PLUGIN_FAULTS_MAX lines that make no sense end it; empty ones are none', () => {
  const bench = new PluginBench();
  bench.run();
  bench.say('', '  ', ...Array.from({ length: PLUGIN_FAULTS_MAX }, () => 'not json'));
  assert.is(bench.plugin.counters.faults, PLUGIN_FAULTS_MAX);
  assert.is(bench.plugin.phase, 'running');
  bench.say('{"type":"unheard-of"}');
  assert.equal(bench.signals, ['SIGKILL']);
  assert.is(bench.plugin.error?.code, 'E_PLUGIN_BROKEN');
});

test('faults of a former run are forgiven', () => {
  const bench = new PluginBench();
  bench.run();
  bench.say(...Array.from({ length: PLUGIN_FAULTS_MAX }, () => 'not json'));
  bench.feed({ kind: 'exited', code: 0, signal: null });
  bench.feed({ kind: 'restart' });
  bench.say('not json');
  assert.is(bench.plugin.phase, 'starting');
});

test('a line longer than PLUGIN_LINE_BYTES_MAX ends it, also before its end has come', () => {
  const whole = new PluginBench();
  whole.run();
  whole.say(`"${'x'.repeat(PLUGIN_LINE_BYTES_MAX - 3)}"`);
  assert.is(whole.plugin.counters.faults, 1, 'as long as one may be');
  whole.say('x'.repeat(PLUGIN_LINE_BYTES_MAX));
  assert.is(whole.plugin.error?.code, 'E_PLUGIN_BROKEN');
  const endless = new PluginBench();
  endless.run();
  const bytes = Buffer.alloc(PLUGIN_LINE_BYTES_MAX / 2 + 1, 'x');
  endless.feed({ kind: 'output', channel: 'stdout', bytes });
  assert.equal(endless.signals, []);
  endless.feed({ kind: 'output', channel: 'stdout', bytes });
  assert.equal(endless.signals, ['SIGKILL']);
});

test('what writes more than PLUGIN_OUTPUT_BYTES_MAX in a second is not read for the rest', () => {
  const bench = new PluginBench();
  bench.run();
  const line = `${JSON.stringify({ type: 'result', id: 4711, value: 'x'.repeat(1_000_000) })}\n`;
  const bytes = Buffer.from(line);
  const count = Math.ceil(PLUGIN_OUTPUT_BYTES_MAX / bytes.length);
  for (let index = 0; index < count; index++) {
    bench.feed({ kind: 'output', channel: 'stdout', bytes });
  }
  assert.equal(bench.all('pause'), [{ kind: 'pause', isPaused: true }]);
  assert.is(bench.plugin.counters.throttled, 1);
  bench.advance(1_000);
  assert.equal(bench.all('pause').at(-1), { kind: 'pause', isPaused: false });
  assert.is(bench.plugin.phase, 'running');
});

test('its stderr goes to the log, escaped, PLUGIN_LOG_LINES_MAX lines a second', () => {
  const bench = new PluginBench();
  bench.run();
  stderr(bench, 'one\x1b[31m\n\ntwo');
  assert.equal(
    bench.all('log').at(-1)?.fields,
    { plugin: 'weather.py', text: 'one\\x1b[31m' },
    'a line that has not ended waits',
  );
  stderr(bench, '\n'.concat('more\n'.repeat(PLUGIN_LOG_LINES_MAX * 3)));
  const said = bench.all('log').filter(({ message }) => message === 'plugin says');
  assert.is(said.length, PLUGIN_LOG_LINES_MAX);
  assert.is(bench.plugin.counters.suppressed, PLUGIN_LOG_LINES_MAX * 2 + 2);
  bench.advance(1_000);
  stderr(bench, 'later\n');
  const told = bench.all('log').find(({ message }) => message.includes('left out'));
  assert.is(told?.fields.count, PLUGIN_LOG_LINES_MAX * 2 + 2);
});

test('a line of its log is cut after PLUGIN_LOG_LINE_BYTES_MAX, and the last needs no end', () => {
  const bench = new PluginBench();
  bench.run();
  stderr(bench, 'x'.repeat(PLUGIN_LOG_LINE_BYTES_MAX));
  assert.is(bench.messages.filter((each) => each === 'plugin says').length, 1);
  stderr(bench, 'last words');
  bench.feed({ kind: 'exited', code: 1, signal: null });
  const texts = bench.all('log').map(({ fields }) => fields.text);
  assert.ok(texts.includes('last words'));
});

test('more memory than PLUGIN_MEMORY_BYTES_DEFAULT, or than it asked for, ends it', () => {
  for (const [hello, max] of [
    [HELLO, PLUGIN_MEMORY_BYTES_DEFAULT],
    [{ ...HELLO, memoryBytes: 1_000 }, 1_000],
  ] as const) {
    const bench = new PluginBench();
    bench.run(hello);
    const id = bench.ask();
    bench.feed({ kind: 'memory', bytes: max });
    assert.is(bench.outcome(id), undefined);
    bench.feed({ kind: 'memory', bytes: max + 1 });
    assert.is(bench.code(id), 'E_PLUGIN_MEMORY');
    assert.equal(bench.signals, ['SIGKILL']);
  }
});

test('a hello that is none is refused with what is wrong', () => {
  const bench = new PluginBench();
  bench.feed({ kind: 'tick' });
  bench.say({ ...HELLO, protocol: 2 });
  assert.is(bench.plugin.phase, 'stopping');
  assert.is(bench.plugin.error?.code, 'E_PLUGIN_REFUSED');
  assert.match(String(bench.plugin.error?.values.reason), 'protocol 2');
});

test('a second hello changes nothing', () => {
  const bench = new PluginBench();
  bench.run();
  assert.equal(bench.say({ ...HELLO, name: 'other' }), []);
  assert.is(bench.plugin.hello?.name, 'weather');
});

/** Anything that may happen, in any order. */
const anyInput = fc.oneof(
  fc
    .constantFrom<PluginInput['kind']>('tick', 'drained', 'deaf', 'restart')
    .map((kind) => ({ kind }) as PluginInput),
  fc.constant<PluginInput>({ kind: 'exited', code: 1, signal: null }),
  fc.constant<PluginInput>({ kind: 'notStarted', reason: 'no' }),
  fc.integer({ min: 0, max: 2 ** 30 }).map((bytes): PluginInput => ({ kind: 'memory', bytes })),
  fc.oneof(fc.constant(JSON.stringify(HELLO)), fc.json(), fc.string()).map((text): PluginInput => {
    return { kind: 'output', channel: 'stdout', bytes: Buffer.from(`${text}\n`) };
  }),
  fc.constant('ask' as const),
);

test('whatever happens in whatever order, each that asks has one outcome in the end', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyInput, fc.nat(3_000)), { maxLength: 60 }), (events) => {
      const bench = new PluginBench();
      bench.run();
      const ids: number[] = [];
      for (const [input, waitMs] of events) {
        if (input === 'ask') ids.push(bench.ask(1_000));
        else for (const output of bench.feed(input)) accept(bench, output);
        bench.advance(waitMs);
      }
      bench.feed({ kind: 'stop' });
      bench.feed({ kind: 'exited', code: 0, signal: null });
      for (const id of ids) assert.ok(bench.outcome(id) !== undefined);
      assert.ok(nextId(bench.plugin) > ids.length);
      assert.is(bench.plugin.calls.size, 0);
    }),
  );
});

function accept(bench: PluginBench, output: { readonly kind: string }): void {
  if (output.kind !== 'greeted') return;
  const { hello } = output as Extract<ReturnType<PluginBench['feed']>[number], { kind: 'greeted' }>;
  bench.feed({ kind: 'accepted', hello });
}

test.run();
