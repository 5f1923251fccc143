/**
 * Asking after requests. What breaks beyond the parent a node does not see: it asks the nodes that
 * answer its programs, every few seconds and for all requests at once, whether they are at work on
 * them. A probe that cannot go on comes back as a REJECT, and takes those requests along; a probe
 * that arrives is answered when there are requests that nobody works on: they, or their outcomes,
 * were lost on the way.
 *
 * The body of a probe is a list of requests, twelve bytes each: service, seed, number. Its id is
 * the node that is asked, so that a REJECT says which one that was.
 */
import type { NodeKey, ServiceKey } from '../protocol/address.ts';
import { errorFromData } from '../protocol/errors.ts';
import {
  At,
  bodyOf,
  decodeHeader,
  encodeFrame,
  Flag,
  type FrameHeader,
  headOf,
  Kind,
  readNodeKey,
} from '../protocol/frame.ts';
import { HOPS_MAX, PROBE_MS, PROBE_REQUESTS_MAX } from '../protocol/limits.ts';
import { unpackMap } from '../protocol/pack.ts';
import { wasBesideSince } from './beside.ts';
import { emitNotice, emitSend } from './emit.ts';
import { forgetHint, forgetHintsTo } from './hints.ts';
import { isHeld } from './holding.ts';
import type { Link, Pending } from './link.ts';
import { type Loss, lossBy, lossHere } from './loss.ts';
import { losePending } from './pending.ts';
import { askerOf, isServed } from './serving.ts';
import type { Router } from './state.ts';
import { findWay, type Way } from './ways.ts';

const ENTRY_BYTES = 12;
/** In the id of a probe to the nearest of a service: no node key has so large an upper half. */
const NEAREST_MARK = 0x1_0000;

/** Whom a request is with: a node, or, while that is not known, the nearest of a service. */
interface Answerer {
  readonly toNode: NodeKey;
  readonly toService: ServiceKey;
  readonly requests: { readonly link: Link; readonly number: number; readonly pending: Pending }[];
  /** Services of which it is remembered that this node has them. */
  readonly services: ServiceKey[];
}

/**
 * Whether nothing but a probe may tell about a request: it went to the parent or to a peer, or the
 * answer may come by another way than the request went. Where no way has led over peers since then,
 * it cannot.
 */
function isFar(router: Router, { via, sentAtMs }: Pending): boolean {
  if (via.role === 'child') return wasBesideSince(router, sentAtMs);
  return via.role === 'parent' || via.role === 'peer';
}

function idOf(toNode: NodeKey, toService: ServiceKey): { seed: number; number: number } {
  if (toNode === 0) return { seed: NEAREST_MARK, number: toService };
  return { seed: Math.floor(toNode / 2 ** 32), number: toNode % 2 ** 32 };
}

function idText({ seed, number }: { seed: number; number: number }): string {
  return `${seed} ${number}`;
}

function answererOf(all: Map<string, Answerer>, toNode: NodeKey, service: ServiceKey): Answerer {
  const toService = toNode === 0 ? service : 0;
  const key = idText(idOf(toNode, toService));
  const known = all.get(key);
  if (known !== undefined) return known;
  const answerer = { toNode, toService, requests: [], services: [] };
  all.set(key, answerer);
  return answerer;
}

/** The requests that went to the parent, by whom they are with, and what else is to be asked. */
function collect(router: Router, nowMs: number): Map<string, Answerer> {
  const answerers = new Map<string, Answerer>();
  for (const link of router.programs) {
    for (const [number, pending] of link.pending) {
      if (!isFar(router, pending) || pending.sentAtMs + PROBE_MS > nowMs) continue;
      const { requests } = answererOf(answerers, pending.toNode, pending.toService);
      requests.push({ link, number, pending });
    }
  }
  for (const [service, { node }] of router.hints) {
    answererOf(answerers, node, service).services.push(service);
  }
  return answerers;
}

function writeEntry(body: Buffer, at: number, entry: Entry): void {
  for (const [index, value] of entry.entries()) body.writeUInt32BE(value, at + 4 * index);
}

type Entry = readonly [service: ServiceKey, seed: number, number: number];

/** What a node is asked. Whether it has a service: an entry without an id. */
function entriesFor({ requests, services }: Answerer): Entry[] {
  const all = requests.map(({ pending, number }): Entry => {
    return [pending.toService, pending.seed, number];
  });
  return [...all, ...services.map((service): Entry => [service, 0, 0])];
}

function encodeEntries(entries: readonly Entry[]): Buffer {
  const body = Buffer.allocUnsafe(entries.length * ENTRY_BYTES);
  for (const [index, entry] of entries.entries()) writeEntry(body, index * ENTRY_BYTES, entry);
  return body;
}

/** By which way to ask: the nearest of a service may be another one by now, so as the request. */
function wayTo(router: Router, { toNode, toService, requests }: Answerer): Way {
  const link = requests[0]?.pending.via;
  if (toNode === 0 && link !== undefined) return { link, node: toNode, mark: 0 };
  return findWay(router, { toNode, toService });
}

/** What is with a node that cannot be reached is lost. */
function loseAnswerer(router: Router, answerer: Answerer, loss: Loss): void {
  const { toNode, requests } = answerer;
  for (const { link, number } of requests) losePending(router, link, number, loss);
  if (toNode !== 0) forgetHintsTo(router, toNode);
}

