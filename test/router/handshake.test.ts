import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import { HOLD_MS_MIN, UNAUTHENTICATED_MAX } from '../../src/protocol/limits.ts';
import type { LinkId } from '../../src/router/io.ts';
import { errorOf, frameOf, idOf, REALM, recordOf, TestRouter } from './harness.ts';

/** A link in each phase, of a fresh router. */
const PHASES: Readonly<Record<string, () => { here: TestRouter; link: LinkId }>> = {
  hello: () => {
    const here = new TestRouter();
    const link = here.accept();
    here.bytes(link, MAGIC);
    return { here, link };
  },
  welcome: () => {
    const here = new TestRouter('here', { parents: ['cd://parent:1'] });
    return { here, link: here.dialled() };
  },
  client: () => {
    const here = new TestRouter();
    return { here, link: here.program().link };
  },
  child: () => {
    const here = new TestRouter();
    return { here, link: here.child('below') };
  },
  parent: () => {
    const here = new TestRouter('here', { parents: ['cd://parent:1'] });
    return { here, link: here.parent() };
  },
};

const ANYWHERE_OPEN = ['PING', 'PONG', 'GOODBYE'];
/** What only programs say. */
const LOCAL = ['REGISTER', 'UNREGISTER', 'SUBSCRIBE', 'UNSUBSCRIBE'];
const ROUTED = ['MESSAGE', 'REQUEST', 'REPLY', 'REJECT', 'DATA', 'CREDIT', 'END', 'CANCEL'];
/** What may come in each phase; everything else closes the link. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  hello: ['HELLO'],
  welcome: ['WELCOME', 'REFUSE', 'REDIRECT'],
  client: [...ANYWHERE_OPEN, ...LOCAL, ...ROUTED, 'PROGRESS', 'EVENT', 'TRACED', 'PROBE', 'TAKEN'],
  child: [...ANYWHERE_OPEN, 'ADVERT', ...ROUTED, 'PROGRESS', 'EVENT', 'TRACED', 'PROBE', 'TAKEN'],
  parent: [
    ...ANYWHERE_OPEN,
    'INTEREST',
    'REFRESH',
    ...ROUTED,
    'PROGRESS',
    'EVENT',
    'TRACED',
    'PROBE',
    'TAKEN',
    'JOINED',
    'EVICTED',
  ],
};

const NODE_KINDS: readonly number[] = [Kind.JOINED, Kind.EVICTED];

/** A frame of a kind that is right in itself. */
function sampleOf(here: TestRouter, kind: number): Buffer {
  if (kind === Kind.HELLO) return here.hello(recordOf('below'));
  if (kind === Kind.WELCOME) return here.welcome(recordOf('above'));
  if (kind === Kind.ADVERT || kind === Kind.INTEREST || kind === Kind.REFRESH)
    return frameOf({ kind }, undefined, Buffer.from([0x90]));
  const toNode = NODE_KINDS.includes(kind) ? here.router.key : 5;
  return frameOf({ kind, toNode }, {});
}

for (const [phase, prepare] of Object.entries(PHASES)) {
  for (const [name, kind] of Object.entries(Kind)) {
    const isExpected = EXPECTED[phase]?.includes(name) === true;
    test(`${phase}: ${name} ${isExpected ? 'has a place' : 'closes the link'}`, () => {
      const { here, link } = prepare();
      here.bytes(link, sampleOf(here, kind));
      const code = here.closed(link);
      if (isExpected) assert.is.not(code, 'E_FRAME_UNEXPECTED');
      else assert.is(code, 'E_FRAME_UNEXPECTED');
      assert.is(here.accept() > 0, true, 'the router lives');
    });
  }
}

test('a kind that nobody has defined closes a link that is not open', () => {
  const { here, link } = PHASES.hello!();
  here.bytes(link, frameOf({ kind: 200 }));
  assert.is(here.closed(link), 'E_FRAME_UNEXPECTED');
});

test('a HELLO that says nothing closes the link', () => {
  const { here, link } = PHASES.hello!();
  here.bytes(link, frameOf({ kind: Kind.HELLO }, { as: 'king' }));
  assert.is(here.closed(link), 'E_FRAME_UNEXPECTED');
});

