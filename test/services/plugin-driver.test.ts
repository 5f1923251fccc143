import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CallServer } from '../../src/endpoint/call-server.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import { DagentError, type RemoteError } from '../../src/protocol/errors.ts';
import { PLUGIN_MEMORY_BYTES_DEFAULT, PLUGIN_SAMPLE_MS } from '../../src/protocol/limits.ts';
import type { PluginDetails } from '../../src/protocol/plugin-record.ts';
import { createPair, quiet } from '../endpoint/pair.ts';
import { found, PluginsBench } from './plugin-bench.ts';

/** A plugin `weather.py` that runs, and a pair whose far side serves its methods. */
function start(hello: object = {}) {
  const bench = new PluginsBench();
  bench.files = [found('weather.py')];
  bench.plugins.start();
  bench.greet('weather.py', hello);
  const pair = createPair();
  const calls = new CallServer(bench.methods, { node: 'there', timer: bench.clock });
  pair.there.handle('dagent', calls.handlers);
  const call = (...args: readonly unknown[]) =>
    openCall(pair.here, 'there:', 'weather.now', { args });
  const last = () => bench.read('weather.py').at(-1) ?? {};
  return { bench, pair, call, last };
}

test('a call goes there with its arguments and its caller, and its value back', async () => {
  const { bench, call, last } = start();
  const asking = call('Oslo', 2);
  await quiet();
  const { id, ...line } = last();
  const asked = { type: 'call', method: 'weather.now', args: ['Oslo', 2], kwargs: {} };
  assert.equal(line, { ...asked, from: 'here:asker' });
  bench.say('weather.py', { type: 'result', id, value: { celsius: 21 } });
  assert.equal(decodeValue((await asking.outcome).data), { celsius: 21 });
});

test('what it raises is an error with its class, and with its arguments beside', async () => {
  const { bench, call, last } = start();
  const asking = call();
  await quiet();
  const fault = { class: 'KeyError', module: 'm', message: 'no', args: ['Atlantis', 1] };
  bench.say('weather.py', { type: 'error', id: last().id, ...fault });
  const error = (await asking.outcome.catch((thrown) => thrown)) as RemoteError;
  assert.is(error.message, 'KeyError at there:dagent: no');
  assert.equal(error.exception, { ...fault, state: {} });
});

test('progress reaches the caller, and a caller that cancels the plugin', async () => {
  const { bench, call, last } = start();
  const asking = call();
  const heard: unknown[] = [];
  asking.onProgress = (value) => heard.push(value);
  await quiet();
  const { id } = last();
  bench.say('weather.py', { type: 'progress', id, value: '50%' });
  await quiet();
  assert.equal(heard, [{ total: null, completed: null, details: '50%' }]);
  bench.say('weather.py', { type: 'progress', id, value: { total: 4, completed: 1 } });
  await quiet();
  assert.equal(heard[1], { total: 4, completed: 1, details: null });
  bench.say('weather.py', { type: 'progress', id, value: 'x'.repeat(70_000) });
  assert.ok(bench.logged.some(({ message }) => message.includes('progress')));
  asking.cancel();
  await quiet();
  assert.equal(last(), { type: 'cancel', id });
  const error = (await asking.outcome.catch((thrown) => thrown)) as DagentError;
  assert.is(error.code, 'E_CANCELLED');
});

test('a call to one that waits for its next start says so', async () => {
  const { bench, call } = start();
  bench.child('weather.py').exit(1);
  const error = (await call().outcome.catch((thrown) => thrown)) as DagentError;
  assert.is(error.code, 'E_PLUGIN_DOWN');
  assert.ok(error.isRetryable);
});

test('it gets its services and topics, and gives them back when it is asked to end', async () => {
  const { bench } = start({ services: ['forecast'], topics: ['weather.>'] });
  const [program] = bench.programs;
  await quiet();
  assert.equal([...(program?.services.keys() ?? [])], ['forecast']);
  assert.equal(program?.topics, ['weather.>']);
  void bench.ask<Promise<unknown>>('reload', 'weather');
  assert.is(program?.services.size, 0);
  assert.not.ok(program?.isClosed, 'it may still answer');
  bench.child('weather.py').exit(0);
  assert.ok(program?.isClosed);
});

test('one with neither is no program of the node', () => {
  assert.equal(start().bench.programs, []);
});

test('a name that the node does not give is shown, and it runs without', async () => {
  const bench = new PluginsBench();
  bench.serviceRefusal = new DagentError('E_SERVICE_TAKEN', { service: 'forecast', node: 'here' });
  bench.files = [found('weather.py')];
  bench.plugins.start();
  bench.greet('weather.py', { services: ['forecast'] });
  await quiet();
  const { state, missing } = bench.ask<PluginDetails>('show', 'weather');
  assert.is(state, 'running');
  assert.is(missing.forecast?.code, 'E_SERVICE_TAKEN');
});

