/** What an account has of ssh: the hosts that it knows, and its keys. Read anew at each use. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from './home.ts';
import { type KnownHostsFile, parseKnownHosts } from './ssh-known-hosts.ts';

/** The files of the host come after the account's own, as with ssh. */
const KNOWN_HOSTS_OF_ACCOUNT = ['known_hosts', 'known_hosts2'];
const KNOWN_HOSTS_OF_HOST = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
/** Tried in this order. */
const KEY_FILES = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

const WRITABLE_BY_OTHERS = 0o022;
const READABLE_BY_OTHERS = 0o077;

/** The text of a file, or why it is not used; undefined when there is none. */
type FileText = { readonly text: string } | { readonly reason: string } | undefined;

/** Reads a file that must not grant others what is in `forbiddenMode`. */
async function readGuarded(path: string, forbiddenMode: number): Promise<FileText> {
  try {
    await using file = await open(path);
    const { mode } = await file.stat();
    if ((mode & forbiddenMode) === 0) return { text: await file.readFile('utf8') };
    const others = (mode & forbiddenMode).toString(8).padStart(3, '0');
    return { reason: `${path} is open to others (mode ${others} too much)` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR'
      ? undefined
      : { reason: `${path} cannot be read (${code})` };
  }
}

export interface KnownHosts extends KnownHostsFile {
  /** Where the account's own would be; null without a HOME. */
  readonly ownPath: string | null;
  /** The files that were there to look into. */
  readonly paths: readonly string[];
}

interface KnownHostsAt extends KnownHostsFile {
  readonly path: string;
}

async function readKnownHostsAt(path: string): Promise<KnownHostsAt | undefined> {
  const file = await readGuarded(path, WRITABLE_BY_OTHERS);
  if (file === undefined) return undefined;
  if ('reason' in file) return { path, hosts: [], unreadable: [file.reason] };
  return { path, ...parseKnownHosts(file.text, path) };
}

/** All that the account and the host know; what cannot be used is told as unreadable. */
export async function readKnownHosts(environment: Environment): Promise<KnownHosts> {
  const { HOME: home } = environment;
  const own = home ? KNOWN_HOSTS_OF_ACCOUNT.map((name) => join(home, '.ssh', name)) : [];
  const all = await Promise.all([...own, ...KNOWN_HOSTS_OF_HOST].map(readKnownHostsAt));
  const files = all.filter((file) => file !== undefined);
  return {
    ownPath: own[0] ?? null,
    paths: files.map((file) => file.path),
    hosts: files.flatMap((file) => file.hosts),
    unreadable: files.flatMap((file) => file.unreadable),
  };
}

export interface KeyFiles {
  readonly keys: readonly { readonly path: string; readonly text: string }[];
  /** Why others were passed over. */
  readonly passedOver: readonly string[];
}

/** The private keys of the account, as they are in their files. */
export async function readKeyFiles(environment: Environment): Promise<KeyFiles> {
  const { HOME: home } = environment;
  if (!home) return { keys: [], passedOver: ['HOME is not set'] };
  const paths = KEY_FILES.map((name) => join(home, '.ssh', name));
  const files = await Promise.all(
    paths.map(async (path) => ({ path, file: await readGuarded(path, READABLE_BY_OTHERS) })),
  );
  return {
    keys: files.flatMap(({ path, file }) =>
      file !== undefined && 'text' in file ? [{ path, text: file.text }] : [],
    ),
    passedOver: files.flatMap(({ file }) =>
      file !== undefined && 'reason' in file ? [file.reason] : [],
    ),
  };
}
