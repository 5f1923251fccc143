import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { answerRecord, describeException } from '../../src/cli/call-run.ts';
import { DagentError, RemoteError } from '../../src/protocol/errors.ts';

function remote(args: readonly unknown[], state: object): RemoteError {
  const values = { class: 'OutOfPaper', text: 'no paper', node: 'web1:printer' };
  return new RemoteError('E_REMOTE', values, { origin: 'web1', details: { args, state } });
}

test('an answer is a record, its exception as data', () => {
  const value = { kind: 'value', to: 'web1:printer', value: undefined } as const;
  assert.equal(answerRecord('web1', value), { type: 'result', target: 'web1', value: null });
  const threw = { kind: 'error', to: 'web1:printer', error: remote(['lp0'], { tray: 2 }) } as const;
  assert.equal(answerRecord('web1', threw).error, {
    code: 'E_REMOTE',
    message: 'OutOfPaper at web1:printer: no paper',
    origin: 'web1',
    service: 'web1:printer',
    exception: {
      ...{ module: '', class: 'OutOfPaper', message: 'no paper' },
      ...{ args: ['lp0'], state: { tray: 2 } },
    },
  });
  const error = new DagentError('E_DEADLINE', { to: 'web1:printer', ms: 5 });
  assert.equal(answerRecord('web1', { kind: 'error', to: 'web1:printer', error }).error, {
    code: 'E_DEADLINE',
    message: 'no reply from web1:printer within 5 ms',
    values: { to: 'web1:printer', ms: 5 },
  });
});

test('what an exception carries is told when it is more than its message', () => {
  assert.is(describeException(remote(['no paper'], {})), undefined);
  assert.is(describeException(remote([], {})), undefined);
  const text = describeException(remote(['lp0', 2], { tray: { number: 2 } }));
  assert.is(text, 'arguments: "lp0", 2\n  tray: {"number":2}');
  assert.is(describeException(new DagentError('E_DEADLINE')), undefined);
});

test.run();
