/**
 * Two runs of one node: of one name and one id. Mostly the earlier one is over, and only words
 * about it are under way. But a home may have been copied, and then both are alive. The later one
 * has the name wherever they meet, and the earlier one is told to go: it must not stay where nobody
 * reaches it. When the later one is forgotten, it is taken again.
 */
import type { ErrorData } from '../protocol/errors.ts';
import { type Advert, keyOf, type NodeRecord } from '../protocol/record.ts';
import { findBranch } from './branch.ts';
import { errorAt } from './emit.ts';
import { sendEvicted } from './joining.ts';
import type { Link } from './link.ts';
import { branchOf, placeOf } from './namesakes.ts';
import { findRoute } from './routes.ts';
import type { Router } from './state.ts';

/** Where the later run of a node is, for people; undefined when none is known of. */
function findLater(router: Router, record: NodeRecord): string | undefined {
  const { name, id, incarnation } = record;
  const known = router.nodes.get(keyOf(record));
  if (known?.record.id === id && known.record.incarnation > incarnation) {
    const place = placeOf(known.record);
    return known.lostAtMs === null ? place : `${place} (lost since)`;
  }
  const departed = router.departed.get(keyOf(record));
  const isLater = departed?.id === id && departed.incarnation > incarnation;
  return isLater ? `${name} (stopped since)` : undefined;
}

/** The error for the earlier one of two runs. */
function earlierError(router: Router, where: string, earlier: NodeRecord): ErrorData {
  const other = placeOf(earlier);
  const place = where === other ? `${where} (another daemon there)` : where;
  return errorAt(router, 'E_ID_TAKEN', { name: earlier.name, where: place, other });
}

/** Why a run of a node cannot be taken, if so: there is, or was a moment ago, a later one. */
export function objectToEarlier(router: Router, record: NodeRecord): ErrorData | undefined {
  const where = findLater(router, record);
  return where === undefined ? undefined : earlierError(router, where, record);
}

/** A word was not believed: if that is because there is a later run, the node is told. */
export function evictEarlier(router: Router, advert: Advert, link: Link): void {
  const error = objectToEarlier(router, advert.record);
  const branch = error && branchOf(router, advert, link);
  if (error !== undefined && branch !== undefined) {
    sendEvicted(router, advert.record, branch, error);
  }
}

/** The former run of a node, and below which child it is. */
export interface Former {
  readonly record: NodeRecord;
  readonly branch: Link;
}

/** The run of a node that a word about a later one will replace, if it is in our tree. */
export function findFormer(router: Router, { record }: Advert): Former | undefined {
  const known = findRoute(router, keyOf(record))?.record;
  if (known?.id !== record.id || known.incarnation >= record.incarnation) return undefined;
  const branch = findBranch(router, known.name);
  return branch && { record: known, branch };
}

/** A later run has replaced it. The child that both are below sees to it by itself. */
export function evictFormer(router: Router, former: Former, advert: Advert, link: Link): void {
  if (former.branch === branchOf(router, advert, link)) return;
  const error = earlierError(router, placeOf(advert.record), former.record);
  sendEvicted(router, former.record, former.branch, error);
}

/** A child has come whose former link still stands: an earlier run at its end is told. */
export function expelFormer(router: Router, former: Link, { name, incarnation }: NodeRecord): void {
  if (former.peer === null || former.peer.incarnation >= incarnation) return;
  const earlier = { ...former.peer, parent: router.config.name };
  const where = placeOf({ ...earlier, name });
  sendEvicted(router, earlier, former, earlierError(router, where, earlier));
}
