import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatLetter } from '../../src/cli/mailboxes.ts';

const LETTER = {
  position: 7,
  id: '00000000000000aa.1',
  from: 'web1:shop',
  sentAtMs: 0,
  expiresAtMs: 0,
  command: 'N',
  params: { n: '1' },
  data: Buffer.from('x'.repeat(1_000)),
  failures: [{ atMs: 0, reason: 'nack' }],
} as const;

test('a terminal is shown the beginning of a long message, and how much there is more', () => {
  const whole = formatLetter(LETTER, Number.POSITIVE_INFINITY);
  const [line = '', tried] = whole.split('\n');
  assert.match(line, /^7 1970-01-01T00:00:00.000Z 00000000000000aa.1 web1:shop N n=1 x{1000}$/);
  assert.is(tried, '    1970-01-01T00:00:00.000Z nack');
  const cut = formatLetter(LETTER, 200).split('\n');
  assert.equal(cut, [
    `${line.slice(0, 200)}... ${line.length - 200} more characters: --json`,
    tried,
  ]);
});

test.run();
