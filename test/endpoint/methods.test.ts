import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeValue, type Methods, openCall } from '../../src/endpoint/methods.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { BODY_BYTES_MAX, STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { answering, createPair, type Pair, quiet } from './pair.ts';

class PrinterOnFire extends Error {
  override name = 'PrinterOnFire';
}

/** Throws what is no error, as any program may. */
function throwAny(thrown: unknown): never {
  throw thrown;
}

const METHODS: Methods = {
  'math.add': { doc: 'Adds.', args: ['a', 'b'], run: ([a, b]) => Number(a) + Number(b) },
  'echo.args': { doc: 'Returns all.', args: ['...values'], run: (args) => args },
  'echo.kwargs': { doc: 'Returns the named ones.', run: (_, { kwargs }) => kwargs },
  'who.asks': { doc: 'Who?', run: async (_, { from }) => from },
  'get.nothing': { doc: 'Nothing.', run: () => undefined },
  'get.much': { doc: 'Too much.', run: () => 'x'.repeat(BODY_BYTES_MAX) },
  'fail.error': { doc: 'Fails.', run: () => throwAny(new PrinterOnFire('lp0 on fire')) },
  'fail.text': { doc: 'Fails.', run: () => throwAny('only text') },
  'fail.odd': { doc: 'Fails.', run: () => throwAny(Object.create(null)) },
  'fail.long': { doc: 'Fails.', run: () => throwAny(new Error('long '.repeat(50_000))) },
  'fail.ours': {
    doc: 'Fails.',
    run: () => throwAny(new DagentError('E_ACCOUNT_UNKNOWN', { kind: 'user', name: 'bob' })),
  },
  'fail.later': { doc: 'Fails.', run: () => Promise.reject(new RangeError('later')) },
};

/** A pair whose `there` serves the methods. */
function serve(methods: Methods = METHODS): Pair {
  const pair = createPair();
  pair.there.handle('dagent', answering(methods));
  return pair;
}

async function call({ here }: Pair, method: string, args: readonly unknown[] = []) {
  return decodeValue((await openCall(here, 'there:', method, { args }).outcome).data);
}

async function failure(pair: Pair, method: string): Promise<DagentError> {
  return (await call(pair, method).catch((error) => error)) as DagentError;
}

test('arguments go there and the value comes back', async () => {
  const pair = serve();
  assert.is(await call(pair, 'math.add', [1, 2]), 3);
  const values = [null, true, -1, 1.5, 'ünïcode', [1, [2]], { a: { b: 1 } }];
  assert.equal(await call(pair, 'echo.args', values), values);
  const bytes = (await call(pair, 'echo.args', [Buffer.from('bytes')])) as [Buffer];
  assert.is(bytes[0].toString(), 'bytes');
  assert.is(await call(pair, 'get.nothing'), null);
});

test('a method knows who calls it', async () => {
  assert.is(await call(serve(), 'who.asks'), 'here:asker');
});

test('named arguments travel as well', async () => {
  const pair = serve();
  const data = pack({ args: [], kwargs: { copies: 2 } });
  const out = { to: 'there:', command: 'echo.kwargs', data, isCall: true };
  assert.equal(decodeValue((await pair.here.request(out).outcome).data), { copies: 2 });
});

test('a call without a body has no arguments, and a body that is no call is refused', async () => {
  const pair = serve();
  const ask = (data: Buffer) => {
    return pair.here.request({ to: 'there:', command: 'echo.args', data, isCall: true }).outcome;
  };
  assert.equal(decodeValue((await ask(Buffer.alloc(0))).data), []);
  for (const data of [Buffer.from('?'), pack('text'), pack({ args: 'text' })]) {
    const error = await ask(data).catch((each) => each);
    assert.is(error.code, 'E_VALUE_INVALID');
    assert.is(error.origin, 'there');
  }
});

