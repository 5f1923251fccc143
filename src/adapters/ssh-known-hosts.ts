/**
 * The lines of a known_hosts file, and what they say of a host's key. The format is that of
 * sshd(8), SSH_KNOWN_HOSTS FILE FORMAT:
 *
 *     [@revoked | @cert-authority] PATTERN[,PATTERN...] TYPE BASE64 [COMMENT]
 *
 * A pattern may hold `*` and `?`, and be negated by `!`; a port other than 22 is `[host]:port`; a
 * hashed name is `|1|SALT|HMAC-SHA1`. All here is pure: the files are read elsewhere.
 */
import { createHash, createHmac } from 'node:crypto';
import { SSH_PORT } from '../protocol/url.ts';

export interface KnownHost {
  /** Where it stands, for people: `line 3 of FILE`. */
  readonly where: string;
  readonly marker: 'revoked' | 'cert-authority' | null;
  /** The field of names as it is written. */
  readonly names: string;
  readonly type: string;
  /** The public key as it crosses the wire. */
  readonly key: Buffer;
}

export interface KnownHostsFile {
  readonly hosts: readonly KnownHost[];
  /** Lines that could not be read, each as `line 3 of FILE`. */
  readonly unreadable: readonly string[];
}

/** A place where an sshd listens. */
export interface SshPlace {
  readonly host: string;
  readonly port: number;
}

/** What the files say of a key; `where` names the line that decides. */
export type HostKeyVerdict =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'revoked' | 'changed'; readonly where: string }
  /** Nothing is known; or only what we cannot use: an authority, or keys of other types. */
  | { readonly kind: 'unknown'; readonly authority: string | null; readonly types: string[] };

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const HASHED = /^\|1\|([A-Za-z0-9+/]+={0,2})\|([A-Za-z0-9+/]+={0,2})$/;
const MARKERS = { '@revoked': 'revoked', '@cert-authority': 'cert-authority' } as const;

/** Type of a public key, which its bytes begin with; undefined when they are no key. */
export function keyTypeOf(key: Buffer): string | undefined {
  const length = key.length < 4 ? 0 : key.readUInt32BE(0);
  if (length === 0 || length > key.length - 4) return undefined;
  return key.toString('latin1', 4, 4 + length);
}

/** The fingerprint that `ssh` and `ssh-keygen -l` show. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function parseLine(line: string, where: string): KnownHost | undefined {
  const fields = line.trim().split(/[ \t]+/);
  const first = fields[0] ?? '';
  const isMarked = first.startsWith('@');
  if (isMarked && !Object.hasOwn(MARKERS, first)) return undefined;
  const [names, type, base64] = isMarked ? fields.slice(1) : fields;
  if (names === undefined || type === undefined || base64 === undefined) return undefined;
  if (names.startsWith('|') && !HASHED.test(names)) return undefined;
  const key = BASE64.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
  if (keyTypeOf(key) !== type) return undefined;
  const marker = isMarked ? MARKERS[first as keyof typeof MARKERS] : null;
  return { where, marker, names, type, key };
}

/** The entries of a file; `name` is how it is called. A line that makes no sense is passed over. */
export function parseKnownHosts(text: string, name: string): KnownHostsFile {
  const hosts: KnownHost[] = [];
  const unreadable: string[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^[ \t]*(#|$)/.test(line)) continue;
    const where = `line ${index + 1} of ${name}`;
    const host = parseLine(line, where);
    if (host === undefined) unreadable.push(where);
    else hosts.push(host);
  }
  return { hosts, unreadable };
}

/**
 * Whether `text` is what `pattern` says, with `*` for any characters and `?` for one. Takes at most
 * the product of their lengths: on a mismatch only the last star is tried again.
 */
function matchesWildcards(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let retryAt = 0;
  let index = 0;
  while (index < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      retryAt = index;
    } else if (wanted === '?' || wanted === text[index]) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function matchesHash(names: string, name: string): boolean {
  const [, salt = '', hash = ''] = HASHED.exec(names) ?? [];
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return actual.equals(Buffer.from(hash, 'base64'));
}

/** Whether a field of names means `name`. One negated pattern that matches excludes it. */
function matchesNames(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHash(names, name);
  let isMatching = false;
  for (const pattern of names.toLowerCase().split(',')) {
    if (pattern.startsWith('!')) {
      if (matchesWildcards(pattern.slice(1), name)) return false;
    } else {
      isMatching ||= matchesWildcards(pattern, name);
    }
  }
  return isMatching;
}

/** The name of a place in known_hosts. */
export function knownHostName({ host, port }: SshPlace): string {
  const name = host.toLowerCase();
  return port === SSH_PORT ? name : `[${name}]:${port}`;
}

interface Findings {
  /** Entries about the host at this port, and about the host under its bare name. */
  readonly atPort: readonly KnownHost[];
  readonly atHost: readonly KnownHost[];
  /**
   * Those that say which keys it has. As with ssh, the bare name speaks for a port that is not
   * listed.
   */
  readonly plain: readonly KnownHost[];
}

function findHosts(hosts: readonly KnownHost[], place: SshPlace): Findings {
  const find = (port: number): KnownHost[] => {
    const name = knownHostName({ host: place.host, port });
    return hosts.filter((each) => matchesNames(each.names, name));
  };
  const isPlain = (each: KnownHost): boolean => each.marker === null;
  const [atPort, atHost] = [find(place.port), find(SSH_PORT)];
  const isListed = atPort.some(isPlain);
  return { atPort, atHost, plain: (isListed ? atPort : atHost).filter(isPlain) };
}

/**
 * Types of the keys that are known of a place: its sshd should be asked for those first, since any
 * other would be unknown.
 */
export function knownKeyTypes(hosts: readonly KnownHost[], place: SshPlace): string[] {
  return [...new Set(findHosts(hosts, place).plain.map((each) => each.type))];
}

/** What the entries say of the key that a place showed. */
export function judgeHostKey(
  hosts: readonly KnownHost[],
  place: SshPlace,
  key: Buffer,
): HostKeyVerdict {
  const { atPort, atHost, plain } = findHosts(hosts, place);
  const isSame = (each: KnownHost): boolean => each.key.equals(key);
  const revoked = [...atPort, ...atHost].find((each) => each.marker === 'revoked' && isSame(each));
  if (revoked !== undefined) return { kind: 'revoked', where: revoked.where };
  if (plain.some(isSame)) return { kind: 'trusted' };
  const other = plain.find((each) => each.type === keyTypeOf(key));
  if (other !== undefined) return { kind: 'changed', where: other.where };
  const authority = atPort.find((each) => each.marker === 'cert-authority')?.where ?? null;
  return { kind: 'unknown', authority, types: knownKeyTypes(hosts, place) };
}
