import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind } from '../../src/protocol/frame.ts';
import { between, frameOf, TestRouter } from './harness.ts';

test('a frame of a program reaches a child, with its answer on the way back', () => {
  const here = new TestRouter();
  const child = here.child('below');
  const program = here.program('asker');
  const request = frameOf({
    kind: Kind.REQUEST,
    number: 1,
    ...between('here:asker', 'below:echo'),
  });
  here.bytes(program.link, request);
  assert.equal(
    here.sent(child).map(({ kind }) => kind),
    [Kind.REQUEST],
  );
  const reply = frameOf({
    ...{ kind: Kind.REPLY, flags: 2, number: 1 },
    ...between('below:echo', 'here:asker'),
  });
  here.bytes(child, reply);
  assert.equal(
    here.sent(program.link).map(({ kind }) => kind),
    [Kind.REPLY],
  );
});

test.run();
