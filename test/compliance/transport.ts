/**
 * What every Transport must do, whatever it is made of. Each of them runs this in a test of its
 * own.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Connection, Listener, Transport } from '../../src/ports/transport.ts';
import { DagentError, type ErrorCode } from '../../src/protocol/errors.ts';

const DIAL_MS_MAX = 2_000;
/** More than any queue of the system takes at once. */
const LARGE_BYTES = 16 * 1024 * 1024;

export interface TransportUnderTest {
  readonly transport: Transport;
  /** A URL on which nobody listens and anybody can; with a port, it is 0. */
  freeUrl(): string;
  /** A URL where nobody listens, ready to be dialled. */
  deadUrl(): string;
}

/** One side of a connection, with all that it heard. */
class Side {
  readonly connection: Connection;
  readonly heard: Buffer[] = [];
  readonly reasons: string[] = [];
  drainCount = 0;
  heardBytes = 0;
  #waiting: { readonly isTrue: () => boolean; readonly then: () => void }[] = [];

  constructor(connection: Connection) {
    this.connection = connection;
  }

  attach(): this {
    this.connection.attach({
      onBytes: (bytes) => {
        this.heard.push(bytes);
        this.heardBytes += bytes.length;
        this.#look();
      },
      onClose: (reason) => {
        this.reasons.push(reason);
        this.#look();
      },
      onDrain: () => {
        this.drainCount++;
        this.#look();
      },
    });
    return this;
  }

  #look(): void {
    const due = this.#waiting.filter(({ isTrue }) => isTrue());
    this.#waiting = this.#waiting.filter((each) => !due.includes(each));
    for (const { then } of due) then();
  }

  /** Settles as soon as something that is heard makes it true. */
  until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return Promise.resolve();
    return new Promise((then) => this.#waiting.push({ isTrue, then }));
  }

  get text(): string {
    return Buffer.concat(this.heard).toString('latin1');
  }

  closed(): Promise<void> {
    return this.until(() => this.reasons.length > 0);
  }

  drained(): Promise<void> {
    const before = this.drainCount;
    return this.until(() => this.drainCount > before);
  }
}

/** A connection from end to end; `listener` and both ends are closed afterwards. */
async function withPair(
  { transport, freeUrl }: TransportUnderTest,
  use: (dialled: Side, accepted: Side) => Promise<void>,
): Promise<void> {
  let onAccept: (connection: Connection) => void = () => undefined;
  const accepting = new Promise<Connection>((resolve) => {
    onAccept = resolve;
  });
  const listener = await transport.listen(freeUrl(), (connection) => onAccept(connection));
  const dialled = new Side(await transport.dial(listener.url, DIAL_MS_MAX));
  const accepted = new Side(await accepting);
  try {
    await use(dialled, accepted);
  } finally {
    for (const { connection } of [dialled, accepted]) connection.abort('the test is over');
    await listener.close();
  }
}

async function fails(promise: Promise<unknown>, code: ErrorCode): Promise<DagentError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.instance(thrown, DagentError);
  assert.is((thrown as DagentError).code, code);
  return thrown as DagentError;
}

function testBytes(name: string, given: TransportUnderTest): void {
  test(`${name}: what is written arrives in its order, both ways`, () =>
    withPair(given, async (dialled, accepted) => {
      dialled.attach();
      accepted.attach();
      for (const word of ['one ', 'two ', 'three']) dialled.connection.write(Buffer.from(word));
      accepted.connection.write(Buffer.from('back'));
      await accepted.until(() => accepted.text === 'one two three');
      await dialled.until(() => dialled.text === 'back');
    }));

  test(`${name}: nothing is lost that came before anybody was attached`, () =>
    withPair(given, async (dialled, accepted) => {
      dialled.attach().connection.write(Buffer.from('early'));
      accepted.connection.write(Buffer.from('I am here'));
      await dialled.until(() => dialled.text === 'I am here');
      assert.is(accepted.text, '');
      accepted.attach();
      await accepted.until(() => accepted.text === 'early');
    }));

  test(`${name}: what is much larger than any buffer arrives whole`, () =>
    withPair(given, async (dialled, accepted) => {
      dialled.attach();
      accepted.attach();
      const bytes = Buffer.alloc(LARGE_BYTES);
      for (let at = 0; at < LARGE_BYTES; at += 4096) bytes.writeUInt32BE(at, at);
      dialled.connection.write(bytes);
      await accepted.until(() => accepted.heardBytes === LARGE_BYTES);
      assert.ok(Buffer.concat(accepted.heard).equals(bytes));
    }));
}

