import { readFileSync, writeFileSync } from 'node:fs';
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

test.run();
