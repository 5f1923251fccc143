/** Whether a host is the one that it says it is, and what to tell when it is not known to be. */
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { assertNever } from '../base/assert.ts';
import { DagentError } from '../protocol/errors.ts';
import { SSH_PORT, type SshUrl } from '../protocol/url.ts';
import type { KnownHosts } from './ssh-files.ts';
import {
  fingerprintOf,
  type HostKeyVerdict,
  judgeHostKey,
  keyTypeOf,
  knownHostName,
  knownKeyTypes,
} from './ssh-known-hosts.ts';

/** Unreadable lines that an error lists. */
const LINES_SHOWN_MAX = 3;

/** The algorithms of each type of key, without those that sign a SHA-1 hash; our preference. */
const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** The algorithms to ask an sshd for, those first of which we may know the key. */
export function hostKeyAlgorithms(known: KnownHosts, place: SshUrl): ServerHostKeyAlgorithm[] {
  const ours = Object.keys(ALGORITHMS);
  const first = knownKeyTypes(known.hosts, place).filter((type) => ours.includes(type));
  return [...new Set([...first, ...ours])].flatMap((type) => ALGORITHMS[type] ?? []);
}

function describePlaces({ ownPath, paths }: KnownHosts): string {
  if (paths.length > 0) return `is not in ${paths.join(' or ')}`;
  return ownPath === null ? 'is unknown: HOME is not set' : `is unknown: there is no ${ownPath}`;
}

type Unknown = Extract<HostKeyVerdict, { kind: 'unknown' }>;

function describeUnknown({ authority, types }: Unknown, known: KnownHosts): string {
  const shown = known.unreadable.slice(0, LINES_SHOWN_MAX);
  const hidden = known.unreadable.length - shown.length;
  if (hidden > 0) shown.push(`${hidden} more`);
  return [
    describePlaces(known),
    ...(types.length > 0 ? [`known are keys of other types (${types.join(', ')})`] : []),
    ...(authority === null ? [] : [`the authority in ${authority} does not help: not supported`]),
    ...(shown.length > 0 ? [`not understood: ${shown.join(', ')}`] : []),
  ].join('; ');
}

function describeVerdict(verdict: HostKeyVerdict, known: KnownHosts): string {
  switch (verdict.kind) {
    case 'trusted':
      return 'is known';
    case 'revoked':
      return `is revoked by ${verdict.where}`;
    case 'changed':
      return `is another than that in ${verdict.where}`;
    case 'unknown':
      return describeUnknown(verdict, known);
    default:
      return assertNever(verdict);
  }
}

/** What the reader can do now; all words of it come from our own grammar of URLs. */
function advise(kind: HostKeyVerdict['kind'], place: SshUrl): string {
  const { user, host, port } = place;
  const portOption = port === SSH_PORT ? '' : `-p ${port} `;
  const ssh = `ssh ${portOption}${user === null ? '' : `${user}@`}${host}`;
  if (kind === 'revoked') return 'ask who runs the host for its new key';
  if (kind === 'changed') {
    const forget = `ssh-keygen -R '${knownHostName(place)}'`;
    return `if the host has a new key: ${forget}, then ${ssh}; if not, somebody else answers there`;
  }
  const scan = `ssh-keyscan ${portOption}${host} >> ~/.ssh/known_hosts`;
  return `compare the fingerprint with the host's own, then: ${ssh}, or ${scan}`;
}

/** E_SSH_HOST_KEY, unless the key that a host showed is known as its own. */
export function checkHostKey(
  known: KnownHosts,
  place: SshUrl,
  key: Buffer,
): DagentError | undefined {
  const verdict = judgeHostKey(known.hosts, place, key);
  if (verdict.kind === 'trusted') return undefined;
  return new DagentError('E_SSH_HOST_KEY', {
    host: knownHostName(place),
    key: `${keyTypeOf(key)} ${fingerprintOf(key)}`,
    reason: describeVerdict(verdict, known),
    advice: advise(verdict.kind, place),
  });
}
