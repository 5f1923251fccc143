import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type OwnFlagComponents, OwnFlags } from '../../src/daemon/own-flags.ts';
import { FLAG_CHECK_MS, FLAG_CLOCK_CHECK_MS } from '../../src/protocol/limits.ts';
import type { Damage } from '../../src/services/flag-checks.ts';
import type { FlagInput } from '../../src/services/flag-state.ts';
import { FakeClock } from '../fakes/clock.ts';

const UNHARMED: Damage = { brokenCount: 0, lostCount: 0, lostCountMax: 0 };

/** A daemon whose router, mailboxes and host are what the test says. */
class Bench {
  readonly clock = new FakeClock();
  readonly links = new Map<number, unknown>();
  readonly mailboxes: {
    mailbox: { driver: undefined };
    trouble: string | null;
    damage: Damage;
  };
  readonly own: OwnFlags;
  unwritten: string[] = [];
  isClockRight: boolean | Error = true;
  clockCount = 0;
  readonly #said: string[] = [];

  constructor() {
    this.mailboxes = { mailbox: { driver: undefined }, trouble: null, damage: UNHARMED };
    const say = async (input: FlagInput) => {
      this.#said.push(`${input.kind} ${input.key.section}/${input.key.flag}`);
    };
    const probe = {
      clock: async () => {
        this.clockCount++;
        if (this.isClockRight instanceof Error) throw this.isClockRight;
        return { isSynchronised: this.isClockRight };
      },
    };
    this.own = new OwnFlags({
      router: { config: { name: 'web1' }, links: this.links },
      clock: this.clock,
      probe,
      mailboxes: this.mailboxes,
      flags: { own: { flags: new Map() }, say },
      // It has no size, so that the disk of whoever runs the tests does not matter.
      dataDir: '/proc',
      unwritten: () => this.unwritten,
    } as unknown as OwnFlagComponents);
    this.own.start();
  }

  /** What is said after so many looks. */
  async pass(looks: number): Promise<string[]> {
    for (let at = 0; at < looks; at++) {
      this.clock.advance(FLAG_CHECK_MS);
      // The disk answers when it does: the next look begins after that.
      while (this.own.isLooking) await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#said.splice(0);
  }
}

test('a daemon looks every FLAG_CHECK_MS, and says what is the matter', async () => {
  const bench = new Bench();
  assert.equal(await bench.pass(3), []);
  bench.mailboxes.trouble = 'the disk is full';
  bench.links.set(1, { peer: { name: 'hq' }, isCongested: true, rttMs: 1 });
  bench.links.set(2, { peer: null, isCongested: true, rttMs: null });
  assert.equal(await bench.pass(1), ['raise mailbox/store-failed']);
  assert.equal(await bench.pass(2), ['raise links/slow-peer']);
  bench.unwritten.push('/run/status.json');
  assert.equal(await bench.pass(1), ['raise disk/full']);
  bench.unwritten.pop();
  assert.equal(await bench.pass(1), ['lower disk/full']);
  bench.mailboxes.trouble = null;
  bench.links.delete(1);
  assert.equal(await bench.pass(3), ['lower mailbox/store-failed', 'lower links/slow-peer']);
});

test('an uplink that comes and goes is told', async () => {
  const bench = new Bench();
  for (let at = 0; at < 3; at++) bench.own.uplinkDown();
  assert.equal(await bench.pass(1), ['raise uplink/flapping']);
});

test('the clock is asked for every FLAG_CLOCK_CHECK_MS, and may not answer', async () => {
  const bench = new Bench();
  bench.isClockRight = new Error('no such command');
  await bench.pass(1);
  bench.isClockRight = false;
  const looks = FLAG_CLOCK_CHECK_MS / FLAG_CHECK_MS;
  assert.equal(await bench.pass(looks), []);
  assert.is(bench.clockCount, 2);
  assert.equal(await bench.pass(looks), ['raise clock/not-synchronised']);
  assert.is(bench.clockCount, 3);
});

test('a daemon that stops says nothing more', async () => {
  const bench = new Bench();
  bench.mailboxes.trouble = 'the disk is full';
  bench.clock.advance(FLAG_CHECK_MS);
  bench.own.stop();
  while (bench.own.isLooking) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await bench.pass(2), []);
  assert.is(bench.clock.timerCount, 0);
});

test.run();
