/** What of the router's events goes into the log, and how loud. */
import type { Logger } from '../ports/logger.ts';
import { errorFromData } from '../protocol/errors.ts';
import type { RouterEvent } from '../router/io.ts';

/** Writes one event to the log. */
export function logEvent(log: Logger, event: RouterEvent): void {
  switch (event.kind) {
    case 'uplinkUp':
      return log.info('uplink up', {
        parent: event.parent.name,
        url: event.url,
        depth: event.depth,
      });
    case 'uplinkDown':
      return log.warn('uplink down', { reason: errorFromData(event.error).message });
    case 'uplinkFailed':
    case 'peerFailed': {
      const { url, retryMs } = event;
      const reason = errorFromData(event.error).message;
      const what = event.kind === 'uplinkFailed' ? 'uplink failed' : 'peer failed';
      return log.warn(what, { url, retryMs, reason });
    }
    case 'peerUp':
      return log.info('peer up', { peer: event.record.name, id: event.record.id });
    case 'peerHeld':
      return log.debug('peer linked already', { peer: event.record.name, url: event.url });
    case 'peerDown': {
      const reason = errorFromData(event.error).message;
      return log.warn('peer down', { peer: event.record.name, reason });
    }
    case 'joined':
      return log.info('joined the tree');
    case 'evicted':
      return log.error('evicted', { reason: errorFromData(event.error).message });
    case 'childUp':
      return log.info('child up', { child: event.record.name, id: event.record.id });
    case 'childDown':
      return log.warn('child down', {
        child: event.record.name,
        reason: errorFromData(event.error).message,
      });
    case 'linkRefused':
      return log.warn('link refused', {
        link: event.link,
        code: event.error.code,
        reason: errorFromData(event.error).message,
      });
    case 'nodeUp':
    case 'nodeChanged':
    case 'nodeLost':
    case 'nodeGone':
      return log.debug(event.kind, { name: event.record.name });
    case 'serviceUp':
    case 'serviceDown':
      return log.debug(event.kind, { service: event.service });
    case 'serviceDirect':
      return log.debug(event.kind, { service: event.service, socket: event.socket });
  }
}
