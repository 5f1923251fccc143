/**
 * Where programs of one node meet without their daemon: Unix sockets beside its own, in a directory
 * that only its owner may enter. A name has the pid of who listens, so that those that a killed
 * program left can be told and taken away.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, readdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SOCKET_PATH_BYTES_MAX } from '../protocol/limits.ts';
import { parseUrl } from '../protocol/url.ts';
import { isAlive } from './process-identity.ts';

const NAME = /^direct-(\d{1,10})-[0-9a-f]{8}$/;

/** The directory of a daemon's socket; undefined when it is reached by something else. */
export function directDirectory(daemonUrl: string): string | undefined {
  const url = parseUrl(daemonUrl);
  return url.kind === 'unix' ? dirname(url.path) : undefined;
}

/** A name for a socket of this process. */
export function createDirectName(): string {
  return `direct-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** What one connection is let in by: nobody can guess it. */
export function createDirectToken(): string {
  return randomBytes(16).toString('hex');
}

/** The path of such a name, or undefined when it is none, or is too long for a socket. */
export function directPath(directory: string, name: unknown): string | undefined {
  if (typeof name !== 'string' || !NAME.test(name)) return undefined;
  const path = join(directory, name);
  return Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX ? path : undefined;
}

/** Lets only its owner connect. */
export function protectSocket(path: string): void {
  chmodSync(path, 0o600);
}

/** Takes away what programs left that are not there any more. */
export function sweepDirectSockets(directory: string): void {
  for (const name of readdirSync(directory)) {
    const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive({ pid, startTicks: '' })) continue;
    try {
      unlinkSync(join(directory, name));
    } catch {
      // Somebody else has taken it away: that is what was wanted.
    }
  }
}
