/** What comes in about the nodes: into the table, or, while the screen stands still, held back. */
import type { NodeStatus, WatchRecord } from '../protocol/status.ts';
import { showHeldEvents } from './event-log.ts';
import { type Model, tell } from './model.ts';
import { plantTable, putNode, removeNode, totalsOf } from './node-table.ts';

function plant(model: Model, realm: string, nodes: readonly NodeStatus[], nowMs: number): void {
  model.realm = realm;
  const { shape, offers } = model.nodes;
  model.nodes = plantTable(nodes, nowMs, shape + 1);
  model.nodes.offers += offers;
  model.totals = totalsOf(model.nodes);
  for (const name of model.folded) {
    if (!model.nodes.slots.has(name)) model.folded.delete(name);
  }
}

function apply(model: Model, record: WatchRecord, nowMs: number): void {
  model.updatedAtMs = nowMs;
  model.haveValuesChanged = true;
  if (record.type === 'snapshot') {
    model.isCutOff = record.isCutOff === true;
    plant(model, record.realm, record.nodes, nowMs);
  } else if (record.type === 'node') {
    putNode(model.nodes, record.node, nowMs);
  } else {
    model.folded.delete(record.name);
    removeNode(model.nodes, record.name);
  }
}

function hold({ held }: Model, record: WatchRecord, nowMs: number): void {
  held.atMs = nowMs;
  if (record.type === 'snapshot') {
    held.snapshot = record;
    held.changes.clear();
  } else if (record.type === 'node') {
    held.changes.set(record.node.name, record.node);
  } else {
    held.changes.set(record.name, null);
  }
}

/** Makes a change, and says so when the node under the cursor goes by it: another has its row. */
function sayGone(model: Model, nowMs: number, change: () => void): void {
  const { selected } = model.state;
  const wasThere = selected !== null && model.nodes.slots.has(selected);
  change();
  if (wasThere && !model.nodes.slots.has(selected)) tell(model, `${selected} is gone`, nowMs);
}

/** Takes in a record that came at `nowMs`. The first one after a loss is a snapshot. */
export function takeRecord(model: Model, record: WatchRecord, nowMs: number): void {
  if (record.type === 'snapshot') model.link = { state: 'live' };
  if (model.pausedAtMs !== null) hold(model, record, nowMs);
  else sayGone(model, nowMs, () => apply(model, record, nowMs));
}

function applyAll(model: Model, nowMs: number): void {
  const { held } = model;
  if (held.snapshot !== null) apply(model, held.snapshot, held.atMs ?? nowMs);
  for (const [name, node] of held.changes) {
    const record: WatchRecord = node === null ? { type: 'gone', name } : { type: 'node', node };
    apply(model, record, held.atMs ?? nowMs);
  }
  held.snapshot = null;
  held.changes.clear();
  held.atMs = null;
}

/** Shows what was held back. */
export function applyHeld(model: Model, nowMs: number): void {
  sayGone(model, nowMs, () => applyAll(model, nowMs));
  showHeldEvents(model);
}
