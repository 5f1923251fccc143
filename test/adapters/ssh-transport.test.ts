/** Links through a real sshd: the transport itself, then daemons that meet by it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSshVersion } from '../../bench/peers/sshd.ts';
import { streamTransport } from '../../src/adapters/stream-transport.ts';
import { createTransport } from '../../src/adapters/transport.ts';
import type { Connection, Transport } from '../../src/ports/transport.ts';
import { DagentError, type ErrorCode } from '../../src/protocol/errors.ts';
import { parseUrl } from '../../src/protocol/url.ts';
import { testTransport } from '../compliance/transport.ts';
import { Sshd } from '../support/sshd.ts';
import { testSshDaemons } from './ssh-daemons.ts';

const DIAL_MS_MAX = 10_000;
const USER = userInfo().username;

type Environment = Readonly<Record<string, string | undefined>>;

function dial(url: string, environment: Environment, timeoutMs = DIAL_MS_MAX) {
  return createTransport(environment).dial(url, timeoutMs);
}

/** What a dialling that must fail fails with. */
async function failure(dialling: Promise<Connection>, code: ErrorCode): Promise<DagentError> {
  const thrown = await dialling.then(
    (connection) => connection.abort('it should not stand'),
    (error: unknown) => error,
  );
  assert.instance(thrown, DagentError);
  assert.is((thrown as DagentError).code, code, (thrown as DagentError).message);
  return thrown as DagentError;
}

/** Listens on the very sockets that are dialled through ssh. */
function listenBehind(transport: Transport): Transport {
  return {
    dial: transport.dial,
    async listen(url, onConnection) {
      const parsed = parseUrl(url);
      const behind = parsed.kind === 'ssh' ? `cd:${parsed.path}` : url;
      try {
        const { close } = await streamTransport.listen(behind, onConnection);
        return { url, close };
      } catch (error) {
        if (!(error instanceof DagentError)) throw error;
        throw new DagentError(error.code, { ...error.values, url });
      }
    },
  };
}

/** The fingerprint of a host's key, as ssh-keygen has it. */
function fingerprint(sshd: Sshd, type: string): string {
  const output = execFileSync('ssh-keygen', ['-l', '-f', sshd.path(`host_${type}.pub`)]);
  return String(output).split(' ')[1] ?? '';
}

/** The connection, once it stands, is all that was asked for. */
async function stands(url: string, environment: Environment): Promise<void> {
  const connection = await dial(url, environment);
  const closed = new Promise((resolve) => {
    connection.attach({ onBytes: () => undefined, onClose: resolve, onDrain: () => undefined });
  });
  connection.close();
  await closed;
}

function testHostKeys(sshd: Sshd, url: string): void {
  const whenKnown = (known: string) => ({ HOME: sshd.createMember({ known }) });

  test('an unknown host is refused, with its fingerprint and what to do', async () => {
    const { values, hint } = await failure(dial(url, whenKnown('')), 'E_SSH_HOST_KEY');
    assert.is(values.key, `ssh-ed25519 ${fingerprint(sshd, 'ed25519')}`);
    assert.match(hint ?? '', `ssh-keyscan -p ${sshd.port} 127.0.0.1 >> ~/.ssh/known_hosts`);
  });

  test('a host with another key is refused, and the line is named', async () => {
    const wrong = sshd.knownLine('ed25519').replace(/.{4}\s*$/, 'AAAA\n');
    const { values, hint } = await failure(dial(url, whenKnown(wrong)), 'E_SSH_HOST_KEY');
    assert.match(String(values.reason), /^is another than that in line 1 of .*known_hosts$/);
    assert.match(hint ?? '', `ssh-keygen -R '[127.0.0.1]:${sshd.port}'`);
  });

  test('a revoked key is refused although it is listed', async () => {
    const line = sshd.knownLine('ed25519');
    const { values } = await failure(
      dial(url, whenKnown(`${line}@revoked ${line}`)),
      'E_SSH_HOST_KEY',
    );
    assert.match(String(values.reason), 'is revoked by line 2');
  });

  test('who has no HOME, or a known_hosts that others may write, knows nobody', async () => {
    const nowhere = await failure(dial(url, {}), 'E_SSH_HOST_KEY');
    assert.match(String(nowhere.values.reason), /HOME is not set|ssh_known_hosts/);
    const home = sshd.createMember();
    chmodSync(join(home, '.ssh/known_hosts'), 0o666);
    const open = await failure(dial(url, { HOME: home }), 'E_SSH_HOST_KEY');
    assert.match(String(open.values.reason), 'known_hosts is open to others');
  });

  test('a host is asked for a key of the type that is known', () =>
    stands(url, whenKnown(sshd.knownLine('rsa'))));

  test('hashed names are known, as ssh-keygen -H writes them', async () => {
    const home = sshd.createMember();
    const file = join(home, '.ssh/known_hosts');
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    assert.match(readFileSync(file, 'utf8'), /^\|1\|/);
    await stands(url, { HOME: home });
  });
}

/** An agent with the key of an account. Its environment; it ends with `close`. */
function startAgent(sshd: Sshd, home: string, key: string) {
  const socket = sshd.path(`agent-${key}`);
  const output = String(execFileSync('ssh-agent', ['-s', '-a', socket]));
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(output)?.[1]);
  const environment = { ...process.env, SSH_AUTH_SOCK: socket };
  const add = ['-q', join(home, '.ssh', key)];
  execFileSync('ssh-add', add, { env: environment, stdio: 'ignore' });
  return { socket, close: () => process.kill(pid, 'SIGTERM') };
}

