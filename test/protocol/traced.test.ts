import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseTraced, type Traced } from '../../src/protocol/traced.ts';

const WORD: Traced = {
  ...{ hop: 2, node: 'east', role: 'agent', fate: 'forwarded', error: null },
  from: { name: 'hq', role: 'parent', rttMs: 0.25 },
  to: { name: 'web', role: 'child', rttMs: null },
  ...{ why: 'route', chosen: 'web', metric: 1 },
};

test('a word about a hop is read as it was written', () => {
  assert.equal(parseTraced({ ...WORD }), WORD);
});

test('a reason that is not known yet is none, the rest still counts', () => {
  const word = parseTraced({ ...WORD, why: 'magic', chosen: 'not a name', metric: -1 });
  assert.equal(word, { ...WORD, why: null, chosen: null, metric: null });
});

test('what is no word about a hop is none', () => {
  for (const wrong of [
    { hop: -1 },
    { node: '../..' },
    { role: 'king' },
    { from: null },
    { to: undefined },
    { fate: 'eaten' },
  ]) {
    assert.is(parseTraced({ ...WORD, ...wrong }), undefined);
  }
});

test('whatever comes, it is read without harm', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (head) => void parseTraced(head)),
  );
  const fields = fc.record({ hop: fc.anything(), error: fc.anything(), to: fc.anything() });
  fc.assert(fc.property(fields, (more) => void parseTraced({ ...WORD, ...more })));
});

test.run();
