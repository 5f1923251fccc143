import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { callGroup } from '../../src/client/group.ts';
import { PreparedCall } from '../../src/client/prepared-call.ts';
import { GROUP_CALLS_MAX } from '../../src/protocol/limits.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';

/** The same address again and again. */
function* repeat(count: number): Iterable<string> {
  for (let n = 0; n < count; n++) yield 'there:';
}

test('of very many calls a bounded number is unanswered, and all are answered', async () => {
  const pair = createPair();
  const waiting: (() => void)[] = [];
  let begun = 0;
  let isOpen = false;
  const run = (): Promise<unknown> => {
    begun++;
    if (isOpen) return Promise.resolve('ok');
    return new Promise((resolve) => waiting.push(() => resolve('ok')));
  };
  pair.there.handle('dagent', answering({ 'work.do': { doc: 'Works.', run } }));
  const prepared = new PreparedCall('work.do', [], {}, undefined);
  const group = callGroup(pair.here, repeat(GROUP_CALLS_MAX + 2), prepared, {});
  const first = group.next();
  await quiet();
  assert.is(begun, GROUP_CALLS_MAX);
  waiting.shift()?.();
  assert.equal((await first).value, { kind: 'value', to: 'there:', value: 'ok' });
  const second = group.next();
  await quiet();
  assert.is(begun, GROUP_CALLS_MAX + 1);
  isOpen = true;
  for (const finish of waiting.splice(0)) finish();
  await second;
  let count = 2;
  for await (const { kind } of group) count += kind === 'value' ? 1 : 0;
  assert.is(count, GROUP_CALLS_MAX + 2);
});

test('one after the other goes on when one fails', async () => {
  const pair = createPair();
  pair.there.handle('dagent', answering({}));
  const prepared = new PreparedCall('no.such', [], {}, undefined);
  const seen: string[] = [];
  const group = callGroup(pair.here, ['there:', 'there:'], prepared, { concurrentMax: 1 });
  for await (const answer of group) {
    seen.push(answer.kind === 'error' ? answer.error.code : answer.kind);
  }
  assert.equal(seen, ['E_NO_METHOD', 'E_NO_METHOD']);
});

test.run();
