import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRemote, readWords } from '../../src/cli/cp-paths.ts';
import { DagentError } from '../../src/protocol/errors.ts';

test('a colon makes a word a path on nodes', () => {
  const words: Record<string, [string, string]> = {
    'web1:/opt/x': ['web1', '/opt/x'],
    'web1:': ['web1', ''],
    'web1:x': ['web1', 'x'],
    ':/opt/': ['', '/opt/'],
    'web[1-40],db*:/opt/': ['web[1-40],db*', '/opt/'],
    'under:east:/opt': ['under:east', '/opt'],
    'under:east:x': ['under:east', 'x'],
    'site=oslo and not web1:/a:b/c': ['site=oslo and not web1', '/a:b/c'],
    '@last:failed:/opt': ['@last:failed', '/opt'],
  };
  for (const [word, [target, path]] of Object.entries(words)) {
    assert.equal(parseRemote(word), { target, path }, word);
  }
});

test('a slash before the first colon, or no colon, makes it a path here', () => {
  for (const word of ['x', '.', './a:b', '/a/b:c', 'dir/a:b', '']) {
    assert.is(parseRemote(word), undefined, word);
  }
});

test('the last word is where it goes', () => {
  const to = { target: 'web1', path: '/opt/' };
  assert.equal(readWords(['a', 'b/c', 'web1:/opt/']), { kind: 'out', sources: ['a', 'b/c'], to });
  assert.equal(readWords(['web1:/opt/', '.']), { kind: 'in', from: to, to: '.' });
});

test('what goes nowhere is told', () => {
  const wrong: Record<string, RegExp> = {
    '': /source and a destination/,
    'web1:x': /source and a destination/,
    'a b': /neither side/,
    'web1:a web2:b': /from node to node/,
    'a web1:b web2:c': /from node to node/,
    'web1:a web2:b .': /one PATH at a time/,
    'a web1:b .': /one PATH at a time/,
    'x/a y/a web1:': /two sources are called a/,
  };
  for (const [words, reason] of Object.entries(wrong)) {
    const read = () => readWords(words.split(' ').filter((word) => word !== ''));
    assert.throws(read, (error: DagentError) => {
      return error instanceof DagentError && error.code === 'E_USAGE' && reason.test(error.message);
    });
  }
});

test.run();
