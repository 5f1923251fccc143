import { Parser } from '@oclif/core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ExecFlags, execFlags, readPace } from '../../src/cli/exec-flags.ts';

async function read(...words: string[]): Promise<Partial<ExecFlags>> {
  const { flags } = await Parser.parse(words, { flags: execFlags, strict: false });
  return flags as Partial<ExecFlags>;
}

const codeOf = (words: readonly string[]): Promise<string | undefined> =>
  read(...words).then(
    (flags) => void readPace(flags),
    (error) => error.code,
  );

test('no batch, canary or fan-out is of nobody: with it a run would never end', async () => {
  for (const flag of ['--batch', '--canary', '--fanout', '--pick', '--expect-count']) {
    for (const none of ['0', '0%', '-1', '']) {
      assert.is(await codeOf([`${flag}=${none}`]), 'E_USAGE', `${flag}=${none}`);
    }
    assert.is(await codeOf([flag, '1']), undefined, flag);
  }
});

test('none may fail, and that is a number of its own', async () => {
  const { maxFail } = readPace(await read('--max-fail', '0'));
  assert.equal(maxFail, { count: 0, isPercent: false });
  assert.is(await codeOf(['--max-fail', 'x']), 'E_USAGE');
});

test('a pause is between batches, or behind the canary; alone it means nothing', async () => {
  const pause = ['--pause', '1s'];
  assert.throws(() => readPace({ pause: 1_000 }), /--pause is between batches/);
  assert.is(readPace(await read(...pause, '--batch', '2')).pauseMs, 1_000);
  assert.is(readPace(await read(...pause, '--canary', '1')).pauseMs, 1_000);
});

test.run();
