/** The opening of a link, from either side. What is not expected here closes it with a code. */
import { nextUint32 } from '../base/random.ts';
import { serviceKeyOf } from '../protocol/address.ts';
import type { ErrorData } from '../protocol/errors.ts';
import { At, headOf, Kind } from '../protocol/frame.ts';
import {
  chooseHoldMs,
  chooseVersion,
  type Hello,
  parseHello,
  parseWelcome,
  VERSIONS,
  type VersionRange,
  type Welcome,
} from '../protocol/handshake.ts';
import {
  FRAME_BYTES_MAX,
  FULL_RETRY_MS,
  NODES_MAX,
  REDIRECT_URLS_MAX,
  URL_LENGTH_MAX,
} from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import { keyOf, type NodeRecord } from '../protocol/record.ts';
import { admit, bookMs } from './admission.ts';
import { applyAdvert, placeOf } from './adverts.ts';
import { findBranch } from './branch.ts';
import { diallerOf, followRedirect } from './dialling.ts';
import { emitEvent, emitFrame, errorAt } from './emit.ts';
import type { Link } from './link.ts';
import { pingFollowers, pingLink } from './liveness.ts';
import { dropPeer, makePeer, objectToKin, openPeer } from './peers.ts';
import { drawRedirect, findSpare } from './redirect.ts';
import { findRoute } from './routes.ts';
import { parentLink, type Router, selfRecord } from './state.ts';
import { dropLink, forgetLink, handleFarewell } from './teardown.ts';
import { expelFormer, objectToEarlier } from './twins.ts';
import { handleWelcomed, isNoBetter } from './uplink.ts';
import { greetChild } from './wishes.ts';

/** Where another node has the name, if it is known here: what is for one would go to the other. */
function placeOfNamesake(router: Router, record: NodeRecord): string | undefined {
  const { name } = router.config;
  const key = keyOf(record);
  if (key === router.key) return `${name} itself`;
  const parent = parentLink(router)?.peer ?? null;
  if (parent !== null && keyOf(parent) === key && parent.id !== record.id) {
    return `${parent.name}, the parent of ${name}`;
  }
  const known = findRoute(router, key);
  const isOther = known !== undefined && known.record.id !== record.id;
  return isOther ? placeOf(router, record.name) : undefined;
}

/** Why a name cannot be a neighbour's, if so. */
function objectToName(router: Router, record: NodeRecord): ErrorData | undefined {
  const where = placeOfNamesake(router, record);
  if (where === undefined) return undefined;
  const other = `${router.config.name}/${record.name}`;
  // Both would be linked to this node: then it is the one that was there before.
  const place = where === other ? `${where} (linked before)` : where;
  return errorAt(router, 'E_NAME_TAKEN', { name: record.name, where: place, other });
}

/** Why a child cannot be taken, if so. */
function objectToChild(
  router: Router,
  record: NodeRecord,
  realm: string | null,
): ErrorData | undefined {
  const { name, role } = router.config;
  if (role === 'leaf') return errorAt(router, 'E_LEAF_PARENT', { node: name });
  if (realm !== null && router.realm !== null && realm !== router.realm) {
    return errorAt(router, 'E_REALM', { here: router.realm, there: realm });
  }
  if (router.nodes.size >= NODES_MAX && !router.nodes.has(keyOf(record))) {
    return errorAt(router, 'E_TOO_MANY_NODES', { max: NODES_MAX });
  }
  const isUs = keyOf(record) === router.key && record.id === router.config.id;
  if (isUs || parentLink(router)?.peer?.id === record.id) {
    return errorAt(router, 'E_LOOP', { node: name, child: record.name });
  }
  return objectToEarlier(router, { ...record, parent: name }) ?? objectToName(router, record);
}

function open(router: Router, link: Link, holdMs: number, nowMs: number): void {
  router.opening.delete(link);
  link.phase = 'open';
  link.holdMs = holdMs;
  link.heardAtMs = nowMs;
  link.splitter.frameBytesMax = FRAME_BYTES_MAX;
}

/** The error for one who must come again: each is told a later time. */
export function busyError(router: Router, nowMs: number): ErrorData {
  const retryAfterMs = bookMs(router.admission, nowMs);
  return errorAt(router, 'E_BUSY', { node: router.config.name, retryAfterMs });
}

