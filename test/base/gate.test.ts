import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gate } from '../../src/base/gate.ts';

test('so many get in, and the next one when one leaves, in their order', async () => {
  const gate = new Gate(2);
  const inside: string[] = [];
  const come = async (name: string): Promise<void> => {
    while (!gate.tryEnter()) await gate.free();
    inside.push(name);
  };
  await come('a');
  await come('b');
  const [c, d] = [come('c'), come('d')];
  await Promise.resolve();
  assert.equal(inside, ['a', 'b']);
  gate.leave();
  await c;
  assert.equal(inside, ['a', 'b', 'c']);
  gate.leave();
  await d;
  assert.equal(inside, ['a', 'b', 'c', 'd']);
});

test('one that gives up lets the next one in', async () => {
  const gate = new Gate(1);
  gate.tryEnter();
  const [first, second] = [gate.free(), gate.free()];
  gate.leave();
  await first;
  gate.wakeNext();
  await second;
  assert.ok(gate.tryEnter());
  assert.not(gate.tryEnter());
});

test.run();
