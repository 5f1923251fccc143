import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findId } from '../../src/cli/job-submit.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const start = { id: '0123456789abcdef0123', owner: 'ada' };
const lost = new DagentError('E_CONNECTION_LOST', { node: 'hq', reason: 'it is gone' });
const silent = new DagentError('E_DEADLINE', { to: 'web1', ms: 300 });
const away = new DagentError('E_UNREACHABLE', { to: 'web1', node: 'hq', reason: 'knows no way' });
const taken = new DagentError('E_JOB_TAKEN', { key: 'k', node: 'web1' });

const idAfter = (error: DagentError, key?: string) =>
  findId([{ target: 'web1', error }], { ...start, key });

test('a job may run when the way broke, or nothing was heard, after it was asked for', () => {
  assert.is(idAfter(lost), start.id);
  assert.is(idAfter(silent), start.id);
});

test('a job runs nowhere when no node was asked, or each has refused it', () => {
  assert.is(idAfter(away), undefined);
  assert.is(idAfter(taken), undefined);
  assert.is(findId([], start), undefined);
});

test('a job with a key has no id as long as its node has not said it', () => {
  assert.is(idAfter(lost, 'k'), undefined);
});

test.run();
