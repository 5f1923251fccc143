import { PassThrough } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { confirmTargets } from '../../src/cli/exec-guard.ts';
import { EXEC_CONFIRM_COUNT } from '../../src/protocol/limits.ts';

const COUNT = EXEC_CONFIRM_COUNT + 1;
const NAMES = Array.from({ length: COUNT }, (_, at) => `n${at}`);
const GUARD = { expectCount: undefined, isSure: false };

/** What comes of it when somebody presses these keys at the question. */
async function press(keys: string): Promise<{ code: string | undefined; screen: string }> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough({ encoding: 'utf8' });
  const asked = confirmTargets(NAMES, GUARD, { input, output }).then(
    () => undefined,
    (error) => error.code ?? error,
  );
  input.write(keys);
  const code = await asked;
  return { code, screen: String(output.read()) };
}

test('who types the number of the targets means them', async () => {
  const { code, screen } = await press(`${COUNT}\r`);
  assert.is(code, undefined);
  assert.match(screen, `this runs on ${COUNT} targets: n[0-${COUNT - 1}]`);
});

test('another answer, none, and the end of input start nothing', async () => {
  for (const keys of ['y\r', '\r', '\x04']) {
    assert.is((await press(keys)).code, 'E_DECLINED', JSON.stringify(keys));
  }
});

test('Ctrl-C is an interruption, not an answer, also behind half of one', async () => {
  for (const keys of ['\x03', '10\x03']) assert.is((await press(keys)).code, 'E_INTERRUPTED');
});

test('nobody is asked where nobody looks, and where it was said that they are meant', async () => {
  const keyboard = { input: new PassThrough(), output: new PassThrough() };
  const thrown = await confirmTargets(NAMES, GUARD, keyboard).catch((error) => error.code);
  assert.is(thrown, 'E_NOT_CONFIRMED');
  await confirmTargets(NAMES, { ...GUARD, isSure: true }, keyboard);
  await confirmTargets(NAMES, { ...GUARD, expectCount: COUNT }, keyboard);
  await confirmTargets(NAMES.slice(1), GUARD, keyboard);
  assert.is(keyboard.output.read(), null);
});

test.run();
