import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Unwritten } from '../../src/daemon/unwritten.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { REWRITE_MS } from '../../src/protocol/limits.ts';
import { FakeClock } from '../fakes/clock.ts';

/** A disk that is full as long as the test says so. */
class Bench {
  readonly clock = new FakeClock();
  readonly said: string[] = [];
  readonly written: string[] = [];
  readonly unwritten: Unwritten;
  /** What the disk answers. */
  errno: string | undefined;

  constructor() {
    const say = (message: string) => void this.said.push(message);
    const log = { debug: say, info: say, warn: say, error: say };
    this.unwritten = new Unwritten({ clock: this.clock, log });
  }

  write(path: string, text: string): void {
    this.unwritten.write(path, () => {
      if (this.errno !== undefined) throw Object.assign(new Error('no'), { code: this.errno });
      this.written.push(`${path} ${text}`);
    });
  }
}

test('what finds room is written at once, and nothing is left to be done', () => {
  const bench = new Bench();
  bench.write('/a', '1');
  assert.equal(bench.written, ['/a 1']);
  assert.equal([bench.unwritten.paths, bench.said, bench.clock.timerCount], [[], [], 0]);
});

test('what finds none is told, and written within REWRITE_MS of when there is room', () => {
  for (const errno of ['ENOSPC', 'EDQUOT']) {
    const bench = new Bench();
    bench.errno = errno;
    bench.write('/a', '1');
    bench.write('/b', '1');
    bench.clock.advance(10 * REWRITE_MS);
    assert.equal(bench.unwritten.paths, ['/a', '/b']);
    assert.equal(bench.said, Array(2).fill('the disk is full: not written yet'));
    bench.errno = undefined;
    bench.clock.advance(REWRITE_MS);
    assert.equal(bench.written, ['/a 1', '/b 1']);
    assert.equal(bench.unwritten.paths, []);
    assert.equal(bench.said.slice(2), Array(2).fill('written now'));
    assert.is(bench.clock.timerCount, 0);
  }
});

test('the last that is to be in a file is what is written', () => {
  const bench = new Bench();
  bench.errno = 'ENOSPC';
  for (const text of ['1', '2']) bench.write('/a', text);
  bench.errno = undefined;
  bench.write('/a', '3');
  bench.clock.advance(10 * REWRITE_MS);
  assert.equal(bench.written, ['/a 3']);
});

test('what is kept from being written by something else is an error at once', () => {
  const bench = new Bench();
  bench.errno = 'EACCES';
  assert.throws(
    () => bench.write('/a', '1'),
    ({ code, message }: DagentError) => code === 'E_CANNOT_WRITE' && /\/a: perm/.test(message),
  );
  assert.equal(bench.unwritten.paths, []);
});

test('what turns out to be impossible later is told, and no more tried', () => {
  const bench = new Bench();
  bench.errno = 'ENOSPC';
  bench.write('/a', '1');
  bench.errno = 'EACCES';
  bench.clock.advance(10 * REWRITE_MS);
  assert.equal(bench.said.slice(1), ['not written']);
  assert.is(bench.clock.timerCount, 0);
});

test('who stops writes nothing more', () => {
  const bench = new Bench();
  bench.errno = 'ENOSPC';
  bench.write('/a', '1');
  bench.unwritten.stop();
  bench.errno = undefined;
  bench.clock.advance(10 * REWRITE_MS);
  assert.equal([bench.written, bench.clock.timerCount], [[], 0]);
});

test.run();
