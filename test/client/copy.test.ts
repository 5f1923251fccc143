import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Attempt, type CopyOptions, persist } from '../../src/client/copy.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import type { CopyProgress, CopyResult } from '../../src/protocol/file.ts';
import { FILE_CANCEL_MS, FILE_RETRY_MS } from '../../src/protocol/limits.ts';

const DONE: CopyResult = { verdict: 'ok', files: 1, bytes: 9, sentBytes: 4, ms: 1 };
const LOST = new DagentError('E_LOST', { to: 'web1:' });

/** Runs attempts that behave as `acts` say, one after the other. */
async function run(acts: readonly Attempt[], more: Partial<CopyOptions> = {}) {
  let count = 0;
  const heard: CopyProgress[] = [];
  const attempt: Attempt = (tell) => {
    const act = acts[Math.min(count++, acts.length - 1)];
    return act === undefined ? Promise.reject(LOST) : act(tell);
  };
  const options = {
    retryMs: FILE_RETRY_MS,
    signal: new AbortController().signal,
    onProgress: (progress: CopyProgress) => void heard.push(progress),
  };
  return { result: await persist(attempt, { ...options, ...more }), count, heard };
}

const breaking: Attempt = (tell) => {
  tell({ doneBytes: 5, sentBytes: 5 });
  return Promise.reject(LOST);
};

test('what broke off is tried again, and all that was sent is counted', async () => {
  const { result, count, heard } = await run([breaking, () => Promise.resolve(DONE)]);
  assert.equal([result.verdict, result.sentBytes, count], ['ok', 9, 2]);
  assert.equal(heard, [{ doneBytes: 5, sentBytes: 5 }]);
});

test('a target that was never reached is not waited for', async () => {
  const gone = new DagentError('E_UNREACHABLE', { to: 'web1', node: 'hq', reason: 'knows no way' });
  const { result, count } = await run([() => Promise.reject(gone)]);
  assert.equal([result.verdict, count], ['unreachable', 1]);
  assert.match(result.reason ?? '', 'knows no way');
});

test('without a daemon of our own it is not tried again', async () => {
  const ours = new DagentError('E_CONNECTION_LOST', { node: 'hq', reason: 'it is gone' });
  const act: Attempt = (tell) => {
    tell({ doneBytes: 1, sentBytes: 1 });
    return Promise.reject(ours);
  };
  const { result, count } = await run([act]);
  assert.equal([result.verdict, count], ['lost', 1]);
});

test('a copy that is just giving up a file is waited for', async () => {
  const busy = new DagentError('E_COPY_BUSY', { path: '/x' });
  const act: Attempt = (tell) => {
    tell({ doneBytes: 0, sentBytes: 0 });
    return Promise.reject(busy);
  };
  assert.equal((await run([act, () => Promise.resolve(DONE)])).result.verdict, 'ok');
  const { result } = await run([act], { retryMs: 300 });
  assert.is(result.verdict, 'failed', 'but not for ever, although the node answers each time');
});

test('it is tried no longer than it may be', async () => {
  const { result, count } = await run([breaking, () => Promise.reject(LOST)], { retryMs: 1 });
  assert.is(result.verdict, 'lost');
  assert.ok(count <= 2);
});

test('what no other try mends is told at once, by the name that the system has', async () => {
  const full = new DagentError('E_CANNOT_WRITE', { path: '/x', reason: 'full', errno: 'ENOSPC' });
  const failing: Attempt = (tell) => {
    tell({ doneBytes: 7, sentBytes: 6 });
    return Promise.reject(full);
  };
  const { result, count } = await run([failing]);
  const { verdict, errno, bytes, sentBytes } = result;
  assert.equal([verdict, errno, bytes, sentBytes, count], ['failed', 'ENOSPC', 7, 6, 1]);
});

test('a source that was lost is a copy that was lost', async () => {
  const lost = new DagentError('E_SOURCE_LOST', { origin: 'hq:~1', reason: 'gone' });
  const { result } = await run([() => Promise.reject(lost)], { retryMs: 1 });
  assert.is(result.verdict, 'lost');
});

test('who cancels does not wait for the next try', async () => {
  const ending = new AbortController();
  const act: Attempt = (tell) => {
    queueMicrotask(() => ending.abort());
    return breaking(tell);
  };
  const { result, count } = await run([act], { signal: ending.signal });
  assert.equal([result.verdict, count], ['cancelled', 1]);
});

test('our own mistakes are no verdicts', async () => {
  let thrown: unknown;
  await run([() => Promise.reject(new TypeError('ours'))]).catch((error: unknown) => {
    thrown = error;
  });
  assert.instance(thrown, TypeError);
});

test('whoever does not say that a copy is ended is waited for FILE_CANCEL_MS', async () => {
  const ending = new AbortController();
  const startedAtMs = performance.now();
  const act: Attempt = () => {
    ending.abort();
    return new Promise(() => undefined);
  };
  const { result, count } = await run([act], { signal: ending.signal });
  assert.equal([result.verdict, count], ['cancelled', 1]);
  assert.ok(performance.now() - startedAtMs >= FILE_CANCEL_MS - 50);
});

test.run();
