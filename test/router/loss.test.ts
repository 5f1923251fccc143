import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Flag, type FrameFields, Kind } from '../../src/protocol/frame.ts';
import { between, errorOf, frameOf, idOf, type Program, recordOf, TestRouter } from './harness.ts';

const AGENT = { parents: ['cd://parent:1'], holdMs: 60_000 };

interface Asked extends FrameFields {
  readonly kind: number;
}

function request(program: Program, to: string, more: Partial<Asked> = {}): Buffer {
  const fields = {
    kind: Kind.REQUEST,
    seed: program.seed,
    number: 1,
    ...between('here:asker', to),
  };
  return frameOf({ ...fields, ...more });
}

function answer(program: Program, from: string, more: Partial<Asked> = {}): Buffer {
  const fields = { kind: Kind.REPLY, flags: Flag.RESPONSE, seed: program.seed, number: 1 };
  return frameOf({ ...fields, ...between(from, 'here:asker'), ...more });
}

function prepare() {
  const here = new TestRouter('here', AGENT);
  const up = here.parent();
  const child = here.child('child');
  here.advertise(child, { record: recordOf('deep', { parent: 'child' }), metric: 0 });
  here.run(100);
  return { here, up, child, program: here.program('asker') };
}

/** The outcomes that the program heard of by the last input. */
function outcomes(here: TestRouter, program: Program): string[] {
  return here
    .sent(program.link)
    .map((frame) => (frame.kind === Kind.REPLY ? 'REPLY' : (errorOf(frame)?.code ?? '')));
}

/** Whom the program has heard to be lost, and who says why. */
function lossTold(here: TestRouter, program: Program, at = 0): string {
  const { to, node, reason } = errorOf(here.sent(program.link)[at])?.values ?? {};
  return `${to} ${node} ${reason}`;
}

test('requests to all that is behind a child are lost with its link, and say so', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x'));
  here.bytes(program.link, request(program, 'deep:x', { number: 2 }));
  here.input({ kind: 'closed', link: child, reason: 'reset' });
  assert.equal(outcomes(here, program), ['E_LOST', 'E_LOST']);
  assert.is(lossTold(here, program, 1), 'deep here has lost its link to child');
  here.run(60_000);
  assert.equal(outcomes(here, program), [], 'there is one outcome');
});

test('a request to a node that is lost further down is lost at once, the others go on', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'child:x'));
  here.bytes(program.link, request(program, 'deep:x', { number: 2 }));
  here.advertise(child, { key: nodeKeyOf('deep') });
  assert.equal(outcomes(here, program), ['E_LOST']);
  assert.is(lossTold(here, program), 'deep here has lost the way from child to deep');
  here.bytes(child, answer(program, 'child:x'));
  assert.equal(outcomes(here, program), ['REPLY']);
});

test('of a branch that is lost its highest node is named, not one that is fine', () => {
  const { here, child, program } = prepare();
  here.advertise(child, { record: recordOf('deeper', { parent: 'deep' }), metric: 1 });
  here.bytes(program.link, request(program, 'deeper:x'));
  here.advertise(child, { key: nodeKeyOf('deep') }, { key: nodeKeyOf('deeper') });
  assert.is(lossTold(here, program), 'deeper here has lost the way from child to deep');
});

test('a request to a node that says goodbye is lost', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'deep:x'));
  const left = { id: idOf('deep'), incarnation: 1 };
  here.advertise(child, { key: nodeKeyOf('deep'), left });
  assert.equal(outcomes(here, program), ['E_LOST']);
  assert.is(lossTold(here, program), 'the receiver here has heard that it stopped');
});

test('a request to a node that runs anew is lost, though its name never went away', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'deep:x'));
  here.advertise(child, { record: recordOf('deep', { incarnation: 2 }), metric: 0 });
  assert.equal(outcomes(here, program), ['E_LOST']);
});

test('a request is lost when the way to its node broke, even if it stands anew', () => {
  const { here, child, program } = prepare();
  here.bytes(program.link, request(program, 'deep:x'));
  const record = recordOf('deep', { parent: 'child' });
  here.advertise(child, { record: { ...record, services: ['mail'] }, metric: 0 });
  assert.equal(outcomes(here, program), [], 'a new service breaks nothing');
  here.advertise(child, { record, metric: 0, isAnew: true });
  assert.equal(outcomes(here, program), ['E_LOST']);
  assert.is(lossTold(here, program), 'deep here has seen the way to it break and come back');
  here.bytes(program.link, request(program, 'deep:x', { number: 2 }));
  here.bytes(child, answer(program, 'deep:x', { number: 2 }));
  assert.equal(outcomes(here, program), ['REPLY'], 'the next one goes by the new way');
});

test('what went up is lost with the parent, what went down is not', () => {
  const { here, up, child, program } = prepare();
  here.bytes(program.link, request(program, 'elsewhere:x'));
  here.bytes(program.link, request(program, 'anyone', { number: 2 }));
  here.bytes(program.link, request(program, 'child:x', { number: 3 }));
  here.input({ kind: 'closed', link: up, reason: 'reset' });
  assert.equal(outcomes(here, program), ['E_LOST', 'E_LOST']);
  assert.is(lossTold(here, program), 'the receiver here has lost its link to above');
  here.bytes(child, answer(program, 'child:x', { number: 3 }));
  assert.equal(outcomes(here, program), ['REPLY']);
});

test.run();
