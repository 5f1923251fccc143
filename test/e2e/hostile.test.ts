import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning } from './harness.ts';
import { PATIENCE_MS, until } from './poll.ts';

const test = suite('what is not ours, or not whole');
const home = new Home();
/** The preface, kinds and sizes of the protocol, written down here once more: see PROTOCOL. */
const MAGIC = Buffer.from([0xda, 0x9e, 0x47, 0x01]);
const PREFIX_BYTES = 44;
const FRAME_BYTES_MAX = 1_179_648;
const HELLO = 1;

const target = { port: 0, pid: 0, openCount: 0 };
const sockets: Socket[] = [];

test.before(async () => {
  const root = await home.daemon('root', ['--listen', 'cd://127.0.0.1:0']);
  target.pid = root.pid;
  target.port = Number(/:(\d+)$/.exec(root.listen[1] ?? '')?.[1]);
  await home.daemon('web1', ['--role', 'leaf', '--parent', root.listen[1] ?? '']);
  target.openCount = readdirSync(`/proc/${root.pid}/fd`).length;
});
test.after(async () => {
  for (const socket of sockets) socket.destroy();
  await home.close();
});

/** Opens a connection; it is closed at the end whatever happens. */
function dial(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: target.port, host: '127.0.0.1' });
    sockets.push(socket);
    socket.once('connect', () => {
      socket.off('error', reject);
      // That the other side resets the connection is one of the ways to close it.
      socket.on('error', () => undefined);
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

/** Sends these bytes, and settles with what came back once the daemon has closed the connection. */
async function sendUntilClosed(...pieces: readonly Buffer[]): Promise<string> {
  const socket = await dial();
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const late = (): void => reject(new Error('the daemon has not closed the connection'));
    const timer = setTimeout(late, PATIENCE_MS);
    socket.on('data', (bytes: Buffer) => parts.push(bytes));
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts).toString('latin1'));
    });
    for (const piece of pieces) socket.write(piece);
  });
}

/** A frame: what it says of its own length, its kind, its head. */
function frame(kind: number, head: Buffer = Buffer.alloc(0), bytes?: number): Buffer {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE((bytes ?? PREFIX_BYTES + head.length) - 4, 0);
  prefix[4] = kind;
  prefix.writeUInt16BE(head.length, 40);
  return Buffer.concat([prefix, head]);
}

/** HELLO of a client, in MessagePack by hand. */
function hello(): Buffer {
  const texts = (text: string): Buffer =>
    Buffer.concat([Buffer.from([0xa0 + text.length]), Buffer.from(text)]);
  const parts = [
    Buffer.from([0x84]),
    ...[texts('as'), texts('client')],
    ...[texts('versionMin'), Buffer.from([1]), texts('versionMax'), Buffer.from([1])],
    ...[texts('holdMs'), Buffer.from([0xcd, 0x3a, 0x98])],
  ];
  return Buffer.concat([MAGIC, frame(HELLO, Buffer.concat(parts))]);
}

/** The daemon is the one that was started, and answers. */
async function assertAlive(): Promise<void> {
  assert.ok(isRunning(target.pid));
  assert.is(await home.ok(['exec', 'web1', 'echo', 'here']), 'here\n');
}

test('what does not begin as ours is refused with its code, and the daemon lives', async () => {
  const strangers = [
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n'),
    Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]),
    Buffer.from([0xda, 0x9e, 0x47, 0x02]),
    Buffer.alloc(100),
    ...Array.from({ length: 20 }, () => randomBytes(1_000)),
  ];
  const answers = await Promise.all(strangers.map((bytes) => sendUntilClosed(bytes)));
  for (const answer of answers) assert.match(answer, 'E_NOT_OURS');
  await assertAlive();
});

