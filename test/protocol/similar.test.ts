import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findSimilar } from '../../src/protocol/similar.ts';

const NAMES = ['hq', 'east', 'web1', 'web2', 'db.1'];

test('the nearest names are suggested, the nearest first', () => {
  assert.equal(findSimilar('web', NAMES), ['web1', 'web2']);
  assert.equal(findSimilar('eats', NAMES), ['east']);
  assert.equal(findSimilar('WEB1', NAMES), ['web1', 'web2']);
});

test('what is far from everything has none', () => {
  assert.equal(findSimilar('something-else', NAMES), []);
  assert.equal(findSimilar('', []), []);
});

test('no more than three are named', () => {
  assert.is(findSimilar('web', ['web1', 'web2', 'web3', 'web4']).length, 3);
});

test.run();
