/**
 * An sshd of the test's own on a loopback port, and an account's HOME to dial it from: keys, and a
 * known_hosts that knows it. All of it lies in one directory, and ends with the process.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hold } from '../../bench/hold.ts';
import { findFreePort, runSshd } from '../../bench/peers/sshd.ts';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

const HOST_KEYS: readonly KeyType[] = ['ed25519', 'rsa'];

export interface AccountOptions {
  /** Text of known_hosts; the host's own line when absent. */
  readonly known?: string;
  readonly key?: KeyType;
  readonly passphrase?: string;
}

/** Writes a key and its `.pub`. */
function writeKey(path: string, type: KeyType, passphrase = ''): void {
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

  /** The URL of a socket there. */
  url(path: string, host = '127.0.0.1'): string {
    return `ssh://${host}:${this.port}${path}`;
  }

  /** What known_hosts says of it. */
  knownLine(type: KeyType, host = '127.0.0.1'): string {
    return `[${host}]:${this.port} ${readFileSync(this.path(`host_${type}.pub`), 'utf8')}`;
  }

  /** A HOME with what is in known_hosts, and a key if there is a type. */
  createAccount({
    known = this.knownLine('ed25519'),
    key,
    passphrase,
  }: AccountOptions = {}): string {
    const home = mkdtempSync(this.path('home-'));
    mkdirSync(join(home, '.ssh'), { mode: 0o700 });
    writeFileSync(join(home, '.ssh/known_hosts'), known, { mode: 0o600 });
    if (key !== undefined) writeKey(join(home, '.ssh', `id_${key}`), key, passphrase);
    return home;
  }

  /** As {@link createAccount}, with a key that is let in; `options` limit it. */
  createMember({ key = 'ed25519', ...rest }: AccountOptions = {}, options = ''): string {
    const home = this.createAccount({ key, ...rest });
    const line = readFileSync(join(home, '.ssh', `id_${key}.pub`), 'utf8');
    writeFileSync(this.path('authorized'), `${options} ${line}`.trimStart(), { flag: 'a' });
    return home;
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

  /** Ends it, with nothing left of it. */
  async close(): Promise<void> {
    await this.#held?.release();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
