import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readJobWish } from '../../src/cli/job-flags.ts';

test('without a word of jobs it is none', () => {
  assert.is(readJobWish({}), undefined);
  assert.is(readJobWish({ 'on-disconnect': 'kill', stdin: 'broadcast' }), undefined);
});

test('--async leaves it to itself, --on-disconnect=keep reads it as long as we are there', () => {
  const none = { key: undefined, spoolBytes: undefined, isStdinRefused: false };
  assert.equal(readJobWish({ async: true }), { isAsync: true, ...none });
  assert.equal(readJobWish({ 'on-disconnect': 'keep' }), { isAsync: false, ...none });
  const more = { async: true, key: 'k', spool: 65_536, 'on-disconnect': 'keep' } as const;
  const wish = { isAsync: true, key: 'k', spoolBytes: 65_536, isStdinRefused: false };
  assert.equal(readJobWish(more), wish);
  assert.is(readJobWish({ async: true, 'no-stdin': true })?.isStdinRefused, true);
  assert.is(readJobWish({ async: true, stdin: 'none' })?.isStdinRefused, true);
});

const WRONG: readonly (readonly [string, Parameters<typeof readJobWish>[0], RegExp])[] = [
  ['a job that ends with us', { async: true, 'on-disconnect': 'kill' }, /leaves at once/],
  ['a key without a job', { key: 'k' }, /--key is for --async/],
  ['a spool without a job', { spool: 65_536 }, /--spool is for --async/],
  [
    'a spool that is too small',
    { async: true, spool: 10_240 },
    /--spool is 64 KiB to 1\.0 GiB, not 10 KiB/,
  ],
  ['a spool that is too large', { async: true, spool: 2 ** 30 + 1 }, /--spool is 64 KiB to/],
  ['a job with stdin', { async: true, stdin: 'broadcast' }, /a job has no stdin/],
];
for (const [title, flags, reason] of WRONG) {
  test(`${title} is refused`, () => {
    assert.throws(() => readJobWish(flags), reason);
  });
}

test.run();