/** Whether there is no place for a child, unless another one gives up its own. */
function isFullFor({ children, config }: Router, record: NodeRecord): boolean {
  return children.size >= config.childrenMax && !children.has(keyOf(record));
}

/** Sends a child on to others, or away when there are none. */
function sendOn(router: Router, link: Link, record: NodeRecord, nowMs: number): void {
  const { name, childrenMax } = router.config;
  const values = { node: name, max: childrenMax };
  const urls = drawRedirect(router, record.id, nowMs);
  if (urls.length === 0) {
    const later = { ...values, retryAfterMs: FULL_RETRY_MS };
    return dropLink(router, link, errorAt(router, 'E_FULL', later), nowMs);
  }
  // Whoever is named may be gone, which this node is the next to know: it is asked again soon.
  const error = errorAt(router, 'E_FULL', values);
  emitFrame(router, link.id, { kind: Kind.REDIRECT }, { urls, error });
  router.outputs.push({ kind: 'close', link: link.id, error });
  forgetLink(router, link, error, nowMs);
}

/** A child has come for which there is no room: another one goes, and will be sent on to it. */
function yieldPlace(router: Router, spare: Link, { name: child }: NodeRecord, nowMs: number): void {
  const { name, childrenMax } = router.config;
  if (router.children.size <= childrenMax) return;
  router.havens = null;
  dropLink(router, spare, errorAt(router, 'E_PLACE_GIVEN', { node: name, child }), nowMs);
}

function sendWelcome(router: Router, link: Link, endpoint: string): void {
  const welcome: Welcome = {
    version: link.version,
    realm: router.realm,
    // Its services and topics would be of no use there, and there may be too many for a head.
    record: { ...selfRecord(router), services: [], topics: [] },
    depth: router.depth,
    top: router.top,
    holdMs: link.holdMs,
    endpoint,
    seed: link.seed,
  };
  emitFrame(router, link.id, { kind: Kind.WELCOME }, welcome);
}

type NodesHello = Extract<Hello, { as: 'child' | 'peer' }>;

function takePeer(router: Router, link: Link, hello: NodesHello, nowMs: number): void {
  const { record } = hello;
  const objection = objectToKin(router, record) ?? objectToName(router, record);
  if (objection !== undefined) return dropLink(router, link, objection, nowMs);
  if (!admit(router.admission, nowMs)) {
    return dropLink(router, link, busyError(router, nowMs), nowMs);
  }
  if (!makePeer(router, link, record, nowMs)) return;
  open(router, link, chooseHoldMs(router.config.holdMs, hello.holdMs), nowMs);
  sendWelcome(router, link, '');
  openPeer(router, link, record, nowMs);
}

function takeChild(router: Router, link: Link, hello: NodesHello, nowMs: number): void {
  const { record } = hello;
  const objection = objectToChild(router, record, hello.realm);
  if (objection !== undefined) return dropLink(router, link, objection, nowMs);
  const isFull = isFullFor(router, record);
  const spare = isFull ? findSpare(router, record) : undefined;
  if (isFull && spare === undefined) return sendOn(router, link, record, nowMs);
  if (!admit(router.admission, nowMs)) {
    return dropLink(router, link, busyError(router, nowMs), nowMs);
  }
  dropPeer(router, record, 'a child of', nowMs);
  const key = keyOf(record);
  const former = router.children.get(key);
  if (former !== undefined) {
    expelFormer(router, former, record);
    dropLink(router, former, errorAt(router, 'E_REPLACED', { node: record.name }), nowMs);
  }
  link.role = 'child';
  link.peer = record;
  router.children.set(key, link);
  greetChild(router, link, nowMs);
  open(router, link, chooseHoldMs(router.config.holdMs, hello.holdMs), nowMs);
  sendWelcome(router, link, '');
  pingLink(router, link, nowMs);
  emitEvent(router, { kind: 'childUp', link: link.id, record });
  const parent = router.config.name;
  applyAdvert(router, link, { record: { ...record, parent }, metric: 0 }, nowMs);
  if (spare !== undefined) yieldPlace(router, spare, record, nowMs);
}

