import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SNIFF_SERVICE } from '../../src/protocol/address.ts';
import { At, Flag, Kind, Scope } from '../../src/protocol/frame.ts';
import type { Tapped } from '../../src/router/io.ts';
import { between, frameOf, TestRouter } from './harness.ts';

const ROOT = { role: 'root', parents: [] } as const;

function prepare() {
  const here = new TestRouter('here', ROOT);
  const web = here.child('web');
  const db = here.child('db');
  const program = here.program('shop');
  here.input({ kind: 'tap', isOn: true });
  return { here, web, db, program };
}

function tappedBy(here: TestRouter): Tapped[] {
  return here.outputs.flatMap((each) => (each.kind === 'tapped' ? [each.tapped] : []));
}

/** Kinds of what was shown, with the ids of the links in and out, and why it ended. */
function shown(here: TestRouter): unknown[][] {
  return tappedBy(here).map(({ bytes, from, to, code }) => [
    bytes[At.KIND],
    from?.id ?? null,
    to?.id ?? null,
    code,
  ]);
}

function frame(from: string, to: string, more: { kind: number; flags?: number }): Buffer {
  return frameOf({ seed: 9, number: 1, ...more, ...between(from, to) }, { from, to, cmd: 'X' });
}

test('nothing is shown while nobody looks', () => {
  const { here, web, db } = prepare();
  here.input({ kind: 'tap', isOn: false });
  here.bytes(db, frame('db:a', 'web:b', { kind: Kind.MESSAGE }));
  assert.equal(tappedBy(here), []);
  assert.is(here.sent(web).length, 1);
});

test('each envelope of a run is shown, with its links, and the run still leaves as one', () => {
  const { here, web, db, program } = prepare();
  const to = (name: string) => frame('db:a', name, { kind: Kind.MESSAGE });
  here.bytes(db, to('web:b'), to('web:b'), to('here:shop'));
  assert.equal(shown(here), [
    [Kind.MESSAGE, db, web, null],
    [Kind.MESSAGE, db, web, null],
    [Kind.MESSAGE, db, program.link, null],
  ]);
  assert.is(here.slices(web).length, 1);
  assert.is(tappedBy(here)[0]?.bytes.length, to('web:b').length);
});

test('what ends here is shown with the reason, before what is said of it', () => {
  const { here, db, program } = prepare();
  here.bytes(db, frame('db:a', 'here:nothing', { kind: Kind.REQUEST }));
  assert.equal(shown(here), [
    [Kind.REQUEST, db, null, 'E_NO_SERVICE'],
    [Kind.REJECT, null, db, null],
  ]);
  here.bytes(db, frame('db:a', 'nobody:x', { kind: Kind.MESSAGE }));
  assert.equal(shown(here), [[Kind.MESSAGE, db, null, 'E_UNREACHABLE']]);
  const { link, endpoint, seed } = program;
  const own = { kind: Kind.REQUEST, seed, number: 3, ...between(`here:${endpoint}`, 'nobody:x') };
  here.bytes(link, frameOf(own, {}));
  assert.equal(shown(here), [
    [Kind.REQUEST, link, null, 'E_UNREACHABLE'],
    [Kind.REJECT, null, link, null],
  ]);
});

test('what ended without an error has none, also after one that had', () => {
  const { here, db } = prepare();
  here.bytes(db, frame('db:a', 'nobody:x', { kind: Kind.MESSAGE }));
  const late = { kind: Kind.REPLY, flags: Flag.RESPONSE };
  here.bytes(
    db,
    frame('db:a', 'here:shop', late),
    frame('db:a', 'nobody:x', { kind: Kind.MESSAGE }),
  );
  assert.equal(shown(here), [
    [Kind.REPLY, db, null, null],
    [Kind.MESSAGE, db, null, 'E_UNREACHABLE'],
  ]);
});

test('what the router makes itself is shown: a confirmation, a deadline', () => {
  const { here, web, db, program } = prepare();
  const reported = { kind: Kind.MESSAGE, flags: Flag.REPORT };
  here.bytes(db, frame('db:a', 'here:shop', reported));
  assert.equal(shown(here), [
    [Kind.MESSAGE, db, program.link, null],
    [Kind.REPLY, null, db, null],
  ]);
  const { link, endpoint, seed } = program;
  const asked = { kind: Kind.REQUEST, seed, number: 3, timeout: 1 };
  here.bytes(link, frameOf({ ...asked, ...between(`here:${endpoint}`, 'web:x') }, {}));
  here.pass(200);
  assert.equal(shown(here), [
    [Kind.REJECT, null, link, null],
    [Kind.CANCEL, null, web, null],
  ]);
});

test('what is sniffed is never shown, at whatever node', () => {
  const { here, web, db } = prepare();
  const there = `web:${SNIFF_SERVICE}`;
  here.bytes(db, frame('db:~1', there, { kind: Kind.REQUEST }));
  assert.equal([tappedBy(here).length, here.sent(web).length], [0, 1]);
  here.bytes(web, frame(there, 'db:~1', { kind: Kind.DATA, flags: Flag.RESPONSE }));
  assert.equal([tappedBy(here).length, here.sent(db).length], [0, 1]);
});

test('no program can hide by the name of what is sniffed', () => {
  const { here, program } = prepare();
  assert.is(here.register(program.link, SNIFF_SERVICE), 'E_NAME_INVALID');
  const forged = between(`here:${SNIFF_SERVICE}`, 'web:b');
  here.bytes(program.link, frameOf({ kind: Kind.MESSAGE, ...forged }, {}));
  assert.is(here.router.counters.rejected, 1);
});

test('what goes to many is shown for each link that it goes by', () => {
  const { here, web, db, program } = prepare();
  const to = { ...between('db:a', 'x'), toNode: 0, toService: 0, seed: 9, number: 1 };
  const many = { kind: Kind.MESSAGE, flags: Flag.BROADCAST, channel: Scope.EVERYWHERE };
  here.bytes(db, frameOf({ ...many, ...to }, {}));
  assert.equal(shown(here), [
    [Kind.MESSAGE, db, program.link, null],
    [Kind.MESSAGE, db, web, null],
  ]);
});

test('frames of one link are not envelopes', () => {
  const { here, db } = prepare();
  here.bytes(db, frameOf({ kind: Kind.PING }, undefined, Buffer.alloc(8)));
  assert.equal(tappedBy(here), []);
});

test.run();