function testPausing(name: string, given: TransportUnderTest): void {
  test(`${name}: a reader that is paused lets the writer's queue grow until it goes on`, () =>
    withPair(given, async (dialled, accepted) => {
      dialled.attach();
      accepted.attach().connection.setPaused(true);
      dialled.connection.write(Buffer.alloc(LARGE_BYTES));
      assert.ok(dialled.connection.queuedBytes > LARGE_BYTES / 2);
      const drained = dialled.drained();
      accepted.connection.setPaused(false);
      await drained;
      assert.is(dialled.connection.queuedBytes, 0);
      await accepted.until(() => accepted.heardBytes === LARGE_BYTES);
    }));

  test(`${name}: also a queue that is short tells when it has gone`, () =>
    withPair(given, async (dialled, accepted) => {
      dialled.attach();
      accepted.attach().connection.setPaused(true);
      let writtenBytes = 0;
      while (dialled.connection.queuedBytes === 0) {
        dialled.connection.write(Buffer.alloc(1024));
        writtenBytes += 1024;
      }
      const drained = dialled.drained();
      accepted.connection.setPaused(false);
      await drained;
      assert.is(dialled.connection.queuedBytes, 0);
      await accepted.until(() => accepted.heardBytes === writtenBytes);
    }));
}

function testClosing(name: string, given: TransportUnderTest): void {
  test(`${name}: closing waits for what was written; both sides hear it once`, () =>
    withPair(given, async (dialled, accepted) => {
      dialled.attach();
      accepted.attach();
      dialled.connection.write(Buffer.alloc(LARGE_BYTES));
      dialled.connection.close();
      dialled.connection.write(Buffer.from('too late'));
      await Promise.all([dialled.closed(), accepted.closed()]);
      assert.is(accepted.heardBytes, LARGE_BYTES);
      dialled.connection.close();
      accepted.connection.close();
      dialled.connection.write(Buffer.from('nobody hears this'));
      await new Promise(setImmediate);
      assert.is(dialled.reasons.length, 1);
      assert.equal(accepted.reasons, ['the other side closed it']);
    }));

  test(`${name}: aborting loses the queue and tells our own side why`, () =>
    withPair(given, async (dialled, accepted) => {
      dialled.attach();
      accepted.attach().connection.setPaused(true);
      dialled.connection.write(Buffer.alloc(LARGE_BYTES));
      dialled.connection.abort('it is too slow');
      await dialled.closed();
      assert.equal(dialled.reasons, ['it is too slow']);
      assert.is(dialled.connection.queuedBytes, 0);
      accepted.connection.setPaused(false);
      await accepted.closed();
      assert.ok(accepted.heardBytes < LARGE_BYTES);
    }));
}

function testListening(name: string, given: TransportUnderTest): void {
  const { transport, freeUrl, deadUrl } = given;

  test(`${name}: dialling where nobody listens says so`, async () => {
    const url = deadUrl();
    const error = await fails(transport.dial(url, DIAL_MS_MAX), 'E_CONNECT');
    assert.is(error.values.url, url);
    assert.match(String(error.values.reason), /^nobody listens there/);
  });

  test(`${name}: what is no URL can be neither dialled nor listened on`, async () => {
    await fails(transport.dial('http://localhost:1', DIAL_MS_MAX), 'E_URL_INVALID');
    await fails(
      transport.listen('cd:relative', () => undefined),
      'E_URL_INVALID',
    );
  });

  test(`${name}: a place is taken once, and free when its listener is closed`, async () => {
    const { url, close } = await transport.listen(freeUrl(), () => undefined);
    assert.not.match(url, /:0$/);
    const error = await fails(
      transport.listen(url, () => undefined),
      'E_LISTEN',
    );
    assert.equal(error.values, { url, reason: 'the address is in use' });
    await close();
    await fails(transport.dial(url, DIAL_MS_MAX), 'E_CONNECT');
    const again: Listener = await transport.listen(url, () => undefined);
    assert.is(again.url, url);
    await again.close();
  });
}

/** Registers the tests; the caller runs them. */
export function testTransport(name: string, given: TransportUnderTest): void {
  testBytes(name, given);
  testPausing(name, given);
  testClosing(name, given);
  testListening(name, given);
}
