import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Bench, ENV } from './exec-bench.ts';

test('who runs as another user has its home and its names', async () => {
  const bench = new Bench();
  const command = await bench.start({ user: 'ann', env: { SHELL: '/bin/own' } });
  const { played } = command;
  assert.equal(command.progress[0], { state: 'accepted' }, 'also where accounts take their time');
  const { env, cwd, runAs } = played.request;
  assert.equal(env, { ...ENV, HOME: '/users/ann', USER: 'ann', LOGNAME: 'ann', SHELL: '/bin/own' });
  assert.is(cwd, '/users/ann');
  assert.equal(runAs, { uid: 1000, gid: 1000 });
  const other = await bench.start({ user: '1000', group: 'adm', cwd: '/x' });
  assert.equal(other.played.request.runAs, { uid: 1000, gid: 4 });
  assert.is(other.played.request.cwd, '/x');
});

test('a user that is missing, or that we cannot become, is why it was not started', async () => {
  const bench = new Bench();
  const reasonOf = async (spec: object): Promise<string | undefined> => {
    const { result } = await bench.start(spec);
    assert.is(result?.verdict, 'not-started');
    return result?.reason;
  };
  assert.is(await reasonOf({ user: 'bob' }), 'no such user: bob');
  assert.is(await reasonOf({ group: 'staff' }), 'no such group: staff');
  bench.accounts.ownUid = 1000;
  const only = 'not permitted: only the daemon of root, or --sudo, can run it as';
  assert.is(await reasonOf({ user: 'root' }), `${only} root`);
  assert.is(await reasonOf({ group: 'adm' }), `${only} ann:adm`);
  assert.is((await bench.start({ user: 'ann' })).played.request.runAs, undefined);
});

test('behind a login is the shell of who runs it, if that lets anybody in', async () => {
  const bench = new Bench();
  const { request } = (await bench.start({ isLogin: true })).played;
  assert.equal([request.login, request.cwd], ['/bin/bash', '/root']);
  const other = await bench.start({ isLogin: true, user: 'ann' });
  assert.is(other.played.request.login, '/bin/zsh');
  const none = await bench.start({ isLogin: true, user: 'www' });
  assert.is(none.result?.reason, 'no login as www: its shell is /usr/sbin/nologin');
  assert.is((await bench.start({ user: 'www' })).played.request.login, undefined);
});

test('by sudo it runs as root, or as another one, where the daemon is not root', async () => {
  const bench = new Bench();
  const request = async (spec: object) =>
    (await bench.start({ isSudo: true, ...spec })).played.request;
  assert.is((await request({})).sudo, undefined, 'a daemon of root needs none');
  assert.equal((await request({ user: 'ann' })).runAs, { uid: 1000, gid: 1000 });
  bench.accounts.ownUid = 1000;
  const asRoot = await request({});
  assert.equal([asRoot.sudo, asRoot.cwd, asRoot.runAs], [{ user: 'root' }, '/root', undefined]);
  const sudo = { user: 'www', group: 'adm' };
  assert.equal((await request({ user: '33', group: 'adm' })).sudo, sudo);
  assert.is((await request({ user: 'ann' })).sudo, undefined, 'it is ann already');
  const script = Buffer.from('id');
  assert.ok((await request({ argv: [], script })).script);
  const { result } = await bench.start({ isSudo: true, user: 'www', argv: [], script });
  assert.is(result?.reason, 'www cannot read a script that sudo is to run as it');
});

test.run();
