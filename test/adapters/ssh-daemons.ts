/** Daemons that meet through an sshd, as users run them. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from '../e2e/harness.ts';
import { until } from '../e2e/poll.ts';
import type { Sshd } from '../support/sshd.ts';

/** An installation with a root, in which `account` is who dials; closed afterwards. */
async function withRoot(
  sshd: Sshd,
  account: string,
  use: (home: Home, url: string) => Promise<void>,
): Promise<void> {
  const home = new Home();
  delete home.env.SSH_AUTH_SOCK;
  home.env.HOME = account;
  try {
    await home.daemon('root');
    await use(home, sshd.url(join(home.dir, 'run/root/daemon.sock')));
  } finally {
    await home.close();
  }
}

/** Registers the tests; the caller runs them. */
export function testSshDaemons(sshd: Sshd): void {
  const member = sshd.createMember();

  test('a leaf joins through ssh, and commands run on it; --via goes that way too', () =>
    withRoot(sshd, member, async (home, url) => {
      const leaf = await home.daemon('leaf', ['--role', 'leaf', '--parent', url]);
      assert.is(leaf.parent, 'root');
      assert.is(await home.ok(['exec', 'leaf', 'echo', 'hello']), 'hello\n');
      const { status, stdout, stderr } = await home.run(['exec', '--via', url, 'leaf', 'echo hi']);
      assert.equal({ status, stdout, stderr }, { status: 0, stdout: 'hi\n', stderr: '' });
    }));

  test('more than any window holds passes through it', () =>
    withRoot(sshd, member, async (home, url) => {
      await home.daemon('leaf', ['--role', 'leaf', '--parent', url]);
      const many = await home.ok(['exec', 'leaf', 'head -c 20000000 /dev/zero | tr "\\0" x']);
      assert.is(many.length, 20_000_000);
    }));

  test('a daemon that cannot trust its parent, or is not let in, says so and ends', () =>
    withRoot(sshd, sshd.createAccount({ known: '' }), async (home, url) => {
      const start = ['daemon', 'start', '--name', 'leaf', '--role', 'leaf', '--parent', url];
      const unknown = await home.run(start);
      assert.is(unknown.status, 4);
      assert.match(unknown.stderr, /host key of .* is not trusted: ssh-ed25519 SHA256:/);
      const env = { HOME: sshd.createAccount() };
      const stranger = await home.run(start, { env });
      assert.is(stranger.status, 4);
      assert.match(stranger.stderr, 'nothing to show');
      const via = await home.run(['tree', '--via', url], { env });
      assert.is(via.status, 4);
    }));

  test('a daemon cannot listen through ssh', () =>
    withRoot(sshd, member, async (home, url) => {
      const { status, stderr } = await home.run([
        'daemon',
        'start',
        '--name',
        'x',
        '--listen',
        url,
      ]);
      assert.is(status, 2);
      assert.match(stderr, 'ssh: can be dialled only');
    }));

  test('a link is lost with its sshd, and dialled anew when there is one again', () =>
    withRoot(sshd, member, async (home, url) => {
      await home.daemon('leaf', ['--role', 'leaf', '--parent', url]);
      await sshd.kill();
      await until('the leaf knows that it is alone', async () => {
        return (await home.status('leaf')).parent === null;
      });
      await sshd.run();
      await until('the leaf is back', async () => (await home.status('leaf')).parent === 'root');
      assert.is(await home.ok(['exec', 'leaf', 'echo', 'again']), 'again\n');
    }));
}
