import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FLAG_MESSAGE_BYTES_MAX, FLAGS_OWN_MAX } from '../../src/protocol/limits.ts';
import { FlagChecks, type Seen } from '../../src/services/flag-checks.ts';
import { flagOf } from './flag-bench.ts';

const GIB = 1_073_741_824;
const WELL: Seen = {
  links: [],
  disk: { availableBytes: 50 * GIB, totalBytes: 100 * GIB },
  isClockRight: true,
  uplinkLosses: 0,
  boxes: [],
  deadCount: 0,
  unwritten: [],
  storeTrouble: null,
  damage: { brokenCount: 0, lostCount: 0, lostCountMax: 0 },
};

function free(gib: number): Partial<Seen> {
  return { disk: { availableBytes: gib * GIB, totalBytes: 100 * GIB } };
}

class Bench {
  readonly #checks: FlagChecks;

  constructor(...up: readonly string[]) {
    const flags = up.map((name) => [name, flagOf('a')] as const);
    this.#checks = new FlagChecks('web1', new Map(flags));
  }

  /** What is said after looks at what differs from a node that is well. */
  look(...seen: readonly Partial<Seen>[]): string[] {
    return seen.flatMap((some) =>
      this.#checks.look({ ...WELL, ...some }).map((input) => {
        const name = `${input.key.section}/${input.key.flag}`;
        if (input.kind === 'lower') return `- ${name}`;
        assert.is(input.by, 'web1:dagent');
        assert.is(input.key.service, 'dagent');
        assert.ok(Buffer.byteLength(input.wish.message ?? '') <= FLAG_MESSAGE_BYTES_MAX);
        return `+ ${name} ${input.wish.priority}: ${input.wish.message}`;
      }),
    );
  }
}

test('of a node that is well nothing is said', () => {
  assert.equal(new Bench().look({}, {}, {}, {}), []);
});

test('a disk is nearly full after two looks, and has room again well above that', () => {
  const bench = new Bench();
  const full = '+ disk/nearly-full warning: 9.0 GiB of 100 GiB are free';
  assert.equal(bench.look(free(9)), []);
  assert.equal(bench.look(free(9)), [full]);
  assert.equal(bench.look(free(8), free(11), free(9), free(14), free(14)), []);
  assert.equal(bench.look(free(15), free(14), free(15)), []);
  assert.equal(bench.look(free(15)), ['- disk/nearly-full']);
});

test('what a full disk did not take is told at once, and until it is written', () => {
  const bench = new Bench();
  const said = (paths: string) => `+ disk/full error: written when there is room again: ${paths}`;
  assert.equal(bench.look({ unwritten: ['/a'] }), [said('/a')]);
  assert.equal(bench.look({ unwritten: ['/a'] }), []);
  assert.equal(bench.look({ unwritten: ['/a', '/b'] }), [said('/a, /b')]);
  assert.equal(bench.look({}), ['- disk/full']);
});

test('one bad look between good ones raises nothing', () => {
  assert.equal(new Bench().look(free(9), {}, free(9), {}, free(9), {}), []);
});

test('a disk with next to nothing left is critical', () => {
  const bench = new Bench();
  bench.look(free(9), free(9));
  const critical = '+ disk/nearly-full critical: 0.5 GiB of 100 GiB are free';
  assert.equal(bench.look(free(0.5), free(0.4)), [critical.replace('0.5 GiB', '512 MiB')]);
});

test('on a small disk a tenth counts', () => {
  const small = (gib: number) => ({ disk: { availableBytes: gib * GIB, totalBytes: 20 * GIB } });
  const bench = new Bench();
  assert.equal(bench.look(small(2.1), small(2.1)), []);
  assert.is(bench.look(small(1.9), small(1.9)).length, 1);
});

test('what could not be looked at changes nothing', () => {
  const bench = new Bench();
  const wrong = '+ clock/not-synchronised warning: nothing keeps the clock of the host right';
  assert.equal(bench.look({ isClockRight: false }, { isClockRight: null }), []);
  assert.equal(bench.look({ isClockRight: false }), [wrong]);
  assert.equal(bench.look({ isClockRight: null, disk: null }, { isClockRight: true }), []);
  assert.equal(bench.look({ isClockRight: true }), ['- clock/not-synchronised']);
});

test('an uplink flaps from the third loss on, until there was none for the whole time', () => {
  const bench = new Bench();
  const lost = (uplinkLosses: number): Partial<Seen> => ({ uplinkLosses });
  assert.equal(bench.look(lost(1), lost(2)), []);
  assert.equal(bench.look(lost(3)), [
    '+ uplink/flapping warning: the link to the parent was lost 3 times in 10m',
  ]);
  assert.equal(bench.look(lost(2), lost(1)), []);
  assert.equal(bench.look(lost(0)), ['- uplink/flapping']);
});

