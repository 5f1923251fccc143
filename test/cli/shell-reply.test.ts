import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { replyWithShell } from '../../src/cli/shell-reply.ts';
import type { Incoming } from '../../src/client/index.ts';
import { BODY_BYTES_MAX } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { createPair } from '../endpoint/pair.ts';

type Asked = Partial<Pick<Incoming, 'command' | 'params' | 'data' | 'isCall'>>;

/** What a program gets that asks a service of which a shell answers. */
async function ask(shell: string, asked: Asked = {}): Promise<string> {
  const { here, there } = createPair();
  const replies: Promise<void>[] = [];
  there.handle('service', {
    onRequest: (exchange) => {
      replies.push(replyWithShell(shell, { message: exchange.request, exchange }));
    },
  });
  const out = { to: 'there:service', command: 'ASK', ...asked };
  const { data } = await here.request(out).outcome;
  await Promise.all(replies);
  return data.toString();
}

async function failure(shell: string, asked: Asked = {}) {
  return ask(shell, asked).then(
    () => assert.unreachable('it was answered'),
    (error) => error,
  );
}

test('what a command prints answers the request', async () => {
  assert.is(await ask('tr a-z A-Z', { data: Buffer.from('hello') }), 'HELLO');
});

test('a command knows who asks, what, and with which parameters', async () => {
  const words = '$DAGENT_FROM $DAGENT_COMMAND $DAGENT_PARAM_copies $DAGENT_SN';
  const answer = await ask(`printf %s "${words}"`, { params: { copies: '2 $(id)' } });
  assert.is(answer, 'here:asker ASK 2 $(id) 1111111100000001');
});

test('a parameter that can be no variable is left out, and sets no other', async () => {
  const params = { 'a=b': '1', 'x\ny': '2', '': '3', ok: 'yes' };
  const answer = await ask('env | grep ^DAGENT_PARAM | sort', { params });
  assert.is(answer, 'DAGENT_PARAM_ok=yes\n');
});

test('a command that fails rejects the request with its status', async () => {
  const { code, message } = await failure('exit 7');
  assert.is(code, 'E_REMOTE');
  assert.is(message, 'shell at there:service: exit status 7');
});

test('an answer that is too large is refused', async () => {
  assert.is((await failure('exec yes')).code, 'E_TOO_LARGE');
  const bytes = await ask(`head -c ${BODY_BYTES_MAX} /dev/zero`);
  assert.is(bytes.length, BODY_BYTES_MAX);
});

test('a message that no command can be started for is rejected, and that is all', async () => {
  for (const asked of [{ command: 'A\0B' }, { params: { a: '\0' } }]) {
    assert.is((await failure('true', asked)).code, 'E_REMOTE');
  }
});

test('a call is nothing for a shell', async () => {
  const { code } = await failure('true', { isCall: true, data: pack({ args: [] }) });
  assert.is(code, 'E_NO_METHOD');
});

test('a message wants no answer, whatever becomes of its command', async () => {
  const names = { from: 'a:b', to: 'c:d', command: 'SAY', sn: '1' };
  const message: Incoming = { ...names, params: {}, data: Buffer.alloc(0), isCall: false };
  const dir = mkdtempSync(join(tmpdir(), 'reply-'));
  for (const shell of ['true', 'exit 1', 'head -c 2000000 /dev/zero', `touch ${dir}/ran`]) {
    await replyWithShell(shell, { message, exchange: undefined });
  }
  assert.ok(existsSync(join(dir, 'ran')));
  rmSync(dir, { recursive: true });
});

test.run();
