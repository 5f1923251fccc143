import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recallTop, rememberTop } from '../../src/cli/top-memory.ts';
import { TOP_MEMORIES_MAX } from '../../src/protocol/limits.ts';

const home = mkdtempSync(join(tmpdir(), 'top-memory-'));
test.after(() => rmSync(home, { recursive: true }));

const filesOf = () => readdirSync(join(home, 'data')).filter((name) => name.startsWith('.top'));

test('each daemon that is looked at through has its own', () => {
  rememberTop({ home }, {}, { skin: 'light' });
  rememberTop({ home, via: 'cds://far:4043' }, {}, { skin: 'mono' });
  assert.equal(recallTop({ home }), { skin: 'light' });
  assert.equal(recallTop({ home, via: 'cds://far:4043' }), { skin: 'mono' });
  assert.is(recallTop({ home, via: 'east' }), undefined);
});

test('of two that run at once, each keeps what it has changed, whichever ends last', () => {
  const place = { home, via: 'both' };
  const sorts = { tree: null, flat: { title: 'LOAD', isReversed: false } };
  const first = { skin: 'dark', rateMs: 100, sorts };
  rememberTop(place, {}, first);
  const byTree = { ...sorts, tree: { title: 'CPU', isReversed: true } };
  rememberTop(place, first, { ...first, skin: 'light', sorts: byTree });
  rememberTop(place, first, { ...first, rateMs: 250, sorts: { ...sorts, flat: null } });
  assert.equal(recallTop(place), {
    ...{ skin: 'light', rateMs: 250 },
    sorts: { tree: byTree.tree, flat: null },
  });
});

test('what makes no sense is not written back, unless another has put it right meanwhile', () => {
  const place = { home, via: 'odd' };
  const sort = { title: 'COLOUR', isReversed: false };
  const load = { title: 'LOAD', isReversed: true };
  const odd = { skin: 'neon', sorts: { tree: sort }, rateMs: 'fast' };
  rememberTop(place, {}, { ...odd, sorts: { tree: sort, flat: load }, more: 1 });
  const right = { skin: 'dark', rateMs: 100, sorts: { tree: null, flat: load } };
  rememberTop(place, { rateMs: 'fast' }, { rateMs: 250 });
  rememberTop(place, right, right, odd);
  assert.equal(recallTop(place), { ...right, rateMs: 250, more: 1 });
});

test('what another program is about to change is waited for, but not for ever', () => {
  const place = { home, via: 'held' };
  rememberTop(place, {}, { skin: 'dark' });
  const [file = ''] = filesOf()
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse();
  for (const name of filesOf()) writeFileSync(join(home, 'data', `${name}.lock`), '');
  rememberTop(place, { skin: 'dark' }, { skin: 'light' });
  assert.equal(recallTop(place), { skin: 'light' }, file);
  for (const name of filesOf()) if (name.endsWith('.lock')) rmSync(join(home, 'data', name));
});

test('what is no JSON is as if it were not there, and TOP_MEMORIES_MAX are kept', () => {
  for (const name of filesOf()) writeFileSync(join(home, 'data', name), '{"skin":');
  assert.is(recallTop({ home }), undefined);
  rememberTop({ home }, { skin: 'dark' }, { skin: 'dark' });
  assert.equal(recallTop({ home }), { skin: 'dark' });
  for (let number = 0; number <= TOP_MEMORIES_MAX; number++) {
    rememberTop({ home, via: `node${number}` }, {}, { number });
  }
  assert.is(filesOf().length, TOP_MEMORIES_MAX);
});

test('a home that cannot be written in has no memory, and that is no error', () => {
  const file = join(home, 'file');
  writeFileSync(file, '');
  rememberTop({ home: file }, {}, { skin: 'dark' });
  assert.is(recallTop({ home: file }), undefined);
});

test.run();