test('messages, events and requests reach it as lines, and its answer goes back', async () => {
  const { bench, pair, last } = start({ services: ['forecast'], topics: ['weather.>'] });
  await quiet();
  const handlers = bench.programs[0]?.services.get('forecast');
  pair.there.handle('forecast', handlers ?? {});
  const text = Buffer.from('text');
  pair.here.send({ to: 'there:forecast', command: 'NOTE', params: { a: '1' }, data: text });
  await quiet();
  const { sn, ...note } = last();
  assert.match(String(sn), /^[0-9a-f]{16}$/);
  const message = { type: 'message', service: 'forecast', command: 'NOTE', params: { a: '1' } };
  assert.equal(note, { ...message, from: 'here:asker', data: 'text' });
  const data = Buffer.from([0xff, 0x00]);
  const asking = pair.here.request({ to: 'there:forecast', command: 'ASK', data });
  await quiet();
  const { id, data: sent, enc } = last();
  assert.equal([sent, enc], ['/wA=', 'base64']);
  const value = { command: 'OK', params: { n: 1 }, data: 'AP8=', enc: 'base64' };
  bench.say('weather.py', { type: 'result', id, value });
  const reply = await asking.outcome;
  assert.equal([reply.command, reply.params, [...reply.data]], ['OK', { n: '1' }, [0, 0xff]]);
  const plain = pair.here.request({ to: 'there:forecast', command: 'ASK' });
  await quiet();
  bench.say('weather.py', { type: 'result', id: last().id, value: 'sunny' });
  assert.is((await plain.outcome).data.toString(), 'sunny');
  const large = pair.here.request({ to: 'there:forecast', command: 'ASK' });
  await quiet();
  bench.say('weather.py', { type: 'result', id: last().id, value: 'x'.repeat(1_100_000) });
  const error = (await large.outcome.catch((thrown) => thrown)) as DagentError;
  assert.is(error.code, 'E_TOO_LARGE');
});

test('a call to its service is a call of its methods', async () => {
  const { bench, pair, last } = start({ services: ['forecast'] });
  await quiet();
  pair.there.handle('forecast', bench.programs[0]?.services.get('forecast') ?? {});
  const asking = openCall(pair.here, 'there:forecast', 'weather.now', { args: [] });
  await quiet();
  bench.say('weather.py', { type: 'result', id: last().id, value: 1 });
  assert.is(decodeValue((await asking.outcome).data), 1);
});

test('its memory is measured every PLUGIN_SAMPLE_MS', () => {
  const { bench } = start();
  bench.memoryBytes = 1_000;
  bench.clock.advance(PLUGIN_SAMPLE_MS);
  assert.is(bench.ask<PluginDetails>('show', 'weather').memoryBytes, 1_000);
  bench.memoryBytes = PLUGIN_MEMORY_BYTES_DEFAULT + 1;
  bench.clock.advance(PLUGIN_SAMPLE_MS);
  assert.equal(bench.child('weather.py').signals, ['SIGKILL']);
});

test('one that reads slowly is not given more than it may leave unread', () => {
  const { bench } = start({ topics: ['a.>'] });
  const child = bench.child('weather.py');
  child.takesStdin = false;
  const event = { to: 'a.b', from: 'x:y', command: '', params: {}, sn: '0', isCall: false };
  const data = Buffer.alloc(1_000_000, 'x');
  for (let count = 0; count < 10; count++) bench.programs[0]?.onEvent({ ...event, data });
  const { counters } = bench.ask<PluginDetails>('show', 'weather');
  assert.equal([counters.events, counters.dropped], [8, 2]);
  child.handlers.onStdinDrain();
  bench.programs[0]?.onEvent({ ...event, data });
  assert.is(bench.ask<PluginDetails>('show', 'weather').counters.events, 9);
});

test('what a former process still says is not heard', () => {
  const { bench } = start();
  const former = bench.child('weather.py');
  former.exit(1);
  bench.clock.advance(100);
  former.say('stdout', 'garbage\n');
  former.exit(2);
  const { counters, ends } = bench.ask<PluginDetails>('show', 'weather');
  assert.is(counters.faults, 0);
  assert.equal(ends, { E_PLUGIN_DIED: 1 });
});

test('one whose interpreter is not there says so: its own file is', async () => {
  const bench = new PluginsBench();
  bench.spawner.refusal = 'no such program: /plugins/weather.py';
  bench.files = [found('weather.py')];
  bench.plugins.start();
  await quiet();
  const { error, state } = bench.ask<PluginDetails>('show', 'weather.py');
  assert.is(state, 'waiting');
  assert.match(String(error?.values.how), /^the interpreter/);
});

test.run();
