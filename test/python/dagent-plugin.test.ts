/** The Python module as a plugin uses it: a program that the test talks to in place of a node. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = resolve(import.meta.dirname, '../..');
const HEAD = 'from dagent_plugin import Plugin\nimport sys, os, time\n';

type Line = Readonly<Record<string, unknown>>;

/** A plugin whose code is given, with the test at both ends of its pipes. */
class PythonPlugin {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: NodeJS.AsyncIterator<string>;
  stderr = '';
  #id = 0;

  constructor(code: string) {
    const env = { ...process.env, PYTHONPATH: join(root, 'python'), PYTHONDONTWRITEBYTECODE: '1' };
    const options = { env, stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] };
    this.#child = spawn('python3', ['-c', `${HEAD}${code}\nplugin.run()\n`], options);
    const reader: Interface = createInterface({ input: this.#child.stdout });
    this.#lines = reader[Symbol.asyncIterator]();
    this.#child.stderr.on('data', (bytes) => {
      this.stderr += String(bytes);
    });
  }

  /** The next line that it writes. */
  async next(): Promise<Line> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`it ended: ${this.stderr}`);
    return JSON.parse(value) as Line;
  }

  tell(line: object): void {
    this.#child.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /** Asks for something without waiting; its id. */
  ask(line: object): number {
    const { type, ...rest } = line as Line;
    this.tell({ type, id: ++this.#id, ...rest });
    return this.#id;
  }

  async call(method: string, ...args: readonly unknown[]): Promise<Line> {
    this.ask({ type: 'call', method, args, kwargs: {}, from: 'x:y' });
    return this.next();
  }

  /** Ends its stdin; its exit status. */
  async end(): Promise<number> {
    this.#child.stdin.end();
    const [code] = (await once(this.#child, 'close')) as [number];
    return code;
  }
}

test('docstrings and signatures make the hello', async () => {
  const plugin = new PythonPlugin(`
plugin = Plugin("weather", version="1.2", doc="Weather.", memory_bytes=10**8)
plugin.statistic("used", "gauge", "percent", "Of it.")
@plugin.method
def now(city, days=1, *more, **named):
    """Tells the weather.

    In full.
    """
@plugin.method(name="other.later", timeout=2.5)
def later(): pass
@plugin.expose
class Moon:
    "Phases."
    def phase(self, day): "Of a day."
    def _hidden(self): pass
@plugin.every(60, jitter=5, timeout=10)
def measure(): "Measures."
@plugin.service("forecast")
def heard(message): pass
@plugin.subscribe("weather.>", "alarm")
def told(message): pass
`);
  const method = (doc: string, args: readonly string[], more = {}) => ({ doc, args, ...more });
  assert.equal(await plugin.next(), {
    type: 'hello',
    protocol: 1,
    name: 'weather',
    version: '1.2',
    doc: 'Weather.',
    classes: {
      weather: {
        doc: '',
        methods: { now: method('Tells the weather.\n\nIn full.', ['city', 'days?', '...more']) },
      },
      other: { doc: '', methods: { later: method('', [], { timeoutMs: 2_500 }) } },
      moon: { doc: 'Phases.', methods: { phase: method('Of a day.', ['day']) } },
    },
    services: ['forecast'],
    topics: ['weather.>', 'alarm'],
    schedules: [
      { name: 'measure', doc: 'Measures.', everyMs: 60_000, jitterMs: 5_000, timeoutMs: 10_000 },
    ],
    statistics: [{ name: 'used', kind: 'gauge', unit: 'percent', doc: 'Of it.' }],
    memoryBytes: 100_000_000,
  });
  assert.is(await plugin.end(), 0);
});

test('a call returns a value, or an error with class, message and arguments', async () => {
  const plugin = new PythonPlugin(`
plugin = Plugin("t")
class NoCity(ValueError): pass
@plugin.method
def add(a, b=10): return a + b
@plugin.method
def fail(): raise NoCity("no such city", 7, b"x", {1})
@plugin.method
def odd(): return (1, b"bytes", {2}, object)
@plugin.method
def nan(): return float("nan")
@plugin.method
def text(): return "\\u00fc \\u2028"
`);
  await plugin.next();
  assert.equal(await plugin.call('t.add', 1), { type: 'result', id: 1, value: 11 });
  assert.equal(await plugin.call('t.fail'), {
    type: 'error',
    id: 2,
    class: 'NoCity',
    module: '__main__',
    message: "('no such city', 7, b'x', {1})",
    args: ['no such city', 7, 'eA==', [1]],
  });
  assert.equal((await plugin.call('t.add')).class, 'TypeError');
  assert.equal((await plugin.call('t.odd')).value, [1, 'Ynl0ZXM=', [2], "<class 'object'>"]);
  assert.equal((await plugin.call('t.nan')).class, 'ValueError');
  assert.is((await plugin.call('t.text')).value, 'ü \u2028');
  plugin.ask({ type: 'call', method: 't.add', args: [1], kwargs: { b: 2 } });
  assert.is((await plugin.next()).value, 3);
  assert.is(await plugin.end(), 0);
});

test('what is printed, also by commands that it runs, goes to the log', async () => {
  const plugin = new PythonPlugin(`
plugin = Plugin("t")
@plugin.method
def noise():
    print("from python")
    os.system("echo from a command")
    return 1
`);
  await plugin.next();
  assert.is((await plugin.call('t.noise')).value, 1);
  assert.is(await plugin.end(), 0);
  assert.is(plugin.stderr, 'from python\nfrom a command\n');
});

test('messages, requests and events reach their functions', async () => {
  const plugin = new PythonPlugin(`
plugin = Plugin("t")
@plugin.service("inbox")
def heard(message):
    plugin.report(message.command, len(message.data))
    return {"command": "GOT", "data": message.text + message.params.get("a", "") + message.sender}
@plugin.subscribe("a.*.c", "x.>")
def told(message):
    plugin.report("event " + message.to, 1)
@plugin.service("broken")
def broken(message): raise KeyError("nobody waits")
`);
  await plugin.next();
  const more = { from: 'n:s', sn: '0', params: { a: '1' } };
  plugin.tell({ type: 'message', service: 'broken', command: 'N', ...more, data: '' });
  const binary = { data: '/wA=', enc: 'base64' };
  plugin.tell({ type: 'message', service: 'inbox', command: 'NOTE', ...more, ...binary });
  assert.equal(await plugin.next(), { type: 'statistic', name: 'NOTE', value: 2 });
  plugin.ask({ type: 'request', service: 'inbox', command: 'ASK', ...more, data: 'hi' });
  assert.is((await plugin.next()).value, 2);
  assert.equal((await plugin.next()).value, { command: 'GOT', data: 'hi1n:s' });
  for (const topic of ['a.b', 'a.b.c', 'a.b.c.d', 'x', 'x.y.z']) {
    plugin.tell({ type: 'event', topic, ...more, data: '' });
  }
  assert.is((await plugin.next()).name, 'event a.b.c');
  assert.is((await plugin.next()).name, 'event x.y.z');
  assert.is(await plugin.end(), 0);
  assert.match(plugin.stderr, 'broken: KeyError');
});

test('schedules, counters, timings and progress are lines of their own', async () => {
  const plugin = new PythonPlugin(`
plugin = Plugin("t")
@plugin.every(1)
def measure():
    plugin.count("runs"); plugin.count("runs", 2)
    with plugin.timing("took"): pass
    return "done"
@plugin.method
def far():
    plugin.progress({"percent": 50})
    return plugin.node
`);
  await plugin.next();
  plugin.tell({ type: 'hello', protocol: 1, node: 'web1', file: 't.py', dagent: '0' });
  plugin.ask({ type: 'run', schedule: 'measure' });
  const counter = { type: 'statistic', name: 'runs', kind: 'counter' };
  assert.equal(await plugin.next(), { ...counter, value: 1 });
  assert.equal(await plugin.next(), { ...counter, value: 3 });
  const { value, ...timing } = await plugin.next();
  assert.equal(timing, { type: 'statistic', name: 'took', kind: 'timing', unit: 'ms' });
  assert.ok(Number(value) >= 0);
  assert.is((await plugin.next()).value, 'done');
  const progress = await plugin.call('t.far');
  assert.equal(progress, { type: 'progress', id: 2, value: { percent: 50 } });
  assert.is((await plugin.next()).value, 'web1');
  assert.is(await plugin.end(), 0);
});

test('what was cancelled before its turn is not begun; what runs can look', async () => {
  const plugin = new PythonPlugin(`
plugin = Plugin("t")
@plugin.method
def wait():
    plugin.progress("begun")
    while True:
        plugin.check()
        time.sleep(0.01)
`);
  await plugin.next();
  const line = { type: 'call', method: 't.wait', args: [], kwargs: {} };
  const [first, second] = [plugin.ask(line), plugin.ask(line)];
  assert.is((await plugin.next()).value, 'begun');
  plugin.tell({ type: 'cancel', id: second });
  plugin.tell({ type: 'cancel', id: first });
  for (const id of [first, second]) {
    const answer = await plugin.next();
    assert.equal([answer.type, answer.id, answer.class], ['error', id, 'Cancelled']);
  }
  assert.is(await plugin.end(), 0);
});

test('a flag is a line that says only what is said of it', async () => {
  const plugin = new PythonPlugin(`
plugin = Plugin("raid")
@plugin.method
def check():
    plugin.raise_flag("md0", "degraded")
    plugin.raise_flag("md0", "slow", "resync", priority="info", tags=["a"], manual_down=True)
    plugin.lower_flag("md0", "degraded")
`);
  await plugin.next();
  const key = { section: 'md0', flag: 'degraded' };
  assert.equal(await plugin.call('raid.check'), { type: 'raise', ...key, isManual: false });
  const wish = { isManual: true, message: 'resync', priority: 'info', tags: ['a'] };
  assert.equal(await plugin.next(), { type: 'raise', section: 'md0', flag: 'slow', ...wish });
  assert.equal(await plugin.next(), { type: 'lower', ...key });
  assert.is((await plugin.next()).type, 'result');
  assert.is(await plugin.end(), 0);
});

test.run();