test('a link whose queue stays full is slow', () => {
  const bench = new Bench();
  const links = (...slow: string[]): Partial<Seen> => ({
    links: ['web1', 'web2', 'web3'].map((peer) => {
      return { peer, isSlow: slow.includes(peer), rttMs: 1 };
    }),
  });
  assert.equal(bench.look(links('web1'), links(), links('web1'), links('web1')), []);
  const one = '+ links/slow-peer warning: it does not keep up: web1';
  assert.equal(bench.look(links('web1')), [one]);
  assert.equal(bench.look(links('web1', 'web2')), [one.replace('web1', 'web[1-2]')]);
  assert.equal(bench.look(links(), links(), links()), ['- links/slow-peer']);
});

test('a queue of durable messages is nearly full from nine tenths on', () => {
  const bench = new Bench();
  const at = (level: number): Partial<Seen> => ({ boxes: [{ box: 'web1:orders', level }] });
  assert.equal(bench.look(at(0.89), at(0.89)), []);
  assert.equal(bench.look(at(0.95), at(0.95), at(0.96)), [
    '+ mailbox/nearly-full warning: more is refused soon: web1:orders (95 %)',
  ]);
  assert.equal(bench.look(at(0.85), at(0.79), at(0.79)), ['- mailbox/nearly-full']);
});

test('dead letters are told at once, with how many there are', () => {
  const bench = new Bench();
  const dead = '+ mailbox/dead-letters warning: ';
  assert.equal(bench.look({ deadCount: 1 }), [`${dead}1 dead letter: dagent mailbox dead`]);
  assert.equal(bench.look({ deadCount: 1 }), []);
  assert.equal(bench.look({ deadCount: 2 }), [`${dead}2 dead letters: dagent mailbox dead`]);
  assert.equal(bench.look({}), ['- mailbox/dead-letters']);
});

test('a store that takes nothing is an error, whatever it says', () => {
  const bench = new Bench();
  const long = `no room at /${'ä'.repeat(400)}`;
  const [raised = ''] = bench.look({ storeTrouble: long });
  assert.match(raised, /^\+ mailbox\/store-failed error: no room at \/ä+\.\.\.$/);
  assert.equal(bench.look({}), ['- mailbox/store-failed']);
});

test('records that were set aside are told of, until the daemon is started anew', () => {
  const bench = new Bench();
  const broken = '+ mailbox/broken-records error: ';
  const end = ': dagent daemon logs';
  const damage = { brokenCount: 2, lostCount: 0, lostCountMax: 257 };
  const records = '2 records are broken and set aside';
  const upTo = ', with up to 257 messages';
  assert.equal(bench.look({ damage }), [`${broken}${records}${upTo}${end}`]);
  assert.equal(bench.look({ damage }), []);
  const known = ', 3 messages are known to be lost';
  const later = { ...damage, lostCount: 3 };
  assert.equal(bench.look({ damage: later }), [`${broken}${records}${upTo}${known}${end}`]);
  const whole = { ...damage, lostCountMax: Number.POSITIVE_INFINITY };
  assert.equal(bench.look({ damage: whole }), [`${broken}${records}${end}`]);
  const next = new Bench('dagent/mailbox/broken-records');
  assert.equal(next.look({}), ['- mailbox/broken-records']);
});

test('a flag of a former run is lowered when what it says is over, and said anew if not', () => {
  const bench = new Bench('dagent/disk/nearly-full', 'dagent/mailbox/dead-letters');
  const said = bench.look({ ...free(9), deadCount: 0 });
  assert.equal(said, [
    '+ disk/nearly-full warning: 9.0 GiB of 100 GiB are free',
    '- mailbox/dead-letters',
  ]);
});

test('all that a daemon can say of itself is within FLAGS_OWN_MAX', () => {
  const bench = new Bench();
  const ill: Partial<Seen> = {
    ...free(0),
    links: [{ peer: 'web1', isSlow: true, rttMs: null }],
    ...{
      isClockRight: false,
      uplinkLosses: 9,
      deadCount: 9,
      storeTrouble: 'full',
      damage: { brokenCount: 1, lostCount: 0, lostCountMax: 0 },
    },
    boxes: [{ box: 'web1:orders', level: 1 }],
  };
  const all = bench.look(ill, ill, ill);
  assert.is(all.length, 8);
  assert.ok(all.length <= FLAGS_OWN_MAX);
});

test.run();
