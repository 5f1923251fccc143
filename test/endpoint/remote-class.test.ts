import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CallContext, Served } from '../../src/endpoint/methods.ts';
import { remoteClass } from '../../src/endpoint/remote-class.ts';
import { RemoteError } from '../../src/protocol/errors.ts';
import { call, failure, serve } from './call-bench.ts';

class Dog {
  readonly #name: string;
  readonly #age: number;

  constructor(name: string, age = 1) {
    if (name === 'Cerberus') throw new RangeError('too many heads');
    this.#name = name;
    this.#age = age;
  }

  bark(words: string, times: number | undefined, { from }: CallContext): string {
    return `${this.#name} (${this.#age}) to ${from}: ${`${words}!`.repeat(times ?? 1)}`;
  }

  async chew(): Promise<never> {
    await Promise.resolve();
    throw Object.assign(new TypeError('no bone'), { args: ['bone', 2], bowl: 'empty' });
  }
}

const KENNEL: Served = {
  Dog: remoteClass(Dog, {
    doc: 'A dog.',
    args: ['name', 'age?'],
    methods: {
      bark: { doc: 'Barks.', args: ['words', 'times?'] },
      chew: { doc: 'Chews.' },
    },
  }),
};

test('an object is made for each call, by the arguments of its constructor', async () => {
  const bench = serve(KENNEL);
  const cntr = { args: ['Rex'], kws: { age: 5 } };
  const said = await call(bench, 'Dog.bark', { cntr, args: ['hey'], kws: { times: 2 } });
  assert.is(said, 'Rex (5) to here:asker: hey!hey!');
  const other = await call(bench, 'Dog.bark', { cntr: { args: ['Ada'], kws: {} }, args: ['ho'] });
  assert.is(other, 'Ada (1) to here:asker: ho!');
});

test('arguments that do not fit the constructor or the method are refused by name', async () => {
  const bench = serve(KENNEL);
  const cntr = { args: ['Rex'], kws: {} };
  assert.is((await failure(bench, 'Dog.bark')).message, 'new Dog: the argument name is missing');
  const twice = await failure(bench, 'Dog.bark', { cntr, args: ['a'], kws: { words: 'b' } });
  assert.is(twice.message, 'Dog.bark: the argument words is given twice');
  assert.is(twice.origin, 'there');
  assert.is((await failure(bench, 'Dog.toString', { cntr })).code, 'E_NO_METHOD');
});

test('an exception arrives with class, message, arguments, state and origin', async () => {
  const bench = serve(KENNEL);
  const error = await failure(bench, 'Dog.chew', { cntr: { args: ['Rex'], kws: {} } });
  assert.instance(error, RemoteError);
  const { exception, service, origin } = error as RemoteError;
  assert.equal(exception, {
    module: '',
    class: 'TypeError',
    message: 'no bone',
    args: ['bone', 2],
    state: { bowl: 'empty' },
  });
  assert.equal([service, origin], ['there:kennel', 'there']);
  const made = await failure(bench, 'Dog.bark', {
    cntr: { args: ['Cerberus'], kws: {} },
    args: [''],
  });
  assert.is(made.message, 'RangeError at there:kennel: too many heads');
});

test('a class can find its object instead of making one', async () => {
  const made = new Map([['Rex', new Dog('Rex', 9)]]);
  const bench = serve({
    Dog: {
      doc: 'Dogs that are there.',
      args: ['name'],
      methods: { bark: { doc: 'Barks.', args: ['words', 'times?'] } },
      create: ([name]) => made.get(String(name)) ?? Promise.reject(new RangeError('no such dog')),
    },
  });
  const cntr = (name: string) => ({ args: [name], kws: {} });
  const said = await call(bench, 'Dog.bark', { cntr: cntr('Rex'), args: ['hey'] });
  assert.is(said, 'Rex (9) to here:asker: hey!');
  const error = await failure(bench, 'Dog.bark', { cntr: cntr('Ada'), args: ['hey'] });
  assert.is(error.message, 'RangeError at there:kennel: no such dog');
});

test('a class cannot offer a method that it does not have', () => {
  const methods = { fly: { doc: 'Flies.' } } as object;
  assert.throws(() => remoteClass(Dog, { doc: 'A dog.', methods }), 'has the method fly');
});

test.run();
