import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { systemFiles } from '../../src/adapters/file-system.ts';
import type { Asking } from '../../src/endpoint/asking.ts';
import { CallServer } from '../../src/endpoint/call-server.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import { takeBlock } from '../../src/files/block-stream.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { type Content, FileChannel } from '../../src/protocol/file.ts';
import {
  FILE_BLOCK_BYTES,
  FILE_COPIES_MAX,
  FILE_OFFERS_MAX,
  FILE_PATH_LENGTH_MAX,
  FILE_PROGRESS_MS,
  FILE_SERVED_MAX,
} from '../../src/protocol/limits.ts';
import { FileParts } from '../../src/services/file-parts.ts';
import { FileService } from '../../src/services/files.ts';
import { FakeAccounts } from '../fakes/accounts.ts';
import { RelayBench, settled } from './file-bench.ts';

/** A node that is asked from `asker`, and itself asks the node `there` for blocks. */
class Node {
  readonly bench = new RelayBench();
  readonly dir = mkdtempSync(join(tmpdir(), 'node-'));
  readonly asker = new RelayBench().pair;
  readonly service: FileService;

  constructor() {
    const { clock, relay } = this.bench;
    const none = { recall: () => [], note: () => undefined, remove: () => Promise.resolve() };
    const accounts = new FakeAccounts();
    accounts.ownUid = 1000;
    this.service = new FileService({
      ...{ node: 'here', isRelay: true, clock, relay, accounts, cwd: this.dir },
      files: systemFiles,
      parts: new FileParts({ clock, ...none }),
    });
    const server = new CallServer(this.service.methods, { node: 'here', timer: clock });
    this.asker.there.handle('dagent', server.handlers);
  }

  ask(method: string, spec: unknown): Asking {
    return openCall(this.asker.here, 'there:', method, { args: [spec] });
  }

  /** Copies a content to `path`. */
  put(content: Content, path: string, more: object = {}): Asking {
    const item = { kind: 'file', content, mode: 0o644 };
    return this.ask('file.put', { item, path, name: 'f', origin: 'top:~1', ...more });
  }

