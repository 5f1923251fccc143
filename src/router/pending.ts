/**
 * Requests of this node's own programs and services. Each ends in exactly one way: the reply or rejection
 * that comes, the deadline, or the news that the way to the answering node broke.
 */
import { decodeTimeoutMs, type FrameHeader } from '../protocol/frame.ts';
import { PENDING_PER_LINK_MAX } from '../protocol/limits.ts';
import { emitSend, encodeCancel, encodeReject, errorAt } from './emit.ts';
import { sendRouted } from './forward.ts';
import type { LinkId } from './io.ts';
import { type Link, type Pending, type Route, type Router, wakeBy } from './state.ts';

/** Notes a request that goes out by `via`; false when its link has too many. */
export function openPending(
  router: Router,
  link: Link,
  asked: FrameHeader,
  due: { readonly via: LinkId; readonly nowMs: number },
): boolean {
  if (link.pending.size >= PENDING_PER_LINK_MAX) return false;
  const timeoutMs = decodeTimeoutMs(asked.timeout);
  link.pending.set(asked.number, {
    toNode: asked.toNode,
    toService: asked.toService,
    fromService: asked.fromService,
    via: due.via,
    deadlineAtMs: due.nowMs + timeoutMs,
    timeoutMs,
  });
  wakeBy(router, due.nowMs + timeoutMs);
  return true;
}

function askedHeader(router: Router, link: Link, number: number, pending: Pending): FrameHeader {
  return {
    kind: 0,
    flags: 0,
    hops: 0,
    channel: 0,
    toNode: pending.toNode,
    toService: pending.toService,
    fromNode: router.key,
    fromService: pending.fromService,
    seed: link.seed,
    number,
    timeout: 0,
  };
}

/** A name for the destination, for people: its node's where that is known. */
function nameTarget(router: Router, pending: Pending): string {
  if (pending.toNode === router.key) return router.config.name;
  return router.nodes.get(pending.toNode)?.record.name ?? 'the receiver';
}

function endPending(
  router: Router,
  link: Link,
  number: number,
  outcome: { readonly code: 'E_DEADLINE' | 'E_LOST'; readonly via: string },
): void {
  const pending = link.pending.get(number);
  if (pending === undefined) return;
  link.pending.delete(number);
  const asked = askedHeader(router, link, number, pending);
  const to = nameTarget(router, pending);
  const error = errorAt(router, outcome.code, { to, via: outcome.via, ms: pending.timeoutMs });
  emitSend(router, link.id, encodeReject(router, asked, error));
  if (outcome.code === 'E_DEADLINE') {
    router.counters.expired++;
    sendRouted(router, encodeCancel(router, asked, pending.fromService));
  }
}

function localLinks(router: Router): Link[] {
  return [...router.links.values()].filter((link) => link.pending.size > 0);
}

/** Ends the requests whose deadline has come. Returns the instant of the next deadline. */
export function expirePending(router: Router, nowMs: number): number {
  let nextMs = Number.POSITIVE_INFINITY;
  for (const link of localLinks(router)) {
    for (const [number, pending] of link.pending) {
      if (pending.deadlineAtMs <= nowMs) {
        endPending(router, link, number, { code: 'E_DEADLINE', via: '' });
      } else {
        nextMs = Math.min(nextMs, pending.deadlineAtMs);
      }
    }
  }
  return nextMs;
}

/** Ends the requests that went out by a link which broke. */
export function loseRequestsVia(router: Router, via: LinkId, name: string): void {
  for (const link of localLinks(router)) {
    for (const [number, pending] of link.pending) {
      if (pending.via === via) endPending(router, link, number, { code: 'E_LOST', via: name });
    }
  }
}

/** Ends the requests to a node that was lost. */
export function loseRequestsTo(router: Router, route: Route): void {
  const via = router.links.get(route.via)?.peer?.name ?? router.config.name;
  for (const link of localLinks(router)) {
    for (const [number, pending] of link.pending) {
      if (pending.toNode === route.key) endPending(router, link, number, { code: 'E_LOST', via });
    }
  }
}

/** A program is gone: those who work for it are told to stop. */
export function cancelRequestsOf(router: Router, link: Link): void {
  for (const [number, pending] of link.pending) {
    const asked = askedHeader(router, link, number, pending);
    sendRouted(router, encodeCancel(router, asked, pending.fromService));
  }
  link.pending.clear();
}

/** Notes that a local service works on a request. */
export function openServing(link: Link, asked: FrameHeader): void {
  let callers = link.serving.get(asked.seed);
  if (callers === undefined) {
    callers = new Map();
    link.serving.set(asked.seed, callers);
  }
  callers.set(asked.number, { node: asked.fromNode, service: asked.fromService });
}

/** Notes that it has answered. */
export function closeServing(link: Link, seed: number, number: number): void {
  const callers = link.serving.get(seed);
  if (callers === undefined) return;
  callers.delete(number);
  if (callers.size === 0 && link.serving.size > 64) link.serving.delete(seed);
}

/** A serving program is gone: its callers hear it now, not at their deadlines. */
export function rejectServed(router: Router, link: Link, service: string): void {
  for (const [seed, callers] of link.serving) {
    for (const [number, caller] of callers) {
      const asked = { fromNode: caller.node, fromService: caller.service, seed, number };
      const error = errorAt(router, 'E_LOST', {
        to: `${router.config.name}:${service}`,
        via: router.config.name,
      });
      const header: FrameHeader = {
        ...{ kind: 0, flags: 0, hops: 0, channel: 0, toNode: 0, toService: 0, timeout: 0 },
        ...asked,
      };
      sendRouted(router, encodeReject(router, header, error));
    }
  }
  link.serving.clear();
}
