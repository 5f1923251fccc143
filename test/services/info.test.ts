import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { AssertionFailed } from '../../src/base/assert.ts';
import type { Account, HostProbe } from '../../src/ports/host-probe.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { FACT_CLASSES, type WhichUsers } from '../../src/protocol/facts.ts';
import { CLASS_BYTES_MAX, collectInfo, INFO_CLASSES_DEFAULT } from '../../src/services/info.ts';
import { ACCOUNTS_MAX } from '../../src/services/info-users.ts';

function account(name: string, uid: number): Account {
  return { name, uid, gid: uid, home: '/', shell: '/bin/sh', gecos: '' };
}

const ACCOUNTS = [
  account('root', 0),
  account('daemon', 1),
  account('bob', 1000),
  account('ann', 70_000),
  account('nobody', 65_534),
];
const LOGINS = [
  { user: 'bob', terminal: 'pts/0', from: null, sinceMs: 5 },
  { user: 'ann', terminal: 'pts/1', from: '192.0.2.1', sinceMs: 6 },
];

/** A host of which each class answers with its own name, but for those of `parts`. */
function createProbe(parts: Partial<HostProbe> = {}): HostProbe {
  const answers = {
    accounts: async () => ({ accounts: ACCOUNTS, uidMin: 1000 }),
    account: async (name: string) => ACCOUNTS.find((each) => each.name === name),
    logins: async () => LOGINS,
    ...parts,
  };
  const get = (_: object, name: keyof typeof answers) => answers[name] ?? (async () => ({ name }));
  return new Proxy({}, { get }) as HostProbe;
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => assert.unreachable('it resolved'),
    (error) => error,
  );
}

test('no class means the default ones', async () => {
  const info = await collectInfo(createProbe(), []);
  assert.equal(Object.keys(info), [...INFO_CLASSES_DEFAULT]);
});

test('classes are told in the order asked for, each once', async () => {
  const info = await collectInfo(createProbe(), ['load', 'kernel', 'load']);
  assert.equal(info, { load: { name: 'load' }, kernel: { name: 'kernel' } });
});

test('every class can be asked for', async () => {
  const classes = [...FACT_CLASSES];
  assert.equal(Object.keys(await collectInfo(createProbe(), classes)), classes);
});

for (const name of ['disk', '', 'constructor', '__proto__', 'Kernel']) {
  test(`"${name}" is no class, and the answer says which are`, async () => {
    const error = await rejection(collectInfo(createProbe(), ['kernel', name]));
    assert.instance(error, DagentError);
    assert.is((error as DagentError).code, 'E_ARGUMENT_INVALID');
    assert.match((error as DagentError).message, 'kernel, os, hardware');
  });
}

test('a class that fails says so in its place, and the others are told', async () => {
  const probe = createProbe({
    disks: async () => {
      throw new DagentError('E_PROBE_TIMEOUT', { class: 'disks', ms: 7 });
    },
    cpu: () => Promise.reject(new TypeError('x is undefined')),
  });
  const info = await collectInfo(probe, ['disks', 'cpu', 'load']);
  assert.equal(info, {
    disks: {
      error: { code: 'E_PROBE_TIMEOUT', message: 'the host did not tell its disks within 7 ms' },
    },
    cpu: { error: { code: 'E_INTERNAL', message: 'internal error: TypeError: x is undefined' } },
    load: { name: 'load' },
  });
});

test('a broken invariant of ours is no fact of the host', async () => {
  const probe = createProbe({ cpu: () => Promise.reject(new AssertionFailed('no')) });
  assert.instance(await rejection(collectInfo(probe, ['cpu'])), AssertionFailed);
});

test('a class that would not fit a message fails alone', async () => {
  const device = 'x'.repeat(CLASS_BYTES_MAX);
  const probe = createProbe({ disks: async () => [{ device }] as never });
  const info = await collectInfo(probe, ['disks', 'load']);
  assert.is((info.disks as { error: { code: string } }).error.code, 'E_TOO_LARGE');
  assert.equal(info.load, { name: 'load' });
});

test('every class gets the time that was given', async () => {
  const times: number[] = [];
  const note = async (timeoutMs: number) => {
    times.push(timeoutMs);
    return null as never;
  };
  const probe = createProbe({ cpu: note, logins: note, clock: note });
  await collectInfo(probe, ['cpu', 'users', 'clock'], { timeoutMs: 77 });
  assert.equal(times, [77, 77, 77]);
});

interface Users {
  readonly which: string;
  readonly accounts: readonly Account[];
  readonly normalCount: number | null;
  readonly systemCount: number | null;
  readonly omittedCount: number;
  readonly loggedIn: unknown;
}

async function askUsers(which: WhichUsers | undefined, probe = createProbe()): Promise<Users> {
  return (await collectInfo(probe, ['users'], { users: which })).users as Users;
}

const CHOICES: readonly (readonly [WhichUsers | undefined, readonly string[]])[] = [
  [undefined, ['root', 'daemon', 'bob', 'ann', 'nobody']],
  ['all', ['root', 'daemon', 'bob', 'ann', 'nobody']],
  ['normal', ['bob', 'ann']],
  ['system', ['root', 'daemon', 'nobody']],
];

for (const [which, names] of CHOICES) {
  test(`users, ${which ?? 'unless said which'}: ${names.join(' ')}`, async () => {
    const users = await askUsers(which);
    assert.equal(
      users.accounts.map((each) => each.name),
      names,
    );
    assert.equal([users.normalCount, users.systemCount], [2, 3]);
    assert.equal(users.loggedIn, LOGINS);
  });
}

test('people begin at the uid that the host says', async () => {
  const probe = createProbe({ accounts: async () => ({ accounts: ACCOUNTS, uidMin: 1 }) });
  const users = await askUsers('normal', probe);
  assert.equal(
    users.accounts.map((each) => each.name),
    ['daemon', 'bob', 'ann'],
  );
});

test('one user is told with where that user is logged in', async () => {
  const users = await askUsers({ name: 'bob' });
  assert.equal(users.accounts, [ACCOUNTS[2]]);
  assert.equal(users.loggedIn, [LOGINS[0]]);
  assert.is(users.normalCount, null);
});

test('a user that is none is an error of the class', async () => {
  const { error } = (await askUsers({ name: 'eve' })) as unknown as { error: { code: string } };
  assert.is(error.code, 'E_ACCOUNT_UNKNOWN');
});

test('a host that does not tell who is logged in leaves that open', async () => {
  const probe = createProbe({ logins: async () => null });
  assert.is((await askUsers('all', probe)).loggedIn, null);
  assert.is((await askUsers({ name: 'bob' }, probe)).loggedIn, null);
});

test('more accounts than fit are counted', async () => {
  const accounts = Array.from({ length: ACCOUNTS_MAX + 2 }, (_, at) => account(`u${at}`, at));
  const users = await askUsers(
    'all',
    createProbe({ accounts: async () => ({ accounts, uidMin: 9 }) }),
  );
  assert.is(users.accounts.length, ACCOUNTS_MAX);
  assert.is(users.omittedCount, 2);
});

test.run();