  async close(): Promise<void> {
    await this.service.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const test = suite<{ node: Node }>('copying files at a node');
test.before.each((context) => {
  context.node = new Node();
});
test.after.each(({ node }) => node.close());

function codeOf(asking: Asking): Promise<string> {
  return asking.outcome.then(
    () => 'it succeeded',
    (error: DagentError) => error.code,
  );
}

test('a file comes through the next hop, and its copy says how far it is', async ({ node }) => {
  const content = node.bench.offers.addBytes(Buffer.alloc(FILE_BLOCK_BYTES + 1, 3));
  const asking = node.put(content, 'sub/../g');
  const heard: unknown[] = [];
  asking.onProgress = (value) => heard.push(value);
  const result = decodeValue((await asking.outcome).data);
  assert.equal(heard[0], { doneBytes: 0, sentBytes: 0 });
  const bytes = FILE_BLOCK_BYTES + 1;
  const path = join(node.dir, 'g');
  const sizes = { files: 1, bytes, sentBytes: bytes, ms: 0 };
  assert.equal(result, { verdict: 'ok', path, change: 'copied', ...sizes });
  assert.is(readFileSync(path).length, bytes);
});

test(`every ${FILE_PROGRESS_MS} ms it gives a sign of life`, async ({ node }) => {
  node.bench.hop = undefined;
  const asking = node.put({ hash: '0'.repeat(64), size: 1 }, 'g');
  let heardCount = 0;
  asking.onProgress = () => {
    heardCount++;
  };
  await settled();
  node.bench.clock.advance(FILE_PROGRESS_MS);
  await settled();
  assert.is(heardCount, 2);
  asking.cancel();
  assert.is(await codeOf(asking), 'E_COPY_CANCELLED');
});

test('a part is kept when the copy breaks off, and not when it is thrown away', async ({
  node,
}) => {
  const content = node.bench.offers.addBytes(Buffer.alloc(3 * FILE_BLOCK_BYTES, 1));
  const begin = async (): Promise<Asking> => {
    const asking = node.put(content, 'g');
    while (readdirSync(node.dir).length === 0) await settled();
    return asking;
  };
  node.bench.spoil = () => Buffer.alloc(0);
  const first = await begin();
  first.cancel();
  assert.is(await codeOf(first), 'E_COPY_CANCELLED');
  assert.match(readdirSync(node.dir).join(), /^\.dagent-.*\.part$/);
  const second = await begin();
  await settled();
  second.end(FileChannel.DISCARD);
  second.cancel();
  assert.is(await codeOf(second), 'E_COPY_CANCELLED');
  assert.equal(readdirSync(node.dir), []);
});

test('what makes no sense is refused', async ({ node }) => {
  const content = { hash: '0'.repeat(64), size: 1 };
  const wrong = [
    { item: null },
    { origin: 'nowhere' },
    { name: '../f' },
    { name: undefined },
    { mode: 0o10000 },
    { path: 'a\0b' },
    { path: 'x'.repeat(FILE_PATH_LENGTH_MAX + 1) },
  ];
  for (const more of wrong)
    assert.is(await codeOf(node.put(content, 'g', more)), 'E_ARGUMENT_INVALID');
  for (const spec of [undefined, {}, { path: 7 }]) {
    assert.is(await codeOf(node.ask('file.offer', spec)), 'E_ARGUMENT_INVALID');
    assert.is(await codeOf(node.ask('file.block', spec)), 'E_ARGUMENT_INVALID');
  }
});

test(`no more than ${FILE_COPIES_MAX} copies, and ${FILE_OFFERS_MAX} offers, at a time`, async ({
  node,
}) => {
  node.bench.hop = undefined;
  const content = { hash: '0'.repeat(64), size: 1 };
  const copies = Array.from({ length: FILE_COPIES_MAX }, (_, at) => node.put(content, `g${at}`));
  assert.is(await codeOf(node.put(content, 'more')), 'E_TOO_MANY_COPIES');
  writeFileSync(join(node.dir, 'f'), 'x');
  const offers = Array.from({ length: FILE_OFFERS_MAX }, () =>
    node.ask('file.offer', { path: 'f' }),
  );
  assert.is(await codeOf(node.ask('file.offer', { path: 'f' })), 'E_TOO_MANY_COPIES');
  for (const asking of [...copies, ...offers]) asking.cancel();
  await Promise.all([...copies, ...offers].map(codeOf));
});

test('two copies do not write one file at a time', async ({ node }) => {
  node.bench.hop = undefined;
  const content = { hash: '0'.repeat(64), size: 1 };
  const first = node.put(content, 'g');
  while (readdirSync(node.dir).length === 0) await settled();
  assert.is(await codeOf(node.put(content, 'g')), 'E_COPY_BUSY');
  first.cancel();
  await codeOf(first);
});

/** What a node offers, once it says so. */
async function offered(asking: Asking): Promise<Content> {
  return new Promise((resolve, reject) => {
    asking.onProgress = (value) => {
      const { item } = (value ?? {}) as { item?: { content: Content } };
      if (item !== undefined) resolve(item.content);
    };
    asking.outcome.catch(reject);
  });
}

test('a file is offered for as long as it is asked for', async ({ node }) => {
  writeFileSync(join(node.dir, 'f'), 'some bytes');
  const asking = node.ask('file.offer', { path: 'f' });
  const content = await offered(asking);
  const ask = { content, level: 0, index: 0, hash: content.hash, origin: 'here:dagent', hops: 1 };
  const bytes = await takeBlock(node.ask('file.block', ask), content.hash);
  assert.is(bytes.toString(), 'some bytes');
  asking.cancel();
  assert.is(await codeOf(asking), 'it succeeded');
  assert.is(await codeOf(node.ask('file.block', ask)), 'E_NOT_OFFERED');
});

test(`no more than ${FILE_SERVED_MAX} blocks are handed out at a time`, async ({ node }) => {
  const bytes = Buffer.alloc(FILE_BLOCK_BYTES, 5);
  const content = node.bench.offers.addBytes(bytes);
  const ask = { content, level: 0, index: 0, hash: content.hash, origin: 'top:~1', hops: 3 };
  const heard = new Set<number>();
  const unread: [Asking, number][] = [];
  const askings = Array.from({ length: FILE_SERVED_MAX + 2 }, (_, at) => {
    const asking = node.ask('file.block', ask);
    // Who does not read keeps its place.
    asking.onData = (_channel, piece) => {
      heard.add(at);
      unread.push([asking, piece.length]);
    };
    return asking;
  });
  await settled();
  await settled();
  assert.is(heard.size, FILE_SERVED_MAX);
  // Not from within what is being received: over a socket nobody can.
  const grant = (asking: Asking, length: number) => setImmediate(() => asking.grant(length));
  for (const asking of askings) asking.onData = (_, piece) => grant(asking, piece.length);
  for (const [asking, length] of unread) grant(asking, length);
  await Promise.all(askings.map((asking) => asking.outcome));
});

test('a node that ends says so, and not that it was cancelled', async ({ node }) => {
  node.bench.hop = undefined;
  const asking = node.put({ hash: '0'.repeat(64), size: 1 }, 'g');
  while (readdirSync(node.dir).length === 0) await settled();
  await node.service.stop();
  assert.is(await codeOf(asking), 'E_LEAVING');
  assert.is(readdirSync(node.dir).length, 1, 'who comes back goes on with it');
});

test.run();
