import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SeenIds } from '../../src/client/seen-ids.ts';

test('what is done is known, also behind another connection; what is out comes again', () => {
  const seen = new SeenIds();
  seen.add('a', 'out');
  seen.add('b', 'done');
  assert.equal([seen.find('a'), seen.find('b'), seen.find('c')], ['out', 'done', undefined]);
  seen.forgetOut();
  assert.equal([seen.find('a'), seen.find('b')], [undefined, 'done']);
});

test('what is given back is handed out again', () => {
  const seen = new SeenIds();
  seen.add('a', 'out');
  seen.remove('a');
  assert.is(seen.find('a'), undefined);
});

test('of what is done the oldest is forgotten first, and nothing that is out', () => {
  const seen = new SeenIds();
  seen.add('out', 'out');
  for (let number = 0; number <= 65_536; number++) seen.add(String(number), 'done');
  assert.is(seen.find('out'), 'out');
  assert.is(seen.find('0'), undefined);
  assert.is(seen.find('65536'), 'done');
});

test.run();