test('a child is taken with the shorter hold time, and pinged only then', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('below'), { holdMs: 1_000 }));
  const sent = here.sent(link);
  assert.equal(
    sent.map(({ kind }) => kind),
    [Kind.WELCOME, Kind.PING, Kind.JOINED],
  );
  assert.is(sent[0]?.head.holdMs, 1_000);
  assert.is(sent[0]?.head.realm, REALM);
  assert.is(here.events('childUp')[0]?.record.name, 'below');
  assert.is(here.way('below'), 'below');
});

test('nobody gets a hold time that is too short to live by', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('below'), { holdMs: 1 }));
  assert.is(here.sent(link)[0]?.head.holdMs, HOLD_MS_MIN);
});

test('the magic and HELLO may come byte by byte', () => {
  const here = new TestRouter();
  const link = here.accept();
  const bytes = Buffer.concat([MAGIC, here.hello(recordOf('below'))]);
  for (const byte of bytes.subarray(0, -1)) {
    assert.equal(here.bytes(link, Buffer.from([byte])), []);
  }
  here.bytes(link, bytes.subarray(-1));
  assert.is(here.sent(link)[0]?.kind, Kind.WELCOME);
});

test('of too many who say nothing the first one goes, and the newcomer is heard', () => {
  const here = new TestRouter();
  const silent = Array.from({ length: UNAUTHENTICATED_MAX }, () => here.accept());
  const newcomer = here.accept();
  assert.is(here.closed(silent[0] ?? 0), 'E_BUSY');
  assert.is(here.router.opening.size, UNAUTHENTICATED_MAX);
  here.bytes(newcomer, MAGIC, here.hello(recordOf('below')));
  assert.is(here.sent(newcomer)[0]?.kind, Kind.WELCOME);
});

function refusalOf(here: TestRouter, record: object, more: object = {}): string | undefined {
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('below', record), more));
  const [refuse] = here.sent(link);
  assert.is(refuse?.kind, Kind.REFUSE);
  assert.is(here.closed(link), errorOf(refuse)?.code);
  assert.is(here.router.links.has(link), false);
  assert.is(here.router.opening.size, 0);
  return errorOf(refuse)?.code;
}

test('who speaks no version that we speak is refused', () => {
  assert.is(refusalOf(new TestRouter(), {}, { versionMin: 2, versionMax: 3 }), 'E_VERSION');
  assert.is(refusalOf(new TestRouter(), {}, { versionMin: 0, versionMax: 0 }), 'E_VERSION');
});

test('who speaks more than we do is answered in the highest version that both speak', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('below'), { versionMin: 0, versionMax: 9 }));
  assert.is(here.sent(link)[0]?.head.version, 1);
});

test('a parent that answers in a version that we do not speak is none', () => {
  const { here, link } = PHASES.welcome!();
  here.bytes(link, here.welcome(recordOf('above'), { version: 2 }));
  assert.is(here.closed(link), 'E_VERSION');
  assert.is(here.events('uplinkFailed')[0]?.error.code, 'E_VERSION');
});

test('who belongs to another realm is refused', () => {
  assert.is(refusalOf(new TestRouter(), {}, { realm: 'elsewhere' }), 'E_REALM');
});

test('who knows no realm yet is taken, and told ours', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('below'), { realm: null }));
  assert.is(here.sent(link)[0]?.head.realm, REALM);
});

test('a leaf refuses children, but serves programs', () => {
  const here = new TestRouter('here', { role: 'leaf' });
  assert.is(refusalOf(here, {}), 'E_LEAF_PARENT');
  assert.ok(here.program('mail').seed > 0);
});

test('a node with our own name is refused', () => {
  assert.is(refusalOf(new TestRouter(), { name: 'here' }), 'E_NAME_TAKEN');
});

test('we do not take ourselves as a child', () => {
  assert.is(refusalOf(new TestRouter(), { name: 'here', id: idOf('here') }), 'E_LOOP');
});

test('we do not take our own parent as a child', () => {
  const { here } = PHASES.parent!();
  assert.is(refusalOf(here, { name: 'above', id: idOf('above') }), 'E_LOOP');
});

