import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkJobId, rememberJob } from '../../src/cli/job-nodes.ts';
import { JOB_MEMORIES_MAX } from '../../src/protocol/limits.ts';

const dir = mkdtempSync(join(tmpdir(), 'job-nodes-'));
test.after(() => rmSync(dir, { recursive: true }));

const idOf = (number: number) => number.toString(16).padStart(20, '0');

test('an id is 20 hexadecimal digits, and nothing else', () => {
  assert.is(checkJobId(idOf(5)), idOf(5));
  for (const text of ['', '5', idOf(5).toUpperCase().replace('5', 'F'), `${idOf(5)}0`, '../x']) {
    assert.throws(() => checkJobId(text), /20 hexadecimal digits/);
  }
});

test('a home remembers the nodes of so many jobs, and forgets the oldest', () => {
  for (let number = 0; number <= JOB_MEMORIES_MAX; number++) {
    rememberJob(dir, idOf(number), ['web1', 'web2']);
  }
  const kept = readdirSync(join(dir, 'data')).filter((name) => name.startsWith('.job-'));
  assert.is(kept.length, JOB_MEMORIES_MAX);
});

test('a home that cannot be written in has no memory, and that is no error', () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  rememberJob(join(file, 'home'), idOf(1), ['web1']);
});

test.run();
