import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { awaitPeersTried } from '../../src/daemon/run.ts';
import { PEERS_TRIED_MS_MAX } from '../../src/protocol/limits.ts';
import { FakeClock } from '../fakes/clock.ts';
import { quiet } from './station.ts';

test('peers that say nothing are waited for PEERS_TRIED_MS_MAX, and no longer', async () => {
  const clock = new FakeClock();
  let isOver = false;
  const never = new Promise<void>(() => undefined);
  void awaitPeersTried(never, clock).then(() => {
    isOver = true;
  });
  clock.advance(PEERS_TRIED_MS_MAX - 1);
  await quiet();
  assert.not.ok(isOver);
  clock.advance(1);
  await quiet();
  assert.ok(isOver);
});

test('peers that have all been tried are not waited for', async () => {
  await awaitPeersTried(Promise.resolve(), new FakeClock());
});

test.run();