test('a node whose name another child has is refused, and told where that one is', () => {
  const here = new TestRouter();
  here.child('below');
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('below', { id: 'ffffffffffffffff' })));
  const error = errorOf(here.sent(link)[0]);
  assert.is(error?.code, 'E_NAME_TAKEN');
  assert.is(error?.values.where, 'here/below (linked before)');
  assert.is(here.way('below'), 'below');
});

test('a node that has the name of our parent is refused, as child and as peer', () => {
  for (const as of ['child', 'peer']) {
    const here = new TestRouter('here', { parents: ['cd://p:1'] });
    here.parent('above');
    const link = here.accept();
    const twin = recordOf('above', { id: 'ffffffffffffffff' });
    here.bytes(link, MAGIC, here.hello(twin, { as }));
    const error = errorOf(here.sent(link)[0]);
    assert.is(error?.code, 'E_NAME_TAKEN', as);
    assert.is(error?.values.where, 'above, the parent of here');
    assert.is(here.way('above'), undefined);
  }
});

test('a node whose name was lost may be another one', () => {
  const here = new TestRouter();
  const former = here.child('below');
  here.input({ kind: 'closed', link: former, reason: 'reset' });
  here.child('below', { id: 'ffffffffffffffff' });
  assert.is(here.events('nodeUp')[0]?.record.id, 'ffffffffffffffff');
});

test('a node that comes back replaces its former self, whose link is closed', () => {
  const here = new TestRouter();
  const former = here.child('below');
  const link = here.child('below', { incarnation: 2 });
  assert.is(here.closed(former), 'E_REPLACED');
  assert.is(here.sent(former).at(-1)?.kind, Kind.GOODBYE);
  assert.is(here.sent(link)[0]?.kind, Kind.WELCOME);
  assert.is(here.way('below'), 'below');
  assert.is(here.router.children.size, 1);
});

test('a leaving node takes nobody any more', () => {
  const here = new TestRouter();
  here.input({ kind: 'leave' });
  assert.is(refusalOf(here, {}), 'E_LEAVING');
});

test('a parent of another realm is left with the reason', () => {
  const { here, link } = PHASES.welcome!();
  here.bytes(link, here.welcome(recordOf('above'), { realm: 'elsewhere' }));
  assert.is(here.closed(link), 'E_REALM');
  assert.is(errorOf(here.sent(link)[0])?.code, 'E_REALM');
});

test('a parent that is below us is none', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  here.child('below');
  here.run(1_000);
  const link = here.dialled();
  here.bytes(link, here.welcome(recordOf('below')));
  assert.is(here.closed(link), 'E_LOOP');
  assert.is(here.sent(link)[0]?.kind, Kind.GOODBYE);
  assert.is(here.router.uplink.phase, 'waiting');
});

test('what follows WELCOME in one piece with it may be longer than a handshake', () => {
  const { here, link } = PHASES.welcome!();
  const long = frameOf({ kind: Kind.PING }, {}, Buffer.alloc(100_000));
  here.bytes(link, here.welcome(recordOf('above')), long);
  assert.is(here.closed(link), undefined);
  assert.ok(here.sent(link).some(({ kind }) => kind === Kind.PONG));
});

test('who is refused for an endless realm is refused without it', () => {
  const here = new TestRouter();
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('below'), { realm: 'x'.repeat(65_000) }));
  assert.is(here.closed(link), 'E_REALM');
  assert.is(here.sent(link)[0]?.kind, Kind.REFUSE);
});

test('a node with very many services welcomes all the same', () => {
  const here = new TestRouter();
  const { link } = here.program();
  for (let n = 0; n < 1_024; n++) here.register(link, `${n}`.padEnd(63, 'x'));
  const child = here.child('below');
  assert.is(here.sent(child)[0]?.kind, Kind.WELCOME);
});

test('a program gets an unnamed service and a seed of its own', () => {
  const here = new TestRouter();
  const [one, two] = [here.program(), here.program()];
  assert.is.not(one.endpoint, two.endpoint);
  assert.is.not(one.seed, two.seed);
  assert.ok(one.endpoint.startsWith('~'));
});

test.run();
