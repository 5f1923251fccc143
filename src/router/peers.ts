/**
 * Peers: neighbours that are neither above nor below, of this realm or another. Each tells the
 * other all that it reaches. Between two nodes there is one such link at most, and none beside a
 * link of the tree.
 */
import type { ErrorData } from '../protocol/errors.ts';
import { keyOf, type NodeRecord } from '../protocol/record.ts';
import { reviewGateway } from './bridging.ts';
import { diallerOf, holdFormer, holdLink } from './dialling.ts';
import { emitEvent, errorAt } from './emit.ts';
import type { Link } from './link.ts';
import { pingLink } from './liveness.ts';
import { parentLink, type Router } from './state.ts';
import { dropLink } from './teardown.ts';
import { announceAll } from './untold.ts';

function kinError(router: Router, record: NodeRecord, kin: string): ErrorData {
  return errorAt(router, 'E_PEER_IS_KIN', { node: record.name, kin, here: router.config.name });
}

/** Why a node that stands above or below, or is this one, cannot be a peer. */
export function objectToKin(router: Router, record: NodeRecord): ErrorData | undefined {
  const { id } = record;
  if (id === router.config.id) return kinError(router, record, 'the same node as');
  if (id === parentLink(router)?.peer?.id) return kinError(router, record, 'the parent of');
  const isChild = router.children.get(keyOf(record))?.peer?.id === id;
  return isChild ? kinError(router, record, 'a child of') : undefined;
}

/** A peer became parent or child: the link of the tree is enough. */
export function dropPeer(router: Router, record: NodeRecord, kin: string, nowMs: number): void {
  const link = router.peers.get(keyOf(record));
  if (link?.peer?.id === record.id) dropLink(router, link, kinError(router, record, kin), nowMs);
}

/**
 * Whether a new link to a peer must go for the one that there is. Where both sides have dialled,
 * the link that the smaller id dialled stays: so both choose the same one. Where one side has
 * dialled twice, by two URLs or because it came back, the former one stays while it is alive.
 */
function isSurplus(router: Router, link: Link, former: Link, nowMs: number): boolean {
  const id = former.peer?.id ?? '';
  const isOursToKeep = router.config.id < id;
  if (link.isDialled !== former.isDialled) return link.isDialled !== isOursToKeep;
  const isSameRun = link.peer?.incarnation === former.peer?.incarnation;
  return isSameRun && nowMs - former.heardAtMs < former.holdMs / 2;
}

/** The error for the surplus one of two links between two peers. */
function linkedError(router: Router, there: string): ErrorData {
  return errorAt(router, 'E_PEER_LINKED', { here: router.config.name, there });
}

/**
 * Makes room for a new link to the node `link.peer`: false when the link itself must go, and is
 * gone.
 */
export function makePeer(router: Router, link: Link, record: NodeRecord, nowMs: number): boolean {
  link.peer = record;
  const key = keyOf(record);
  const former = router.peers.get(key);
  if (former !== undefined && isSurplus(router, link, former, nowMs)) {
    // Whoever dialled has what it wanted: it looks after the link that stands.
    const dialler = diallerOf(router, link.id);
    if (dialler !== undefined) holdFormer(router, dialler, former, nowMs);
    dropLink(router, link, linkedError(router, record.name), nowMs);
    return false;
  }
  link.role = 'peer';
  link.realm = record.realm;
  router.peers.set(key, link);
  if (former !== undefined) dropLink(router, former, linkedError(router, record.name), nowMs);
  return true;
}

/** The link to a peer stands: each tells the other what it reaches. */
export function openPeer(router: Router, link: Link, record: NodeRecord, nowMs: number): void {
  const dialler = diallerOf(router, link.id);
  if (dialler !== undefined) holdLink(dialler, link, nowMs);
  router.tableVersion++;
  pingLink(router, link, nowMs);
  announceAll(router, link, nowMs);
  reviewGateway(router, nowMs);
  emitEvent(router, { kind: 'peerUp', record });
}
