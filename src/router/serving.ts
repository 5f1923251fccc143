/**
 * What this node's programs and services are working on, so that their callers can be told when
 * they die. A caller is remembered no longer than it waits.
 */
import { NumberTable } from '../base/number-table.ts';
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import { decodeTimeoutMs, type FrameHeader, Kind } from '../protocol/frame.ts';
import { PENDING_PER_LINK_MAX } from '../protocol/limits.ts';
import { emitNotice, encodeReject, errorAt } from './emit.ts';
import type { Caller, Link } from './link.ts';
import { lossOfLink } from './loss.ts';
import { type Router, wakeBy } from './state.ts';

/** How long a caller that waits no more may still be remembered. */
const SWEEP_MS = 1_000;
/** Askers that are remembered without a request of theirs being open: most ask again. */
const IDLE_ASKERS_MAX = 64;
const NODE_PART = 2 ** 20;

/** An asker as one number: seeds alone may coincide, the daemons' own above all. */
export function askerOf(seed: number, node: NodeKey): number {
  // Of a large number the low bits are those of its remainder.
  return seed * NODE_PART + (node & (NODE_PART - 1));
}

/** Notes that a local service works on a request; false when it has too many. */
export function openServing(
  router: Router,
  link: Link,
  asked: FrameHeader,
  nowMs: number,
): boolean {
  const { serving } = link;
  if (serving.count >= PENDING_PER_LINK_MAX) return false;
  const { fromNode: node, fromService: service, toService: askedService, seed, number } = asked;
  const asker = askerOf(seed, node);
  let callers = serving.callers.get(asker);
  if (callers === undefined) {
    callers = new NumberTable();
    serving.callers.set(asker, callers);
  }
  const untilMs = nowMs + decodeTimeoutMs(asked.timeout);
  if (!callers.has(number)) serving.count++;
  callers.set(number, { node, service, askedService, seed, number, untilMs });
  wakeBy(router, 'serving', untilMs + SWEEP_MS);
  return true;
}

function forgetCaller(
  link: Link,
  asker: number,
  callers: NumberTable<Caller>,
  number: number,
): void {
  const { serving } = link;
  callers.delete(number);
  serving.count--;
  if (callers.size === 0 && serving.callers.size > IDLE_ASKERS_MAX) serving.callers.delete(asker);
}

/**
 * Whether a response of a local program answers something that it was asked. A final one ends it.
 */
export function takeAnswer(link: Link, response: FrameHeader): boolean {
  const { seed, number, kind } = response;
  const asker = askerOf(seed, response.toNode);
  const callers = link.serving.callers.get(asker);
  if (callers?.has(number) !== true) return false;
  if (kind === Kind.REPLY || kind === Kind.REJECT) forgetCaller(link, asker, callers, number);
  return true;
}

/** Whether a program of this node works on a request, or the node itself. */
export function isServed(
  router: Router,
  service: ServiceKey,
  asker: number,
  number: number,
): boolean {
  const has = (link: Link) => link.serving.callers.get(asker)?.has(number) === true;
  const link = router.endpoints.get(service);
  if (link !== undefined && has(link)) return true;
  // A program may have given its name back since it was asked.
  for (const each of router.programs) if (has(each)) return true;
  return false;
}

/** Forgets the callers that wait no more. Returns when to look again. */
export function expireServing(router: Router, nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const link of router.programs) {
    for (const [asker, callers] of link.serving.callers) {
      for (const { number, untilMs } of callers.values()) {
        if (untilMs <= nowMs) forgetCaller(link, asker, callers, number);
        else nextMs = Math.min(nextMs, untilMs);
      }
    }
  }
  return nextMs + SWEEP_MS;
}

/** A serving program is gone: its callers hear it now, not at their deadlines. */
export function rejectServed(router: Router, link: Link): void {
  const node = router.config.name;
  const loss = lossOfLink(router, link);
  for (const callers of link.serving.callers.values()) {
    for (const caller of callers.values()) {
      const { seed, number } = caller;
      const asked = { fromNode: caller.node, fromService: caller.service, seed, number };
      const service = link.services.get(caller.askedService) ?? '';
      const error = errorAt(router, 'E_LOST', { to: `${node}:${service}`, ...loss });
      emitNotice(router, encodeReject(router, asked, error));
    }
  }
  link.serving.callers.clear();
  link.serving.count = 0;
}
