import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, PROJECT } from './harness.ts';

const test = suite('what a command loads');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root' });
});
test.after(() => home.close());

/** Modules of Node that `dagent exec web1 true` has loaded when it ends. */
async function loadedByExec(): Promise<string[]> {
  const spy = home.file('spy.mjs');
  const write = `process.getBuiltinModule('node:fs').writeFileSync`;
  const list = home.file('loaded.json');
  const end = `${write}('${list}', JSON.stringify(process.moduleLoadList))`;
  writeFileSync(spy, `process.on('exit', () => ${end});`);
  const argv = [process.execPath, '--import', spy, join(PROJECT, 'dist/main.js')];
  const { status, stderr } = await home.spawn([...argv, 'exec', 'web1', 'true']).end();
  assert.is(status, 0, stderr);
  return JSON.parse(readFileSync(list, 'utf8')) as string[];
}

test('exec loads nothing of Node that takes long and that it does not need', async () => {
  const loaded = new Set(await loadedByExec());
  assert.ok(loaded.has('NativeModule net'));
  for (const name of ['crypto', 'zlib', 'readline/promises', 'child_process', 'worker_threads']) {
    assert.not(loaded.has(`NativeModule ${name}`), name);
  }
});

test('words of the user are no options of the runtime, and run nothing', async () => {
  const [ran, evil] = [home.file('ran'), home.file('evil.cjs')];
  writeFileSync(evil, `require('node:fs').writeFileSync('${ran}', '')`);
  const variables = home.file('evil.env');
  writeFileSync(variables, `NODE_OPTIONS=--require=${evil}\n`);
  const config = home.file('node.config.json');
  writeFileSync(config, JSON.stringify({ nodeOptions: { require: evil } }));
  const words = [
    `--env-file=${variables}`,
    `--env-file-if-exists=${variables}`,
    '--env-file',
    '/no/such',
    `--require=${evil}`,
    '--experimental-default-config-file',
    `--experimental-config-file=${config}`,
    '--experimental-config-file',
    '--\\as it is',
  ];
  for (const options of [words, words.toReversed()]) {
    const argv = ['exec', 'web1', '/bin/echo', ...options];
    const { status, stdout, stderr } = await home.run(argv, { cwd: home.scratch });
    assert.is(status, 0, stderr);
    assert.is(stdout, `${options.join(' ')}\n`);
  }
  assert.not(existsSync(ran));
});

test.run();
