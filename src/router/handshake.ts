/** The opening of a link, from either side. What is not expected here closes it with a code. */
import { nextUint32 } from '../base/random.ts';
import { serviceKeyOf } from '../protocol/address.ts';
import { type ErrorData, errorFromData } from '../protocol/errors.ts';
import { At, headOf, Kind } from '../protocol/frame.ts';
import {
  chooseHoldMs,
  type Hello,
  parseHello,
  parseWelcome,
  VERSION_MAX,
  VERSION_MIN,
  type Welcome,
} from '../protocol/handshake.ts';
import { FRAME_BYTES_MAX } from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import { keyOf, type NodeRecord } from '../protocol/record.ts';
import { applyAdvert, placeOf } from './adverts.ts';
import { emitEvent, emitFrame, errorAt } from './emit.ts';
import { dropLink, forgetLink } from './links.ts';
import { findRoute } from './routes.ts';
import { type Link, type Router, selfRecord, wakeBy } from './state.ts';
import { handleWelcomed } from './uplink.ts';

/** Why a child cannot be taken, if so. */
function objectTo(router: Router, record: NodeRecord, realm: string | null): ErrorData | undefined {
  const { name, id, role } = router.config;
  if (role === 'leaf') return errorAt(router, 'E_LEAF_PARENT', { node: name });
  if (realm !== null && router.realm !== null && realm !== router.realm) {
    return errorAt(router, 'E_REALM', { here: router.realm, there: realm });
  }
  if (keyOf(record) === router.key) {
    return record.id === id
      ? errorAt(router, 'E_LOOP', { node: name, child: name })
      : errorAt(router, 'E_NAME_TAKEN', { name: record.name, where: `${name} itself` });
  }
  const known = findRoute(router, keyOf(record));
  if (known !== undefined && known.record.id !== record.id) {
    const where = placeOf(router, known.record.name);
    return errorAt(router, 'E_NAME_TAKEN', { name: record.name, where });
  }
  return undefined;
}

function open(router: Router, link: Link, holdMs: number, nowMs: number): void {
  link.phase = 'open';
  link.holdMs = holdMs;
  link.heardAtMs = nowMs;
  link.pingAtMs = nowMs;
  wakeBy(router, nowMs);
  link.splitter.frameBytesMax = FRAME_BYTES_MAX;
}

function sendWelcome(router: Router, link: Link, holdMs: number, endpoint: string): void {
  const welcome: Welcome = {
    version: VERSION_MAX,
    realm: router.realm,
    record: selfRecord(router),
    depth: router.depth,
    holdMs,
    endpoint,
    seed: link.seed,
  };
  emitFrame(router, link.id, { kind: Kind.WELCOME }, welcome);
}

function takeChild(
  router: Router,
  link: Link,
  hello: Extract<Hello, { as: 'child' }>,
  nowMs: number,
): void {
  const { record } = hello;
  for (const former of router.links.values()) {
    if (former.role !== 'child' || former.peer?.name !== record.name) continue;
    dropLink(router, former, errorAt(router, 'E_REPLACED', { node: record.name }), nowMs);
  }
  link.role = 'child';
  link.peer = record;
  const holdMs = chooseHoldMs(router.config.holdMs, hello.holdMs);
  open(router, link, holdMs, nowMs);
  sendWelcome(router, link, holdMs, '');
  emitEvent(router, { kind: 'childUp', link: link.id, record });
  const parent = router.config.name;
  applyAdvert(router, link, { record: { ...record, parent }, metric: 0 }, nowMs);
}

function takeClient(router: Router, link: Link, holdMs: number, nowMs: number): void {
  const endpoint = `~${++router.endpointNumber}`;
  link.role = 'client';
  link.seed = nextUint32(router.random);
  link.services.set(serviceKeyOf(endpoint), endpoint);
  router.endpoints.set(serviceKeyOf(endpoint), link);
  router.tableVersion++;
  open(router, link, chooseHoldMs(router.config.holdMs, holdMs), nowMs);
  sendWelcome(router, link, link.holdMs, endpoint);
}

function handleHello(router: Router, link: Link, hello: Hello, nowMs: number): void {
  if (hello.versionMin > VERSION_MAX || hello.versionMax < VERSION_MIN) {
    const here = `${VERSION_MIN}-${VERSION_MAX}`;
    const there = `${hello.versionMin}-${hello.versionMax}`;
    dropLink(router, link, errorAt(router, 'E_VERSION', { here, there }), nowMs);
    return;
  }
  if (router.isLeaving) {
    dropLink(router, link, errorAt(router, 'E_LEAVING', { node: router.config.name }), nowMs);
    return;
  }
  if (hello.as === 'client') {
    takeClient(router, link, hello.holdMs, nowMs);
    return;
  }
  const objection = objectTo(router, hello.record, hello.realm);
  if (objection !== undefined) dropLink(router, link, objection, nowMs);
  else takeChild(router, link, hello, nowMs);
}

function handleWelcome(router: Router, link: Link, welcome: Welcome, nowMs: number): void {
  const { realm } = welcome;
  if (router.realm !== null && realm !== null && realm !== router.realm) {
    const values = { here: router.realm, there: realm };
    dropLink(router, link, errorAt(router, 'E_REALM', values), nowMs);
    return;
  }
  link.peer = welcome.record;
  open(router, link, chooseHoldMs(router.config.holdMs, welcome.holdMs), nowMs);
  handleWelcomed(router, link, welcome, nowMs);
}

/** A frame on a link that is not open yet. */
export function handleHandshake(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const kind = frame[At.KIND];
  const head = unpackMap(headOf(frame));
  if (link.phase === 'hello' && kind === Kind.HELLO) {
    const hello = parseHello(head);
    if (hello !== undefined) return handleHello(router, link, hello, nowMs);
  }
  if (link.phase === 'welcome' && kind === Kind.WELCOME) {
    const welcome = parseWelcome(head);
    if (welcome !== undefined) return handleWelcome(router, link, welcome, nowMs);
  }
  if (link.phase === 'welcome' && kind === Kind.REFUSE) {
    const error = errorFromData(head.error).toData();
    router.outputs.push({ kind: 'close', link: link.id, error });
    return forgetLink(router, link, error, nowMs);
  }
  const values = { frame: kind ?? 0, state: link.phase };
  return dropLink(router, link, errorAt(router, 'E_FRAME_UNEXPECTED', values), nowMs);
}
