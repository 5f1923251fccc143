/**
 * Durable messages in one process, without sockets: what the disk and the mailboxes cost.
 *
 *     node bench/store.ts [--seconds 3] [--flight 500] [--waiting 0] [--dir DIR]
 *
 * Printed are: one fdatasync of 4 KiB; records and messages of 128 bytes, one at a time and so many
 * in flight, synced; messages handed out and acked; and, with --waiting, how long a start with so
 * many waiting messages takes, and its memory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openLmdbStore } from '../src/adapters/lmdb-store.ts';
import type { MailboxInput, MailboxOutput } from '../src/mailbox/io.ts';
import { step } from '../src/mailbox/mailboxes.ts';
import { restoreMailboxes } from '../src/mailbox/recovery.ts';
import type { Mailboxes } from '../src/mailbox/state.ts';
import type { Store } from '../src/ports/store.ts';
import { nowMs } from './clock.ts';
import { measureSync } from './disk.ts';
import { quantile } from './statistics.ts';

const BODY = Buffer.alloc(128, 7);
const SENDER = '00000000000000a1';
const BOX = 'here:orders';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    flight: { type: 'string', default: '500' },
    waiting: { type: 'string', default: '0' },
    dir: { type: 'string', default: tmpdir() },
  },
});
const spanMs = Number(values.seconds) * 1_000;
const flightMax = Number(values.flight);
const waitingCount = Number(values.waiting);
const root = mkdtempSync(join(values.dir, 'store-bench-'));

function print(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(48)} ${value}\n`);
}

function formatMs(spans: readonly number[]): string {
  const at = (fraction: number) => quantile(spans, fraction).toFixed(3);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

function openStore(name: string): Promise<Store> {
  const onBroken = (key: string, reason: string) => {
    throw new Error(`${key}: ${reason}`);
  };
  const directory = join(root, name);
  return openLmdbStore({ directory, newId: '00000000000000aa', nowMs: 0, onBroken });
}

/** Does `one` again and again, so many at a time; how often it was done, and how long each took. */
async function measure(flight: number, one: () => Promise<void>) {
  const spans: number[] = [];
  const endMs = nowMs() + spanMs;
  const worker = async () => {
    for (let startMs = nowMs(); startMs < endMs; startMs = nowMs()) {
      await one();
      spans.push(nowMs() - startMs);
    }
  };
  await Promise.all(Array.from({ length: flight }, worker));
  return { rate: `${Math.round((spans.length / spanMs) * 1_000)} /s`, spans };
}

/** The mailboxes of a node over a store: what a daemon's driver does, and nothing else. */
class Node {
  readonly #store: Store;
  readonly #state: Mailboxes;
  readonly #replies = new Map<number, () => void>();
  #reply = 0;
  #sequence = 0;
  #isFlushing = false;
  onDeliver: (position: number) => void = () => undefined;

  constructor(store: Store) {
    this.#store = store;
    const options = { node: 'here', store: store.id, seed: 1 };
    this.#state = restoreMailboxes(options, (range) => store.read(range), this.#now());
  }

  #now() {
    return { ms: nowMs(), wallMs: Date.now() };
  }

  feed(input: MailboxInput): void {
    for (const output of step(this.#state, input, this.#now())) this.#carryOut(output);
    if (this.#isFlushing || input.kind === 'flush') return;
    this.#isFlushing = true;
    setImmediate(() => {
      this.#isFlushing = false;
      this.feed({ kind: 'flush' });
    });
  }

  #carryOut(output: MailboxOutput): void {
    if (output.kind === 'write') {
      this.#store.write(output.writes, (error) =>
        this.feed(error === undefined ? { kind: 'written' } : { kind: 'writeFailed', error }),
      );
    } else if (output.kind === 'read') {
      const page = this.#store.read(output.range);
      this.feed({ kind: 'page', read: output.read, page });
    } else if (output.kind === 'deliver') this.onDeliver(output.delivery.position);
    else if (output.kind === 'stored' || output.kind === 'acked') {
      this.#replies.get(output.reply)?.();
      this.#replies.delete(output.reply);
    } else if (output.kind === 'refused') throw new Error(output.error.code);
  }

  #ask(input: (reply: number) => MailboxInput): Promise<void> {
    return new Promise((done) => {
      this.#replies.set(++this.#reply, done);
      this.feed(input(this.#reply));
    });
  }

  deposit(): Promise<void> {
    const id = { sender: SENDER, sequence: ++this.#sequence };
    const message = { ...id, from: 'here:~1', sentAtMs: Date.now(), expiresAtMs: 0, content: BODY };
    return this.#ask((reply) => ({ kind: 'deposit', to: BOX, via: null, message, reply }));
  }

  ack(positions: readonly number[]): Promise<void> {
    const { id: store } = this.#store;
    return this.#ask((reply) => ({ kind: 'ack', receiver: 1, store, positions, reply }));
  }
}

async function measureRecords(): Promise<void> {
  const store = await openStore('records');
  let number = 0;
  const one = () =>
    new Promise<void>((done) => {
      const key = `m/here:orders/${String(++number).padStart(16, '0')}`;
      store.write([{ kind: 'put', key, value: BODY }], () => done());
    });
  print('record, one at a time', formatMs((await measure(1, one)).spans));
  print(`records, ${flightMax} in flight`, (await measure(flightMax, one)).rate);
  await store.close();
}

async function measureMessages(): Promise<void> {
  const store = await openStore('messages');
  const node = new Node(store);
  const alone = await measure(1, () => node.deposit());
  print('message stored, one at a time', formatMs(alone.spans));
  const stored = await measure(flightMax, () => node.deposit());
  print(`messages stored, ${flightMax} in flight`, `${stored.rate}, ${formatMs(stored.spans)}`);
  const total = alone.spans.length + stored.spans.length;
  let acked = 0;
  const startMs = nowMs();
  await new Promise<void>((done) => {
    // As from a program: what it has done by the time that it is heard is acked together.
    let positions: number[] = [];
    const ackAll = () => {
      const these = positions;
      positions = [];
      void node.ack(these).then(() => {
        acked += these.length;
        if (acked === total) done();
      });
    };
    node.onDeliver = (position) => {
      if (positions.push(position) === 1) setImmediate(ackAll);
    };
    const lease = { leaseCount: flightMax, leaseMs: 30_000 };
    node.feed({ kind: 'attach', receiver: 1, service: 'orders', ...lease });
  });
  const rate = (acked / (nowMs() - startMs)) * 1_000;
  print(`messages handed out and acked, ${flightMax} leased`, `${Math.round(rate)} /s`);
  await store.close();
}

async function measureStart(): Promise<void> {
  const first = await openStore('waiting');
  const node = new Node(first);
  for (let count = 0; count < waitingCount; count += flightMax) {
    await Promise.all(Array.from({ length: flightMax }, () => node.deposit()));
  }
  await first.close();
  const before = process.memoryUsage().heapUsed;
  const startMs = nowMs();
  const second = await openStore('waiting');
  new Node(second);
  const heap = (process.memoryUsage().heapUsed - before) / 1_048_576;
  const span = (nowMs() - startMs).toFixed(0);
  print(`start with ${waitingCount} waiting`, `${span} ms, ${heap.toFixed(1)} MiB of heap`);
  await second.close();
}

try {
  print('fdatasync of 4 KiB', formatMs(measureSync(root, 500)));
  await measureRecords();
  await measureMessages();
  if (waitingCount > 0) await measureStart();
} finally {
  rmSync(root, { recursive: true, force: true });
}