test('an exception keeps its class and its text, and says where it arose', async () => {
  const error = await failure(serve(), 'fail.error');
  assert.instance(error, DagentError);
  assert.is(error.code, 'E_REMOTE');
  assert.is(error.values.class, 'PrinterOnFire');
  assert.is(error.values.text, 'lp0 on fire');
  assert.is(error.message, 'PrinterOnFire at there:dagent: lp0 on fire');
  assert.is(error.origin, 'there');
});

test('an exception that comes later is one all the same', async () => {
  const error = await failure(serve(), 'fail.later');
  assert.is(error.message, 'RangeError at there:dagent: later');
});

test('an error of ours keeps its code and its values', async () => {
  const error = await failure(serve(), 'fail.ours');
  assert.is(error.code, 'E_ACCOUNT_UNKNOWN');
  assert.is(error.values.name, 'bob');
  assert.is(error.origin, 'there');
});

test('whatever is thrown, there is an outcome', async () => {
  const pair = serve();
  assert.is((await failure(pair, 'fail.text')).message, 'Error at there:dagent: only text');
  assert.is((await failure(pair, 'fail.odd')).code, 'E_REMOTE');
  assert.match((await failure(pair, 'fail.long')).message, /^Error at there:dagent: long long/);
});

test('a value that is too large to travel is an error, not the end of the connection', async () => {
  const error = await failure(serve(), 'get.much');
  assert.is(error.code, 'E_TOO_LARGE');
  assert.is(error.values.max, BODY_BYTES_MAX);
});

test('a method that is not there is named, and so is where to see which are', async () => {
  const pair = serve();
  for (const method of ['no.such', 'constructor', '__proto__', '']) {
    const error = await failure(pair, method);
    assert.is(error.code, 'E_NO_METHOD');
    assert.is(error.message, `there:dagent has no method ${method}`);
    assert.is(error.hint, 'list them: dagent call there:dagent --help');
  }
});

test('admin.help lists every method with its arguments, itself too', async () => {
  const help = (await call(serve(), 'admin.help')) as Record<string, string>;
  assert.is(help['math.add(a, b)'], 'Adds.');
  assert.is(help['echo.args(...values)'], 'Returns all.');
  assert.ok('admin.help()' in help);
  const own = Object.keys(help).filter((signature) => signature.startsWith('admin.'));
  assert.is(Object.keys(help).length, Object.keys(METHODS).length + own.length);
});

test('a method hears when nobody waits any more', async () => {
  const heard: string[] = [];
  const pair = serve({
    'wait.long': {
      doc: 'Waits.',
      run: (_, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            heard.push('aborted');
            resolve('given up');
          });
        }),
    },
  });
  const asking = openCall(pair.here, 'there:', 'wait.long', {});
  await quiet();
  assert.equal(heard, []);
  asking.cancel();
  assert.is(decodeValue((await asking.outcome).data), 'given up');
  assert.equal(heard, ['aborted']);
});

test('a method can stream, and its value follows what it wrote', async () => {
  const pair = serve({
    'get.stream': {
      doc: 'Streams.',
      run(_, { exchange }) {
        exchange.progress('begun');
        exchange.write(1, Buffer.alloc(2 * STREAM_WINDOW_BYTES));
        exchange.end(1);
        return 'value';
      },
    },
  });
  const asking = openCall(pair.here, 'there:', 'get.stream', {});
  const heard: unknown[] = [];
  let bytes = 0;
  asking.onProgress = (value) => heard.push(value);
  asking.onEnd = (channel) => heard.push(`end ${channel}`);
  asking.onData = (_, piece) => {
    bytes += piece.length;
    asking.grant(piece.length);
  };
  heard.push(decodeValue((await asking.outcome).data));
  assert.is(bytes, 2 * STREAM_WINDOW_BYTES);
  assert.equal(heard, ['begun', 'end 1', 'value']);
});

test('a reply without data has no value', () => {
  assert.is(decodeValue(Buffer.alloc(0)), undefined);
});

test.run();
