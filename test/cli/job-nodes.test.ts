import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkJobId, checkKnown, checkWatched, rememberJob } from '../../src/cli/job-nodes.ts';
import { DagentError } from '../../src/protocol/errors.ts';
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

const unknownOn = (node: string) => new DagentError('E_JOB_UNKNOWN', { id: idOf(1), node });
const away = new DagentError('E_UNREACHABLE', { to: 'web2', node: 'hq', reason: 'knows no way' });
const jobOn = (...names: string[]) => {
  return { id: idOf(1), names, missing: 0, isSingle: names.length === 1 };
};

test('a job that all of its nodes have forgotten is none', () => {
  const [web1, web2] = [unknownOn('web1'), unknownOn('web2')];
  assert.throws(() => checkKnown(jobOn('web1'), [web1]), /there is no job .* on web1$/);
  assert.throws(() => checkKnown(jobOn('web1', 'web2'), [web1, web2]), /no node has the job/);
});

test('a job that one has forgotten, and that another has or may have, is one', () => {
  checkKnown(jobOn('web1', 'web2'), [unknownOn('web1')]);
  checkKnown(jobOn('web1', 'web2'), [unknownOn('web1'), away]);
  checkKnown(jobOn('web1'), []);
});

test('without our own daemon nobody can say that a job is lost', () => {
  const lost = new DagentError('E_CONNECTION_LOST', { node: 'hq', reason: 'it is gone' });
  try {
    checkWatched({ isConnected: false }, idOf(1), [lost]);
    assert.unreachable();
  } catch (error) {
    const { exit, message, hint } = error as DagentError;
    assert.is(exit, 6);
    assert.match(message, 'the connection to hq was lost: it is gone');
    assert.match(hint ?? '', `it goes on; to see it again: dagent job attach ${idOf(1)}`);
  }
  checkWatched({ isConnected: true }, idOf(1), [away]);
  checkWatched({ isConnected: false }, idOf(1), []);
});

test.run();