function takeClient(router: Router, link: Link, holdMs: number, nowMs: number): void {
  const endpoint = `~${++router.endpointNumber}`;
  link.role = 'client';
  link.seed = nextUint32(router.random);
  link.services.set(serviceKeyOf(endpoint), endpoint);
  router.endpoints.set(serviceKeyOf(endpoint), link);
  router.programs.add(link);
  router.tableVersion++;
  open(router, link, chooseHoldMs(router.config.holdMs, holdMs), nowMs);
  sendWelcome(router, link, endpoint);
}

function versionError(router: Router, { versionMin, versionMax }: VersionRange): ErrorData {
  const here = `${VERSIONS.versionMin}-${VERSIONS.versionMax}`;
  return errorAt(router, 'E_VERSION', { here, there: `${versionMin}-${versionMax}` });
}

function handleHello(router: Router, link: Link, hello: Hello, nowMs: number): void {
  const version = chooseVersion(VERSIONS, hello);
  if (version === undefined) {
    return dropLink(router, link, versionError(router, hello), nowMs);
  }
  link.version = version;
  if (router.isLeaving) {
    dropLink(router, link, errorAt(router, 'E_LEAVING', { node: router.config.name }), nowMs);
    return;
  }
  if (hello.as === 'client') takeClient(router, link, hello.holdMs, nowMs);
  else if (hello.as === 'peer') takePeer(router, link, hello, nowMs);
  else takeChild(router, link, hello, nowMs);
}

/** Why a parent is none for this node, if so. */
function objectToParent(router: Router, welcome: Welcome): ErrorData | undefined {
  const { realm, record } = welcome;
  if (router.realm !== null && realm !== null && realm !== router.realm) {
    return errorAt(router, 'E_REALM', { here: router.realm, there: realm });
  }
  if (isNoBetter(router, welcome.top)) {
    return errorAt(router, 'E_PARENT_CUT_OFF', { node: record.name, ms: 0 });
  }
  const isSame = findRoute(router, keyOf(record))?.record.id === record.id;
  if (!isSame || findBranch(router, record.name) === undefined) return undefined;
  return errorAt(router, 'E_LOOP', { node: record.name, child: router.config.name });
}

function handlePeerWelcome(router: Router, link: Link, welcome: Welcome, nowMs: number): void {
  const { record } = welcome;
  const objection = objectToKin(router, record) ?? objectToName(router, record);
  if (objection !== undefined) return dropLink(router, link, objection, nowMs);
  if (makePeer(router, link, record, nowMs)) openPeer(router, link, record, nowMs);
}

function handleWelcome(router: Router, link: Link, welcome: Welcome, nowMs: number): void {
  const { version } = welcome;
  const spoken = { versionMin: version, versionMax: version };
  if (chooseVersion(VERSIONS, spoken) === undefined) {
    return dropLink(router, link, versionError(router, spoken), nowMs);
  }
  link.version = version;
  open(router, link, chooseHoldMs(router.config.holdMs, welcome.holdMs), nowMs);
  if (link.id !== router.uplink.link) return handlePeerWelcome(router, link, welcome, nowMs);
  const objection = objectToParent(router, welcome);
  if (objection !== undefined) return dropLink(router, link, objection, nowMs);
  dropPeer(router, welcome.record, 'the parent of', nowMs);
  link.peer = welcome.record;
  handleWelcomed(router, link, welcome, nowMs);
  pingLink(router, link, nowMs);
  pingFollowers(router, nowMs);
}

/** Instead of taking us the other side names others. */
function handleRedirect(router: Router, link: Link, frame: Buffer, nowMs: number): void {
  const { urls } = unpackMap(headOf(frame));
  const dialler = diallerOf(router, link.id);
  const isUrl = (url: unknown) => typeof url === 'string' && url.length <= URL_LENGTH_MAX;
  const named = (Array.isArray(urls) ? urls.filter(isUrl) : []).slice(0, REDIRECT_URLS_MAX);
  if (dialler !== undefined) followRedirect(dialler, named, nowMs);
  handleFarewell(router, link, frame, nowMs);
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
    return handleFarewell(router, link, frame, nowMs);
  }
  if (link.phase === 'welcome' && kind === Kind.REDIRECT) {
    return handleRedirect(router, link, frame, nowMs);
  }
  const values = { frame: kind ?? 0, state: link.phase };
  return dropLink(router, link, errorAt(router, 'E_FRAME_UNEXPECTED', values), nowMs);
}
