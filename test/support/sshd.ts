/**
 * An sshd of the test's own on a loopback port, and an account's HOME to dial it from: keys, and a
 * known_hosts that knows it. All of it lies in one directory, and ends with the process.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hold } from '../../bench/hold.ts';
import { findFreePort, runSshd } from '../../bench/peers/sshd.ts';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** Host keys that it has, and how its lines in known_hosts begin. */
const HOST_KEYS: readonly KeyType[] = ['ed25519', 'rsa'];

/** Writes a key and its `.pub`. */
export function writeKey(path: string, type: KeyType, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', '', '-f', path]);
}

export class Sshd {
  readonly directory: string;
  readonly port: number;
  #held: Hold | undefined;

  private constructor(directory: string, port: number) {
    this.directory = directory;
    this.port = port;
  }

  static async start(): Promise<Sshd> {
    const directory = mkdtempSync(join(tmpdir(), 's-'));
    const sshd = new Sshd(directory, await findFreePort());
    for (const type of HOST_KEYS) writeKey(sshd.path(`host_${type}`), type);
    writeFileSync(sshd.path('authorized'), '');
    await sshd.run();
    return sshd;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Starts it, also again after {@link kill}. */
  async run(): Promise<void> {
    const lines = [
      `ListenAddress 127.0.0.1:${this.port}`,
      ...HOST_KEYS.map((type) => `HostKey ${this.path(`host_${type}`)}`),
      `AuthorizedKeysFile ${this.path('authorized')}`,
      `PidFile ${this.path('pid')}`,
      'UsePAM no',
      'UseDNS no',
      'StrictModes no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      // New session keys every now and then, as a link that stands for long will see.
      'RekeyLimit 4M',
      'MaxStartups 100',
    ];
    // What runs it removes the directory that it is given.
    const own = mkdtempSync(this.path('run-'));
    writeFileSync(join(own, 'sshd_config'), `${lines.join('\n')}\n`);
    this.#held = await runSshd(own, this.port);
  }

  /** The public key of the host in one line, without a name. */
  hostKey(type: KeyType): string {
    return readFileSync(this.path(`host_${type}.pub`), 'utf8').trim();
  }

  /** A HOME that has these files below .ssh. */
  createAccount(name: string, files: Readonly<Record<string, string>>): string {
    const home = this.path(name);
    mkdirSync(join(home, '.ssh'), { recursive: true, mode: 0o700 });
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(join(home, '.ssh', file), text, { mode: 0o600 });
    }
    return home;
  }

  /** Lets a public key in; `options` come before it, as in authorized_keys. */
  authorize(publicKeyPath: string, options = ''): void {
    const line = `${options} ${readFileSync(publicKeyPath, 'utf8')}`.trimStart();
    writeFileSync(this.path('authorized'), line, { flag: 'a' });
  }

  /** Processes below a pid, as the system has them. */
  #below(pid: number): number[] {
    const files = globSync(`/proc/${pid}/task/*/children`);
    const children = files.flatMap((file) => readFileSync(file, 'utf8').split(' ').filter(Boolean));
    return children.map(Number).flatMap((child) => [child, ...this.#below(child)]);
  }

  /** Ends it with all of its sessions, as a crash of the host would. */
  async kill(): Promise<void> {
    const pid = Number(readFileSync(this.path('pid'), 'utf8'));
    for (const each of [pid, ...this.#below(pid)]) process.kill(each, 'SIGKILL');
    await this.#held?.release();
  }

  async stop(): Promise<void> {
    await this.#held?.release();
  }
}
