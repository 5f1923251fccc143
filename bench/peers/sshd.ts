/**
 * An sshd of our own on a loopback port, with keys and configuration in a temporary directory, set
 * up for speed: no PAM, no DNS, Ed25519 keys. And a shared connection to it (ControlMaster), for
 * `ssh` at its fastest. The algorithms are OpenSSH's defaults, as users have them.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createTemporaryDirectory, type Hold, hold, quote } from '../hold.ts';
import { readGreeting, waitFor } from '../wait.ts';

/** Where sshd locks itself up when it runs as root; it refuses to start without. */
const PRIVILEGE_SEPARATION_DIRECTORY = '/run/sshd';
const SSHD = '/usr/sbin/sshd';

export interface SshServer {
  /** argv of `ssh` up to the host, with a new connection at each run. */
  readonly connectNew: readonly string[];
  /** The same, over the connection that stands already. */
  readonly connectShared: readonly string[];
  stop(): Promise<void>;
}

/** The version of OpenSSH, or undefined when client or server is not installed. */
export function readSshVersion(): string | undefined {
  if (!existsSync(SSHD)) return undefined;
  const { stderr } = spawnSync('ssh', ['-V'], { encoding: 'utf8' });
  return stderr?.match(/^OpenSSH_([^ ,]+)/)?.[1];
}

/** A loopback port that was free a moment ago: sshd cannot choose one itself. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Writes keys and the configurations of server and client into `directory`. */
function writeFiles(directory: string, port: number): void {
  const path = (name: string) => join(directory, name);
  for (const key of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path(key)]);
  }
  copyFileSync(path('user.pub'), path('authorized'));
  writeFileSync(path('known'), `[127.0.0.1]:${port} ${readFileSync(path('host.pub'), 'utf8')}`);
  const server = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('authorized')}`,
    'PidFile none',
    'UsePAM no',
    'UseDNS no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    // A shell run by sshd may read ~/.bashrc: what an account does there is no cost of ssh.
    `SetEnv HOME=${directory}`,
    'PrintMotd no',
    'PrintLastLog no',
    'X11Forwarding no',
    // By default ten at once, then refusals at random: a bench must not meet them.
    'MaxStartups 100',
    'MaxSessions 100',
  ];
  writeFileSync(path('sshd_config'), `${server.join('\n')}\n`);
  const client = [
    'Host host',
    'HostName 127.0.0.1',
    `Port ${port}`,
    `User ${userInfo().username}`,
    `IdentityFile ${path('user')}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${path('known')}`,
    'GlobalKnownHostsFile /dev/null',
    'StrictHostKeyChecking yes',
    'PreferredAuthentications publickey',
    'BatchMode yes',
    'LogLevel ERROR',
    `ControlPath ${path('control')}`,
  ];
  writeFileSync(path('ssh_config'), `${client.join('\n')}\n`);
}

/** Opens the shared connection and resolves when it answers. */
async function startMaster(config: string): Promise<Hold> {
  const master = hold({ command: ['ssh', '-F', config, '-M', '-N', 'host'], cleanup: ':' });
  try {
    await waitFor(master, 'ssh with a shared connection', () => {
      const check = spawnSync('ssh', ['-F', config, '-O', 'check', 'host'], { stdio: 'ignore' });
      return check.status === 0 ? true : undefined;
    });
    return master;
  } catch (error) {
    await master.release();
    throw error;
  }
}

/**
 * Starts sshd with the `sshd_config` of a directory, which goes with it; resolves when it answers
 * on its port.
 */
export async function runSshd(directory: string, port: number): Promise<Hold> {
  let cleanup = `rm -rf ${quote(directory)}`;
  if (process.getuid?.() === 0 && !existsSync(PRIVILEGE_SEPARATION_DIRECTORY)) {
    mkdirSync(PRIVILEGE_SEPARATION_DIRECTORY, { mode: 0o755 });
    cleanup += `; rmdir ${PRIVILEGE_SEPARATION_DIRECTORY}`;
  }
  const command = [SSHD, '-D', '-e', '-f', join(directory, 'sshd_config')];
  const held = hold({ command, cleanup });
  try {
    await waitFor(held, 'sshd', () => readGreeting(port));
    return held;
  } catch (error) {
    await held.release();
    throw error;
  }
}

/** Starts sshd and the shared connection; resolves when both answer. */
export async function startSshd(): Promise<SshServer> {
  const directory = createTemporaryDirectory('ssh');
  const port = await findFreePort();
  writeFiles(directory, port);
  const config = join(directory, 'ssh_config');
  const held = await runSshd(directory, port);
  try {
    const master = await startMaster(config);
    return {
      connectNew: ['ssh', '-F', config, '-o', 'ControlPath=none', 'host'],
      connectShared: ['ssh', '-F', config, 'host'],
      async stop() {
        await master.release();
        await held.release();
      },
    };
  } catch (error) {
    await held.release();
    throw error;
  }
}
