/** What a client is made of, put together: each part lives as long as the client does. */
import { systemClock } from '../adapters/system-clock.ts';
import { createRandom } from '../base/random.ts';
import { Claims } from './claims.ts';
import type { ConnectOptions, Session } from './connection.ts';
import { Deposits } from './deposits.ts';
import type { Link, LinkOptions } from './link.ts';
import { Readers } from './readers.ts';
import { putReports, Reports } from './reports.ts';
import { Standing } from './standing.ts';

export interface ClientParts {
  readonly standing: Standing;
  readonly claims: Claims;
  readonly deposits: Deposits;
  readonly readers: Readers;
  readonly reports: Reports;
}

/** `onLink` is called with each connection but the first, before anything goes on by it. */
export function createParts(
  session: Session,
  options: ConnectOptions,
  onLink: (link: Link) => void,
): ClientParts {
  const random = createRandom(process.pid);
  const { onStatus = () => undefined, direct = true, reconnect = true, silenceMs } = options;
  const full = new Set<object>();
  const tellSilence = (holdMs: number): LinkOptions['silence'] => ({
    holdMs,
    onSilent: (error) => onStatus({ kind: 'silent', node: standing.link.record.name, error }),
    onHeard: () => onStatus({ kind: 'answering', node: standing.link.record.name }),
  });
  const standing: Standing = new Standing(session, {
    connect: options,
    random,
    link: {
      isDirect: direct,
      full,
      silence: silenceMs === undefined ? undefined : tellSilence(silenceMs),
      onEvent: (event) => readers.deliver(event),
    },
    resume(link) {
      onLink(link);
      deposits.resume(link);
      reports.resume();
      return claims.resume(link);
    },
    onOver(error) {
      deposits.fail(error);
      reports.fail(error);
    },
    onStatus,
  });
  const deposits = new Deposits(standing.link, reconnect);
  const reports = new Reports({
    clock: systemClock,
    isUp: () => standing.isUp,
    put: (list) => putReports(standing.link, list),
  });
  const claims = new Claims({
    random,
    up: () => standing.up(),
    onRefused: ({ what, name }, error) => onStatus({ kind: 'refused', what, name, error }),
  });
  const readers = new Readers({ claims, home: options.home, link: () => standing.link }, full);
  void standing.closed.then((error) => readers.end(error));
  return { standing, claims, deposits, readers, reports };
}
