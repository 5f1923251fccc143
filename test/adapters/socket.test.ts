import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toConnectError } from '../../src/adapters/socket.ts';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

test('who may not connect is told so, and not that nobody is there', () => {
  const url = 'cd:/run/dagent/hq/daemon.sock';
  const denied = toConnectError(failure('EACCES'), url);
  assert.equal([denied.code, denied.exit], ['E_CONNECT_DENIED', 4]);
  assert.match(denied.message, url);
  const missing = toConnectError(failure('ENOENT'), url);
  assert.is(missing.code, 'E_CONNECT');
  assert.match(missing.message, 'nobody listens there');
});

test.run();
