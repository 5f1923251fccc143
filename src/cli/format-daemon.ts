/** A daemon in words. */
import type { DaemonStatus, WantedPeer } from '../adapters/home.ts';
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { type ErrorData, errorFromData } from '../protocol/errors.ts';

/** Why so little is said of one. */
const BRIEF = 'its links are not known: it cannot write its status (is the disk full?)';

function formatName({ name, role, pid }: DaemonStatus): string {
  return `${name} (${role ?? 'role unknown'}, pid ${pid})`;
}

/** One line: what it is, where it hangs, where it listens. */
export function formatDaemon(status: DaemonStatus): string {
  const { parent, listen, metrics } = status;
  const below = parent === null ? '' : ` below ${parent}`;
  const scraped = metrics ? `, metrics at ${metrics}` : '';
  return `${formatName(status)} is up${below}, listening on ${listen.join(' ')}${scraped}`;
}

/** Why there is no link with what is dialled at `url`, which the reader sees already. */
function formatReason(error: ErrorData | null, url: string | null): string {
  if (error === null) return 'no answer yet';
  const { values } = error;
  const isSaid = error.code === 'E_CONNECT' && values.url === url;
  return escapeLine(isSaid ? String(values.reason) : errorFromData(error).message);
}

/** A line for each peer that is wanted and not linked. */
export function formatUnlinked({ wantedPeers }: DaemonStatus): string[] {
  return wantedPeers
    .filter(({ node }) => node === null)
    .map(({ url, error }) => {
      const reason = formatReason(error, url);
      return `peer ${url} is not linked yet: ${reason}; tried again until it is`;
    });
}

function formatParent({ role, parent, parentError }: DaemonStatus): string {
  if (parent !== null) return parent;
  if (parentError === null) return role === 'root' ? 'none' : 'not connected';
  return `not connected: ${formatReason(parentError, null)}`;
}

function formatWanted({ url, node, error }: WantedPeer): string {
  return node === null ? `${url} is not linked: ${formatReason(error, url)}` : `${node} at ${url}`;
}

/** A daemon in full, a line for each thing. `nowMs` is the time of day. */
export function formatStatus(status: DaemonStatus, nowMs: number): string[] {
  const { wantedPeers } = status;
  const dialled = new Set(wantedPeers.map(({ node }) => node));
  const others = status.peers.filter((peer) => !dialled.has(peer));
  const age = formatDuration(nowMs - status.startedAtMs);
  const known = [
    `  realm   ${status.realm ?? 'not known yet'}`,
    `  parent  ${formatParent(status)}`,
  ];
  return [
    `${formatName(status)} up for ${age}`,
    `  id      ${status.id ?? 'not known'}`,
    ...(status.isBrief ? [`  ${BRIEF}`] : known),
    ...wantedPeers.map((wanted) => `  peer    ${formatWanted(wanted)}`),
    ...others.map((peer) => `  peer    ${peer}`),
    ...status.listen.map((url) => `  listen  ${url}`),
    // A daemon of an older version says nothing of it.
    ...(status.metrics ? [`  metrics ${status.metrics}`] : []),
  ];
}
