import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseQuestion, toFailure, toSuccess } from '../../src/dialects/basicagent.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { FACT_CLASSES } from '../../src/protocol/facts.ts';

for (const [args, users] of [
  ['', 'all'],
  ['-A', 'all'],
  [' -u ', 'normal'],
  ['-S', 'system'],
  ['-U root', { name: 'root' }],
  ['-Uroot', { name: 'root' }],
] as const) {
  test(`getinfo.users with "${args}" asks for ${JSON.stringify(users)}`, () => {
    assert.equal(parseQuestion('getinfo.users', args), { factClass: 'users', users });
  });
}

test('every class of facts is a command, and takes no arguments', () => {
  for (const factClass of FACT_CLASSES) {
    assert.is(parseQuestion(`getinfo.${factClass}`, '').factClass, factClass);
  }
});

for (const [command, args] of [
  ['getinfo.users', '-X'],
  ['getinfo.users', '-U'],
  ['getinfo.users', '-U a b'],
  ['getinfo.users', '-A -u'],
  ['getinfo.users', 'root'],
  ['getinfo.users', '__proto__'],
  ['getinfo.kernel', '-A'],
  ['getinfo.nope', ''],
  ['getinfo.', ''],
  ['kernel', ''],
  ['constructor', ''],
] as const) {
  test(`"${command}" with "${args}" is refused as invalid parameters`, () => {
    try {
      parseQuestion(command, args);
      assert.unreachable('it was taken');
    } catch (error) {
      assert.instance(error, DagentError);
      const answer = toFailure(error as DagentError);
      assert.equal(answer, { resp: 'failed', retcode: 3021, message: 'Invalid params' });
    }
  });
}

test('answers have the two shapes of BasicAgent', () => {
  const told = { resp: 'success', retcode: 0, message: 'Normal termination', data: { a: 1 } };
  assert.equal(toSuccess({ a: 1 }), told);
  const unknown = toFailure(new DagentError('E_ACCOUNT_UNKNOWN', { kind: 'user', name: 'x' }));
  assert.equal(unknown, { resp: 'failed', retcode: 3022, message: 'its host has no user named x' });
  const other = toFailure(new DagentError('E_INTERNAL', { reason: 'x' }));
  assert.is(other.retcode, 3000);
});

test.run();
