/** Programs of this node take names for their services, and say which events they want. */
import { isServiceName, serviceKeyOf } from '../protocol/address.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { At, headOf, Kind } from '../protocol/frame.ts';
import { SERVICES_PER_LINK_MAX, TOPICS_PER_NODE_MAX } from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import { isTopicPattern } from '../protocol/topic.ts';
import { emitEvent, emitFrame, errorAt } from './emit.ts';
import type { Link } from './link.ts';
import { markDirty } from './routes.ts';
import type { Router } from './state.ts';
import { removeService, removeTopic } from './teardown.ts';
import { addOwnWish } from './wishes.ts';

/** Names that this node has given to services of its programs: all of them go into one record. */
function countServices(router: Router): number {
  let count = 0;
  for (const link of router.programs) {
    // The unnamed end of a program is no service; what the node itself has goes without saying.
    if (link.role === 'client') count += link.services.size - 1;
  }
  return count;
}

function objectTo(router: Router, name: unknown): ErrorData | undefined {
  if (typeof name !== 'string' || !isServiceName(name) || name.startsWith('~')) {
    return errorAt(router, 'E_NAME_INVALID', { name: String(name).slice(0, 100) });
  }
  if (router.endpoints.has(serviceKeyOf(name))) {
    return errorAt(router, 'E_SERVICE_TAKEN', { service: name, node: router.config.name });
  }
  if (countServices(router) >= SERVICES_PER_LINK_MAX) {
    return errorAt(router, 'E_TOO_MANY_SERVICES', { max: SERVICES_PER_LINK_MAX });
  }
  return undefined;
}

function confirm(router: Router, link: Link, frame: Buffer, error: ErrorData | undefined): void {
  const number = frame.readUInt32BE(At.NUMBER);
  const head = error === undefined ? {} : { error };
  emitFrame(router, link.id, { kind: Kind.REGISTERED, number }, head);
}

/** Answers REGISTER: the name is free and now taken, or why not. */
export function handleRegister(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const { service: name, socket } = unpackMap(headOf(frame));
  const isOurs = typeof name === 'string' && link.services.get(serviceKeyOf(name)) === name;
  // Who has the name says more of it. A name of a socket has the form of any other.
  if (isOurs && typeof socket === 'string' && isServiceName(socket) && !name.startsWith('~')) {
    emitEvent(router, { kind: 'serviceDirect', service: name, socket });
    return confirm(router, link, frame, undefined);
  }
  const error = objectTo(router, name);
  if (error === undefined) giveName(router, link, String(name), nowMs);
  // Whoever hears that a name is theirs finds it wherever this node tells of it.
  confirm(router, link, frame, error);
}

function giveName(router: Router, link: Link, service: string, nowMs: number): void {
  const key = serviceKeyOf(service);
  link.services.set(key, service);
  router.endpoints.set(key, link);
  markDirty(router, router.key, nowMs);
  emitEvent(router, { kind: 'serviceUp', service });
}

/** The program gives a name back. */
export function handleUnregister(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const name = unpackMap(headOf(frame)).service;
  const isOurs = typeof name === 'string' && !name.startsWith('~');
  if (isOurs) removeService(router, link, serviceKeyOf(name), nowMs);
}

function objectToPattern(router: Router, pattern: unknown): ErrorData | undefined {
  if (typeof pattern !== 'string' || !isTopicPattern(pattern)) {
    return errorAt(router, 'E_TOPIC_INVALID', { topic: String(pattern).slice(0, 100) });
  }
  const { own } = router.wanted;
  if (own.has(pattern) || own.size < TOPICS_PER_NODE_MAX) return undefined;
  return errorAt(router, 'E_TOO_MANY_TOPICS', { max: TOPICS_PER_NODE_MAX });
}

/** Answers SUBSCRIBE: from here on this node has events of the pattern for the program. */
export function handleSubscribe(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const { pattern } = unpackMap(headOf(frame));
  const error = objectToPattern(router, pattern);
  confirm(router, link, frame, error);
  if (error !== undefined) return;
  if (addOwnWish(router, link, String(pattern), nowMs)) markDirty(router, router.key, nowMs);
}

/** The program wants no more of it. */
export function handleUnsubscribe(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const { pattern } = unpackMap(headOf(frame));
  if (typeof pattern === 'string') removeTopic(router, link, pattern, nowMs);
}
