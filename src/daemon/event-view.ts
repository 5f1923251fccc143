/** What the router says that happened, as it is told to those who follow events. */
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import type { RouterEvent } from '../router/io.ts';
import type { Events } from '../services/events.ts';

function reasonOf(error: ErrorData): { readonly code: string; readonly reason: string } {
  return { code: error.code, reason: errorFromData(error).message };
}

/** Tells one event of the router of the node `node`. */
export function tellEvent(events: Events, node: string, event: RouterEvent): void {
  switch (event.kind) {
    case 'nodeUp':
      return events.nodeUp(event.record);
    case 'nodeChanged':
      return events.nodeChanged(event.record);
    case 'nodeLost':
      return events.nodeLost(event.record);
    case 'nodeGone':
      return events.nodeGone(event.record);
    case 'serviceUp':
      return events.add({ event: 'service-up', node, service: event.service });
    case 'serviceDown':
      return events.add({ event: 'service-down', node, service: event.service });
    case 'joined':
      return events.add({ event: 'joined', node });
    case 'evicted':
      return events.add({ event: 'evicted', node, ...reasonOf(event.error) });
    default:
      return tellLink(events, node, event);
  }
}

function tellLink(events: Events, node: string, event: RouterEvent): void {
  switch (event.kind) {
    case 'uplinkUp': {
      const { parent, url } = event;
      return events.add({ event: 'link-up', node, peer: parent.name, as: 'parent', url });
    }
    case 'uplinkDown':
      return events.add({ event: 'link-down', node, as: 'parent', ...reasonOf(event.error) });
    case 'uplinkFailed':
    case 'peerFailed': {
      const as = event.kind === 'uplinkFailed' ? 'parent' : 'peer';
      const { url, retryMs } = event;
      const more = { as, url, retryMs: Math.round(retryMs), ...reasonOf(event.error) };
      return events.add({ event: 'link-failed', node, ...more });
    }
    case 'childUp':
      return events.add({ event: 'link-up', node, peer: event.record.name, as: 'child' });
    case 'peerUp':
      return events.add({ event: 'link-up', node, peer: event.record.name, as: 'peer' });
    case 'childDown':
    case 'peerDown': {
      const as = event.kind === 'childDown' ? 'child' : 'peer';
      const { record, error } = event;
      return events.add({ event: 'link-down', node, peer: record.name, as, ...reasonOf(error) });
    }
    case 'linkRefused':
      return events.add({ event: 'link-refused', node, ...reasonOf(event.error) });
    default:
      return;
  }
}
