/**
 * What every Store must do, whatever it is made of. Each of them runs this in a test of its own.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandom, nextRandom } from '../../src/base/random.ts';
import { type RecordWrite, rangeOf } from '../../src/base/records.ts';
import type { Store, StoreHandlers } from '../../src/ports/store.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';

/** More than there is in any of these tests. */
const ALL = { ...rangeOf('a/'), countMax: 1_000_000, bytesMax: 1_000_000_000 };

export interface StoreUnderTest {
  readonly name: string;
  /** An empty store. */
  open(handlers: StoreHandlers): Promise<Store>;
  /** Lets it do what it was asked for, where it does nothing by itself. */
  sync(store: Store): void;
}

export function put(key: string, value: string | Buffer): RecordWrite {
  return { kind: 'put', key, value: Buffer.from(value) };
}

export function remove(key: string): RecordWrite {
  return { kind: 'remove', key };
}

/** Writes all of these, and settles with why they are not written. */
export function write(store: Store, ...writes: RecordWrite[]): Promise<ErrorData | undefined> {
  return new Promise((done) => store.write(writes, done));
}

/** Keys and values as text, in order. */
export function contentOf(store: Store): string[] {
  return store.read(ALL).records.map(({ key, value }) => `${key} ${value}`);
}

export function keysIn(store: Store): string[] {
  return store.read(ALL).records.map(({ key }) => key);
}

/** A kind of store that is tested. */
class Subject {
  readonly broken: string[] = [];
  readonly #kind: StoreUnderTest;

  constructor(kind: StoreUnderTest) {
    this.#kind = kind;
  }

  open(): Promise<Store> {
    return this.#kind.open({
      onBroken: (key, reason) => void this.broken.push(`${key}: ${reason}`),
    });
  }

  sync(store: Store): void {
    this.#kind.sync(store);
  }

  /** Writes these, and settles when that is done. */
  write(store: Store, ...writes: RecordWrite[]): Promise<ErrorData | undefined> {
    const written = write(store, ...writes);
    this.sync(store);
    return written;
  }
}

function testReading(subject: Subject, name: string): void {
  test(`${name}: what was written is read in order, page by page`, async () => {
    const store = await subject.open();
    const keys = ['a/3', 'a/1', 'a/2', 'b/1'];
    const writes = keys.map((key) => put(key, `value of ${key}`));
    assert.is(await subject.write(store, ...writes), undefined);
    const page = store.read({ ...ALL, countMax: 2 });
    assert.equal(
      page.records.map(({ key, value }) => `${key} ${value}`),
      ['a/1 value of a/1', 'a/2 value of a/2'],
    );
    assert.is(page.isEnd, false);
    assert.is(store.read({ ...ALL, countMax: 3 }).isEnd, true);
    assert.equal(keysIn(store), ['a/1', 'a/2', 'a/3']);
    assert.is(store.read({ ...ALL, bytesMax: 1 }).records.length, 1);
    await store.close();
  });

  test(`${name}: what is written again has its last value, what is removed is gone`, async () => {
    const store = await subject.open();
    await subject.write(store, put('a/1', 'old'), put('a/2', 'x'), put('a/1', 'new'));
    await subject.write(store, remove('a/2'), put('a/3', 'y'), remove('a/9'));
    assert.equal(contentOf(store), ['a/1 new', 'a/3 y']);
    await subject.write(store, put('a/2', ''), remove('a/3'), put('a/3', 'z'));
    assert.equal(contentOf(store), ['a/1 new', 'a/2 ', 'a/3 z']);
    await store.close();
  });

  test(`${name}: after any writes, any page is what a sorted table has`, async () => {
    const store = await subject.open();
    const random = createRandom(7);
    const draw = (below: number) => Math.floor(nextRandom(random) * below);
    const drawKey = () => `a/${100 + draw(60)}`;
    const model = new Map<string, string>();
    for (let round = 0; round < 100; round++) {
      const writes = Array.from({ length: 1 + draw(4) }, () => {
        const key = drawKey();
        return draw(3) === 0 ? remove(key) : put(key, `${round}`.repeat(draw(300)));
      });
      for (const one of writes) {
        if (one.kind === 'put') model.set(one.key, `${one.value}`);
        else model.delete(one.key);
      }
      await subject.write(store, ...writes);
      const [from, below] = [drawKey(), drawKey()];
      const { records } = store.read({ ...ALL, from, below, countMax: 1 + draw(30) });
      const within = [...model.keys()].filter((key) => key >= from && key < below).sort();
      assert.equal(
        records.map(({ key, value }) => [key, `${value}`]),
        within.slice(0, records.length).map((key) => [key, model.get(key)]),
      );
    }
    assert.equal(keysIn(store), [...model.keys()].sort());
    await store.close();
  });
}

function testWriting(subject: Subject, name: string): void {
  test(`${name}: what is asked for at once is written in order, and each hears of it`, async () => {
    const store = await subject.open();
    const written = Promise.all(
      Array.from({ length: 100 }, (_, index) => write(store, put(`a/${index % 10}`, `${index}`))),
    );
    subject.sync(store);
    assert.ok((await written).every((answer) => answer === undefined));
    const last = Array.from({ length: 10 }, (_, digit) => `a/${digit} ${90 + digit}`);
    assert.equal(contentOf(store), last);
    await store.close();
  });

  test(`${name}: a record that its reader cannot make sense of is set aside`, async () => {
    const store = await subject.open();
    await subject.write(store, put('a/1', 'x'), put('a/2', 'y'));
    store.setAside('a/1', 'no message');
    assert.equal(keysIn(store), ['a/2']);
    await subject.write(store, put('a/3', 'z'));
    assert.equal(keysIn(store), ['a/2', 'a/3']);
    assert.equal(subject.broken, ['a/1: no message']);
    await store.close();
  });

  test(`${name}: closing waits for what was asked for`, async () => {
    const store = await subject.open();
    const written = write(store, put('a/1', 'x'));
    await store.close();
    assert.is(await written, undefined);
  });
}

/** Registers the tests of one kind of store. */
export function testStore(kind: StoreUnderTest): void {
  const subject = new Subject(kind);
  testReading(subject, kind.name);
  testWriting(subject, kind.name);
}