test('a frame that is too long closes the link before its bytes are awaited', async () => {
  const long = await sendUntilClosed(MAGIC, frame(HELLO, undefined, FRAME_BYTES_MAX + 1));
  assert.match(long, 'E_FRAME_TOO_LONG');
  const longest = await sendUntilClosed(MAGIC, frame(HELLO, undefined, 0xffff_ffff));
  assert.match(longest, 'E_FRAME_TOO_LONG');
  await assertAlive();
});

test('a frame that makes no sense closes the link with its code', async () => {
  const headless = frame(HELLO);
  headless.writeUInt16BE(1_000, 40);
  const cases: [Buffer, string][] = [
    [frame(HELLO, undefined, 10), 'E_FRAME_INVALID'],
    [headless, 'E_FRAME_INVALID'],
    [frame(HELLO, Buffer.from([0xc1, 0xff])), 'E_FRAME_UNEXPECTED'],
    [frame(HELLO, Buffer.from([0x93, 1, 2, 3])), 'E_FRAME_UNEXPECTED'],
    [frame(0), 'E_FRAME_UNEXPECTED'],
    [frame(200), 'E_FRAME_UNEXPECTED'],
    [frame(17), 'E_FRAME_UNEXPECTED'],
  ];
  await Promise.all(
    cases.map(async ([bytes, code]) => {
      const answer = await sendUntilClosed(MAGIC, bytes);
      assert.match(answer, code);
    }),
  );
  await assertAlive();
});

test('more bytes than a handshake needs end it', async () => {
  const answer = await sendUntilClosed(MAGIC, frame(HELLO, Buffer.alloc(65_535), 100_000));
  assert.match(answer, 'E_FRAME_TOO_LONG');
  await assertAlive();
});

test('after the handshake too, a broken frame closes the link and nothing else', async () => {
  for (const [bytes, code] of [
    [frame(17, undefined, FRAME_BYTES_MAX + 1), 'E_FRAME_TOO_LONG'],
    [frame(8, Buffer.from([0x90])), 'E_FRAME_UNEXPECTED'],
    [frame(1), 'E_FRAME_UNEXPECTED'],
    [randomBytes(5_000), 'E_FRAME_'],
  ] as const) {
    const answer = await sendUntilClosed(hello(), bytes);
    // The welcome names the node; the code follows when it says goodbye.
    assert.match(answer, 'root');
    assert.match(answer, code);
  }
  await assertAlive();
});

test('a link that ends in the middle of a frame costs nothing', async () => {
  const whole = hello();
  for (let bytes = 0; bytes < whole.length; bytes += 7) {
    const socket = await dial();
    socket.end(whole.subarray(0, bytes));
  }
  const socket = await dial();
  socket.write(Buffer.concat([whole, frame(17, undefined, 1_000_000), Buffer.alloc(1_000)]));
  socket.resetAndDestroy();
  await assertAlive();
});

test('who connects and says nothing is sent away, and keeps nobody else out', async () => {
  const idle = await Promise.all(Array.from({ length: 400 }, () => dial()));
  let closedCount = 0;
  for (const socket of idle) {
    socket.resume();
    socket.once('close', () => closedCount++);
  }
  // A client, a link of a child, and a stranger who is refused as always.
  await assertAlive();
  const restarted = await home.run(['daemon', 'restart', 'web1', '--timeout', '15s']);
  assert.is(restarted.status, 0, restarted.stderr);
  await Promise.all(
    idle.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))),
  );
  assert.is(closedCount, 400);
  await assertAlive();
});

test('no descriptor of all that is left open', async () => {
  const openCount = (): number => readdirSync(`/proc/${target.pid}/fd`).length;
  await until('as few are open as at the start', () => openCount() <= target.openCount + 2);
});

test('the log tells of it in a line each, without a stack', async () => {
  const log = readFileSync(`${home.dir}/log/root.log`, 'utf8');
  assert.match(log, '"code":"E_NOT_OURS"');
  assert.match(log, '"code":"E_FRAME_TOO_LONG"');
  assert.not.match(log, '"stack"');
  assert.not.match(log, 'internal error');
});

test.run();
