import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseLabels } from '../../src/cli/labels.ts';

test('labels are told by the first equals sign', () => {
  assert.equal(parseLabels(['site=oslo', 'note=a=b', 'empty=']), {
    site: 'oslo',
    note: 'a=b',
    empty: '',
  });
});

test('what has no name before its equals sign is refused with its text', () => {
  for (const word of ['oslo', '=oslo']) {
    assert.throws(
      () => parseLabels([word]),
      (error: Error) => error.message.includes(word),
    );
  }
});

test.run();
