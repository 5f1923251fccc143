/** The way of a traced request in lines. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { errorFromData } from '../protocol/errors.ts';
import type { TracedLink } from '../protocol/traced.ts';
import type { DirectTalker } from './direct-list.ts';
import type { TracedHop, TraceEnd } from './trace.ts';

function nameLink(link: TracedLink): string {
  return escapeLine(link.name || link.role);
}

/** Which table decided, in words. */
function explain(hop: TracedHop): string {
  const { why, chosen, metric } = hop;
  const away = metric === null ? '' : `, ${metric} ${metric === 1 ? 'hop' : 'hops'} away`;
  switch (why) {
    case 'local':
      return 'is here';
    case 'anycast':
      return chosen === null ? 'nearest: here' : `nearest: ${escapeLine(chosen)}${away}`;
    case 'route':
      return `route to ${escapeLine(chosen ?? 'it')}${away}`;
    case 'default':
      return 'default route up';
    case 'hint':
      return 'remembered way';
    case 'direct':
      return 'direct connection';
    case null:
      return '';
  }
}

function describeFate(hop: TracedHop): string {
  const { fate, to, error } = hop;
  if (fate === 'rejected') return `rejected: ${errorFromData(error).message}`;
  if (fate === 'dropped') return 'ended here';
  if (fate === 'dry') return 'would be delivered';
  const rtt = to === null || to.rttMs === null ? '' : ` (link ${formatDuration(to.rttMs)})`;
  return `-> ${to === null ? '' : nameLink(to)}${rtt}`;
}

/**
 * ` 1  east   agent  0.62ms  hq -> web2 (link 0.31ms)  route to web2, 1 hop away`. The time is
 * from sending to hearing of it, so there and back.
 */
export function formatHop(hop: TracedHop): string {
  const { node, role, ms, from } = hop;
  const head = `${String(hop.hop).padStart(2)}  ${escapeLine(node).padEnd(10)}  ${role.padEnd(5)}`;
  const way = `${nameLink(from)} ${describeFate(hop)}`;
  const words = [head, formatDuration(ms).padStart(6), way, explain(hop)];
  return words.filter((word) => word !== '').join('  ');
}

/** `direct: hq:~12 talks to it past the daemon, 1,204 messages in 3.0s`. */
export function formatTalker({ from, messages, sinceMs }: DirectTalker): string {
  const count = `${messages.toLocaleString('en')} ${messages === 1 ? 'message' : 'messages'}`;
  const time = formatDuration(sinceMs);
  return `direct: ${escapeLine(from)} talks to it past the daemon, ${count} in ${time}`;
}

/** The last line: what became of it. */
export function formatTraceEnd(to: string, end: Omit<TraceEnd, 'direct'>): string {
  const { outcome, error, ms } = end;
  const where = escapeLine(to);
  const time = formatDuration(ms);
  switch (outcome) {
    case 'dry':
      return `would be delivered to ${where}  (dry: it was not; ${time} there and back)`;
    case 'delivered': {
      const isSilent = error?.code === 'E_DEADLINE';
      const answer = error === null ? 'answered' : `answered ${error.code}`;
      return `delivered to ${where}, ${isSilent ? 'no answer' : answer} after ${time}`;
    }
    case 'rejected':
      return `not delivered to ${where}  (${error?.code ?? ''} after ${time})`;
    case 'lost':
      return `nobody says what became of it  (${error?.code ?? ''} after ${time})`;
  }
}