function testKeys(sshd: Sshd, url: string): void {
  for (const key of ['ed25519', 'ecdsa', 'rsa'] as const) {
    test(`an account is let in by its id_${key}`, () =>
      stands(url, { HOME: sshd.createMember({ key }) }));
  }

  test('who has no key at all is told so', async () => {
    const { values } = await failure(dial(url, { HOME: sshd.createAccount() }), 'E_SSH_AUTH');
    const reason = 'nothing to show; no agent (SSH_AUTH_SOCK is not set)';
    assert.equal(values, { user: USER, host: '127.0.0.1', reason });
  });

  test('who has no key that is accepted is told which were shown', async () => {
    const home = sshd.createAccount({ key: 'ed25519' });
    const { values } = await failure(dial(url, { HOME: home }), 'E_SSH_AUTH');
    assert.match(String(values.reason), `shown: ${home}/.ssh/id_ed25519; no agent`);
  });

  test('a key with a passphrase, open to others or broken is passed over, and told', async () => {
    const home = sshd.createMember({ passphrase: 'a secret' });
    copyFileSync(join(sshd.createMember(), '.ssh/id_ed25519'), join(home, '.ssh/id_rsa'));
    chmodSync(join(home, '.ssh/id_rsa'), 0o644);
    writeFileSync(join(home, '.ssh/id_ecdsa'), 'no key', { mode: 0o600 });
    const { values } = await failure(dial(url, { HOME: home }), 'E_SSH_AUTH');
    assert.match(String(values.reason), 'id_rsa is open to others');
    assert.match(String(values.reason), 'id_ecdsa cannot be used');
    assert.match(String(values.reason), 'id_ed25519 cannot be used');
  });

  test('an account that may not forward is told what may be forbidden', async () => {
    const home = sshd.createMember({}, 'no-port-forwarding');
    const { values } = await failure(dial(url, { HOME: home }), 'E_CONNECT');
    assert.match(String(values.reason), 'AllowStreamLocalForwarding');
  });
}

function testAgents(sshd: Sshd, url: string): void {
  test('keys of the agent are shown; a file that has none is not missed', async () => {
    const member = sshd.createMember();
    const agent = startAgent(sshd, member, 'id_ed25519');
    try {
      const environment = { HOME: sshd.createAccount(), SSH_AUTH_SOCK: agent.socket };
      await stands(url, environment);
    } finally {
      agent.close();
    }
  });

  test('an agent that is dead does not keep the files from being shown', async () => {
    const environment = { HOME: sshd.createMember(), SSH_AUTH_SOCK: sshd.path('no-agent') };
    await stands(url, environment);
  });

  test('an agent that never answers is let go of when the time is over', async () => {
    const agent = createServer().listen(sshd.path('silent-agent'));
    const asked = new Promise<Socket>((resolve) => agent.once('connection', resolve));
    const environment = { HOME: sshd.createMember(), SSH_AUTH_SOCK: sshd.path('silent-agent') };
    const { values } = await failure(dial(url, environment, 1_000), 'E_CONNECT');
    assert.match(String(values.reason), 'no answer within');
    const socket = await asked;
    await new Promise((resolve) => socket.resume().once('close', resolve));
    await new Promise((resolve) => agent.close(resolve));
  });
}

/** Dials what is no sshd; `greet` has each connection. */
async function dialOther(sshd: Sshd, greet: (socket: Socket) => void, timeoutMs = DIAL_MS_MAX) {
  const server = createServer((socket) => greet(socket.resume())).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `ssh://127.0.0.1:${port}/run/x`;
  try {
    const home = sshd.createMember();
    return await failure(dial(url, { HOME: home }, timeoutMs), 'E_CONNECT');
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

function testOthers(sshd: Sshd): void {
  test('where no sshd listens, it is that which is missing', async () => {
    const { values } = await failure(dial('ssh://127.0.0.1:1/run/x', {}), 'E_CONNECT');
    assert.is(values.reason, 'nobody listens there (its sshd, port 1)');
  });

  test('what is no sshd is not taken for one', async () => {
    await dialOther(sshd, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await dialOther(sshd, (socket) => socket.end('SSH-2.0-x\r\n\0\0\0\x0cnonsense'));
    await dialOther(sshd, (socket) => socket.destroy());
  });

  test('what says nothing is given up in time', async () => {
    const { values } = await dialOther(sshd, () => undefined, 200);
    assert.match(String(values.reason), /^no answer within \d+ ms$/);
  });

  test('nobody listens through ssh', async () => {
    const listening = createTransport({}).listen('ssh://hall/run/x', () => undefined);
    await failure(listening as Promise<never>, 'E_URL_INVALID');
  });
}

if (readSshVersion() === undefined) {
  test.skip('ssh: skipped, since there is no OpenSSH on this machine', () => undefined);
} else {
  const sshd = await Sshd.start();
  const url = sshd.url(sshd.path('x.sock'));
  const transport = listenBehind(createTransport({ HOME: sshd.createMember() }));
  const deadUrl = () => sshd.url(sshd.path('nothing'));
  testTransport('ssh', { transport, freeUrl: () => url, deadUrl });
  let close = (): Promise<void> => Promise.resolve();
  test('a socket to be dialled is there', async () => {
    const listener = await transport.listen(url, (connection) => connection.close());
    close = listener.close;
  });
  testHostKeys(sshd, url);
  testKeys(sshd, url);
  testAgents(sshd, url);
  testOthers(sshd);
  testSshDaemons(sshd);
  test.after(async () => {
    await close();
    await sshd.close();
  });
}

test.run();
