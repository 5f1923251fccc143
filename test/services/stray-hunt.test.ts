import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXEC_STRAYS_MAX } from '../../src/protocol/limits.ts';
import { StrayHunt } from '../../src/services/stray-hunt.ts';
import { FakeStrays } from '../fakes/strays.ts';

test('each is told once by each signal, and counted once', async () => {
  const strays = new FakeStrays();
  strays.isObedient = false;
  strays.add(2);
  const hunt = new StrayHunt(strays);
  assert.is(await hunt.look('SIGTERM'), 2);
  strays.add(1);
  assert.is(await hunt.look('SIGTERM'), 3);
  assert.is(await hunt.look('SIGKILL'), 3);
  assert.is(await hunt.look('SIGKILL'), 0);
  const told = (signal: string): number =>
    strays.signals.filter((each) => each.startsWith(signal)).length;
  assert.equal([told('SIGTERM'), told('SIGKILL')], [3, 3]);
  assert.is(hunt.foundCount, 3);
});

test('no more are told by one look than are allowed, and the next goes on', async () => {
  const strays = new FakeStrays();
  strays.add(EXEC_STRAYS_MAX + 1);
  const hunt = new StrayHunt(strays);
  assert.is(await hunt.look('SIGTERM'), EXEC_STRAYS_MAX + 1);
  assert.is(strays.signals.length, EXEC_STRAYS_MAX);
  assert.is(await hunt.look('SIGTERM'), 1);
  assert.is(await hunt.look('SIGTERM'), 0);
});

test.run();
