import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandom, nextRandom, nextUint32 } from '../../src/base/random.ts';

function take(count: number, seed: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => nextRandom(random));
}

test('one seed gives one sequence, another seed another', () => {
  assert.equal(take(100, 42), take(100, 42));
  assert.not.equal(take(100, 42), take(100, 43));
});

test('the sequence goes on from a copy of its state', () => {
  const random = createRandom(7);
  nextRandom(random);
  const copy = { ...random };
  assert.is(nextRandom(random), nextRandom(copy));
});

test('numbers lie in [0, 1) and spread evenly over it', () => {
  const counts = new Array<number>(10).fill(0);
  for (const number of take(100_000, 1)) {
    assert.ok(number >= 0 && number < 1);
    const bin = Math.floor(number * 10);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  // Six standard deviations of a fair share around 10,000.
  assert.ok(counts.every((count) => Math.abs(count - 10_000) < 600));
});

test('integers have 32 bits, the highest as often as not', () => {
  const random = createRandom(3);
  const numbers = Array.from({ length: 1000 }, () => nextUint32(random));
  assert.ok(numbers.every((number) => Number.isInteger(number) && number <= 0xffff_ffff));
  const highCount = numbers.filter((number) => number >= 0x8000_0000).length;
  assert.ok(Math.abs(highCount - 500) < 100);
});

test.run();
