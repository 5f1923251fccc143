import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, Kind } from '../../src/protocol/frame.ts';
import { between, errorOf, frameOf, recordOf, TestRouter } from './harness.ts';

function message(to: string, number = 1): Buffer {
  return frameOf({
    kind: Kind.MESSAGE,
    flags: Flag.REPORT | Flag.NO_CACHE,
    number,
    ...between('far:asker', to),
  });
}

/** An agent with a parent, two children, one of which has a child, and a program. */
function prepare() {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  const a = here.child('a');
  const b = here.child('b');
  here.advertise(a, { record: recordOf('deep', { parent: 'a', services: ['mail'] }), metric: 0 });
  here.advertise(a, { record: recordOf('far', { parent: 'a' }), metric: 0 });
  const program = here.program('clock');
  return { here, up, a, b, program };
}

/** The links by which something left, and the code of what came back. */
function outcomeOf(here: TestRouter, links: Readonly<Record<string, number>>): string {
  return Object.entries(links)
    .flatMap(([name, link]) =>
      here.sent(link).map((frame) => `${name} ${errorOf(frame)?.code ?? 'message'}`),
    )
    .join();
}

test('what is known goes down by its explicit route, whoever asks', () => {
  const { here, up, a, b } = prepare();
  for (const from of [up, b]) {
    here.bytes(from, message('deep:mail'));
    assert.is(outcomeOf(here, { a, b, up }), 'a message');
  }
});

test('what is unknown goes up, from below and from here', () => {
  const { here, up, a, b, program } = prepare();
  here.bytes(a, message('elsewhere:mail'));
  assert.is(outcomeOf(here, { a, b, up }), 'up message');
  const own = frameOf({ kind: Kind.MESSAGE, ...between('here:clock', 'elsewhere:mail') });
  here.bytes(program.link, own);
  assert.is(outcomeOf(here, { a, b, up }), 'up message');
});

test('what came from the parent never goes up again', () => {
  const { here, up, a, b } = prepare();
  here.bytes(up, message('elsewhere:mail'));
  // The rejection is for a sender below: it goes there.
  assert.is(outcomeOf(here, { a, b, up }), 'a E_UNREACHABLE');
});

test('nothing goes back by the link by which it came', () => {
  const { here, up, a, b } = prepare();
  here.bytes(a, message('deep:mail'));
  assert.is(outcomeOf(here, { a, b, up }), 'a E_UNREACHABLE');
});

test('what is for this node is delivered, or rejected when nobody has the service', () => {
  const { here, up, program } = prepare();
  here.bytes(up, message('here:clock'));
  assert.is(here.sent(program.link).length, 1);
  here.bytes(up, message('here:nothing'));
  const [reject] = here.outputs.flatMap((each) => (each.kind === 'send' ? [each.link] : []));
  assert.is(here.sent(reject ?? 0)[0]?.kind, Kind.REJECT);
  assert.is(errorOf(here.sent(reject ?? 0)[0])?.code, 'E_NO_SERVICE');
});

test('a service without a node is here first, then nearest below, then up', () => {
  const { here, up, a, b, program } = prepare();
  const asks = (to: string) => {
    here.bytes(b, message(to));
    return outcomeOf(here, { a, b, up, here: program.link });
  };
  assert.is(asks('clock'), 'a message,here message', 'and its sender is told');
  assert.is(asks('mail'), 'a message');
  assert.is(asks('print'), 'up message');
});

test('a service that only those who ask have had goes up, not back', () => {
  const { here, up, a, b } = prepare();
  here.bytes(a, message('mail'));
  assert.is(outcomeOf(here, { a, b, up }), 'up message');
});

test('who was lost from below may have come back elsewhere: it is looked for further up', () => {
  const { here, up, a, b } = prepare();
  here.advertise(a, { key: nodeKeyOf('deep') });
  assert.is(here.way('deep'), undefined);
  here.bytes(b, message('deep:mail'));
  assert.is(outcomeOf(here, { a, b, up }), 'up message');
  here.bytes(up, message('deep:mail'));
  assert.is(outcomeOf(here, { a, b, up }), 'a E_UNREACHABLE');
});

test('who gives up says why', () => {
  const reasonOf = (here: TestRouter, link: number, to: string): unknown => {
    here.bytes(link, message(to));
    return errorOf(here.sent(link)[0])?.values.reason;
  };
  const { here, a } = prepare();
  assert.is(reasonOf(here, a, 'deep:mail'), 'knows no way but back');
  const top = new TestRouter('top');
  const child = top.child('far');
  const lost = top.child('lost');
  assert.is(reasonOf(top, child, 'nowhere:x'), 'knows no way');
  top.input({ kind: 'closed', link: lost, reason: 'reset' });
  assert.is(reasonOf(top, child, 'lost:x'), 'has lost its link to lost');
  const cut = new TestRouter('cut', { parents: ['cd://parent:1'] });
  const below = cut.child('far');
  assert.match(String(reasonOf(cut, below, 'nowhere:x')), 'without its parent');
});

test('without a parent, what is unknown is rejected at once', () => {
  const here = new TestRouter();
  const { link, seed } = here.program('clock');
  const ask = frameOf({ kind: Kind.REQUEST, seed, number: 3, ...between('here:clock', 'x:y') });
  here.bytes(link, ask);
  const [reject] = here.sent(link);
  assert.is(reject?.kind, Kind.REJECT);
  assert.is(reject?.number, 3);
  assert.is(errorOf(reject)?.code, 'E_UNREACHABLE');
  assert.is(errorOf(reject)?.values.node, 'here');
  assert.is(here.router.counters.rejected, 1);
});

test('the router itself is nobody that could be spoken to', () => {
  const { here, up, a } = prepare();
  const toRouter = { ...between('far:asker', 'here:x'), toService: 0 };
  here.bytes(up, frameOf({ kind: Kind.REQUEST, number: 1, ...toRouter }));
  assert.is(errorOf(here.sent(a)[0])?.code, 'E_NO_SERVICE');
});

test.run();
