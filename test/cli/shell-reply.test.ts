import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { replyWithShell } from '../../src/cli/shell-reply.ts';
import type { Incoming } from '../../src/client/index.ts';
import type { Received } from '../../src/client/message-queue.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { BODY_BYTES_MAX } from '../../src/protocol/limits.ts';
import { pack } from '../../src/protocol/pack.ts';
import { until } from '../e2e/poll.ts';
import { createPair } from '../endpoint/pair.ts';

const FOREVER = new AbortController().signal;

type Asked = Partial<Pick<Incoming, 'command' | 'params' | 'data' | 'isCall'>>;

/** What a program gets that asks a service of which a shell answers. */
async function ask(shell: string, asked: Asked = {}): Promise<string> {
  const { here, there } = createPair();
  const replies: Promise<void>[] = [];
  there.handle('service', {
    onRequest: (exchange) => {
      replies.push(replyWithShell(shell, { message: exchange.request, exchange }, FOREVER));
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
    await replyWithShell(shell, { message, exchange: undefined }, FOREVER);
  }
  assert.ok(existsSync(join(dir, 'ran')));
  rmSync(dir, { recursive: true });
});

/** A request that a command works on, or would; `dir` has what it says of itself. */
async function open() {
  const { here, there } = createPair();
  const dir = mkdtempSync(join(tmpdir(), 'reply-'));
  const received = new Promise<Received>((resolve) => {
    const onRequest = (exchange: Received['exchange'] & object): void =>
      resolve({ message: exchange.request, exchange });
    there.handle('service', { onRequest });
  });
  const asking = here.request({ to: 'there:service', command: 'GO' });
  const outcome = asking.outcome.then(
    () => 'answered',
    ({ code }: DagentError) => code,
  );
  const shell = `touch ${dir}/began; sleep 60`;
  const begun = () => until('it has begun', () => existsSync(join(dir, 'began')));
  const hasBegun = () => existsSync(join(dir, 'began'));
  const remove = () => rmSync(dir, { recursive: true });
  return { asking, outcome, received: await received, shell, begun, hasBegun, remove };
}

test('a request that is cancelled ends its command', async () => {
  const { asking, outcome, received, shell, begun, remove } = await open();
  const replied = replyWithShell(shell, received, FOREVER);
  await begun();
  asking.cancel();
  await replied;
  assert.is(await outcome, 'E_CANCELLED');
  remove();
});

test('a request that was cancelled while it waited is not begun', async () => {
  const { asking, outcome, received, shell, hasBegun, remove } = await open();
  asking.cancel();
  await until('it is heard', () => received.exchange?.isCancelled);
  await replyWithShell(shell, received, FOREVER);
  assert.is(await outcome, 'E_CANCELLED');
  assert.not(hasBegun());
  remove();
});

test('the end of who answers ends the command, and begins no other', async () => {
  const first = await open();
  const second = await open();
  const over = new AbortController();
  const replied = replyWithShell(first.shell, first.received, over.signal);
  await first.begun();
  over.abort();
  await replied;
  await replyWithShell(second.shell, second.received, over.signal);
  assert.not(second.hasBegun());
  first.remove();
  second.remove();
});

test.run();