/** Tells programs that they are asked after: who streams has a look whether anything moves. */
function remind(router: Router, { requests }: Answerer): void {
  for (const { link, number, pending } of requests) {
    const { fromService: toService, seed, isReport } = pending;
    if (isReport) continue;
    const id = { seed, number, toNode: router.key, toService, fromNode: router.key };
    emitSend(router, link.id, encodeFrame({ kind: Kind.PROBE, flags: Flag.RESPONSE, ...id }));
  }
}

function sendProbe(router: Router, answerer: Answerer): void {
  const { toNode, toService } = answerer;
  const to = wayTo(router, answerer);
  if ('error' in to) return loseAnswerer(router, answerer, lossBy(router, to.error));
  remind(router, answerer);
  const entries = entriesFor(answerer);
  const hops = HOPS_MAX | to.mark;
  const fields = { kind: Kind.PROBE, hops, toNode, toService, fromNode: router.key };
  for (let at = 0; at < entries.length; at += PROBE_REQUESTS_MAX) {
    const body = encodeEntries(entries.slice(at, at + PROBE_REQUESTS_MAX));
    emitSend(
      router,
      to.link.id,
      encodeFrame({ ...fields, ...idOf(toNode, toService) }, undefined, body),
    );
  }
}

function hasQuestions(router: Router): boolean {
  if (router.hints.size > 0) return true;
  for (const link of router.programs) {
    for (const pending of link.pending.values()) if (isFar(router, pending)) return true;
  }
  return false;
}

/** Asks after the requests that went to the parent. Returns when to do so again. */
export function sendProbes(router: Router, nowMs: number): number {
  for (const answerer of collect(router, nowMs).values()) sendProbe(router, answerer);
  return hasQuestions(router) ? nowMs + PROBE_MS : Number.POSITIVE_INFINITY;
}

/** Whether a PROBE, or a REJECT, is for this router: its service key says so. */
export function isProbeForRouter(router: Router, view: DataView, at: number): boolean {
  const toNode = readNodeKey(view, at + At.TO_NODE);
  const toService = view.getUint32(at + At.TO_SERVICE);
  if (toNode === router.key && toService === 0) return true;
  // One for the nearest: it may say by now which one that is.
  if (toNode !== 0 && toNode !== router.key) return false;
  return view.getUint8(at + At.KIND) === Kind.PROBE && router.endpoints.has(toService);
}

function* readEntries(body: Buffer): Iterable<Entry> {
  for (let at = 0; at + ENTRY_BYTES <= body.length; at += ENTRY_BYTES) {
    yield [body.readUInt32BE(at), body.readUInt32BE(at + 4), body.readUInt32BE(at + 8)];
  }
}

function isKnown(router: Router, asker: NodeKey, [service, seed, number]: Entry): boolean {
  if (seed === 0 && number === 0) return router.endpoints.has(service);
  const key = askerOf(seed, asker);
  return isServed(router, service, key, number) || isHeld(router, key, number);
}

/** Answers a probe: with what is not so here, if there is any. */
function answerProbe(router: Router, header: FrameHeader, frame: Buffer): void {
  const { fromNode, seed, number } = header;
  const all = [...readEntries(bodyOf(frame))];
  const unknown = all.filter((entry) => !isKnown(router, fromNode, entry));
  if (unknown.length === 0) return;
  const fields = { kind: Kind.PROBE, flags: Flag.RESPONSE, toNode: fromNode };
  const source = { fromNode: router.key, seed, number };
  emitNotice(router, encodeFrame({ ...fields, ...source }, undefined, encodeEntries(unknown)));
}

/** What a node does not know of is lost, if it is still thought to be there. */
function takeProbeAnswer(router: Router, header: FrameHeader, frame: Buffer): void {
  const asked = idText(header);
  const loss = lossHere(router, 'has heard that nobody there works on it any more');
  for (const [service, seed, number] of readEntries(bodyOf(frame))) {
    if (seed === 0 && number === 0) forgetHint(router, service, header.fromNode);
    for (const link of router.programs) {
      const pending = link.pending.get(number);
      if (pending?.seed !== seed || pending.toService !== service) continue;
      const toService = pending.toNode === 0 ? service : 0;
      if (idText(idOf(pending.toNode, toService)) === asked) {
        losePending(router, link, number, loss);
      }
    }
  }
}

/** A PROBE, or the answer to one, that has come to where it is for. */
export function handleProbe(router: Router, _: Link, frame: Buffer): void {
  const header = decodeHeader(frame);
  // Those of programs have a service as their source: none of them may ask.
  if (header.fromService !== 0) router.counters.rejected++;
  else if ((header.flags & Flag.RESPONSE) !== 0) takeProbeAnswer(router, header, frame);
  else answerProbe(router, header, frame);
}

/** A probe could not go on: what it asked after is lost. */
export function handleProbeReject(router: Router, _: Link, frame: Buffer, nowMs: number): void {
  const asked = idText(decodeHeader(frame));
  const error = errorFromData(unpackMap(headOf(frame)).error);
  const answerer = collect(router, nowMs).get(asked);
  if (answerer !== undefined) loseAnswerer(router, answerer, lossBy(router, error));
}
