/**
 * Whatever comes in and whatever is pressed, the screen is the one that a viewer who had heard only
 * the end of it would see, with the same folds, filter and cursor.
 */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseEvent } from '../../src/client/events.ts';
import type { ListedFlag } from '../../src/protocol/flag.ts';
import type { NodeStatus, WatchRecord } from '../../src/protocol/status.ts';
import { settle, showView } from '../../src/tui/cursor.ts';
import { bindingsOf } from '../../src/tui/keys.ts';
import { createModel, type Model } from '../../src/tui/model.ts';
import { drawScreen } from '../../src/tui/screen.ts';
import { type Event, update } from '../../src/tui/update.ts';
import { flatView } from '../../src/tui/views/flat.ts';
import { VIEWS } from '../../src/tui/views/index.ts';
import { treeView } from '../../src/tui/views/tree.ts';
import { modelOf, NOW_MS, nodeOf } from './nodes.ts';

const NAMES = Array.from({ length: 14 }, (_, index) => `n${index + 1}`);
const SIZES = [
  { columns: 80, rows: 24 },
  { columns: 60, rows: 8 },
  { columns: 133, rows: 11 },
  { columns: 161, rows: 30 },
  { columns: 50, rows: 10 },
];

const aName = fc.constantFrom(...NAMES);
const aNode: fc.Arbitrary<NodeStatus> = fc
  .record({
    name: aName,
    parent: fc.oneof(fc.constant(null), aName, fc.constant('unknown')),
    role: fc.constantFrom('root', 'agent', 'leaf'),
    state: fc.constantFrom('up', 'lost'),
    services: fc.subarray(['dagent', 'n1', 'http']),
    rttMs: fc.constantFrom(null, 0.2, 40),
  })
  .map(({ name, ...more }) => nodeOf(name, more));
const aRecord: fc.Arbitrary<WatchRecord> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(aNode, { selector: ({ name }) => name })
      .map((nodes) => ({ type: 'snapshot' as const, realm: 'demo', nodes })),
  },
  { weight: 8, arbitrary: aNode.map((node) => ({ type: 'node' as const, node })) },
  { weight: 3, arbitrary: aName.map((name) => ({ type: 'gone' as const, name })) },
);
const KEYS = bindingsOf(modelOf([]))
  .flatMap(({ keys }) => keys)
  .filter((key) => key !== 'p');
const aFlag = fc.constantFrom('down', 'full', 'late').map((flag): ListedFlag => {
  const key = { service: 'orders', section: 'db', flag };
  const more = { priority: 'error', state: 'raised', tags: [], message: '', count: 1 } as const;
  const told = { isManual: false, firstAtMs: NOW_MS, lastAtMs: NOW_MS, by: 'n1:orders' };
  return { node: 'n1', nodeState: 'up', ...key, ...more, ...told };
});
const someFlags: fc.Arbitrary<Event> = fc
  .uniqueArray(aFlag, { selector: ({ flag }) => flag })
  .map((flags) => {
    const fetch = { source: 'flags', nodes: [] } as const;
    return { kind: 'fetched', fetch, answer: { value: { flags, omitted: 0 } } };
  });
const aHappening: fc.Arbitrary<Event> = fc.record({ seq: fc.nat(30), node: aName }).map((each) => {
  const at = new Date(NOW_MS).toISOString();
  const record = { type: 'event', seenBy: 'n1', at, event: 'node-up', ...each };
  return { kind: 'happened', events: [parseEvent(record)!] };
});
const anEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 2, arbitrary: someFlags },
  { weight: 2, arbitrary: aHappening },
  { weight: 6, arbitrary: aRecord.map((record) => ({ kind: 'record' as const, record })) },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(...KEYS, 'n', 'p', '>', '>')
      .map((key) => ({ kind: 'key' as const, key })),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...SIZES).map((size) => ({ kind: 'resized' as const, size })),
  },
);

/** The nodes that are left when the records were heard in their order. */
function replay(events: readonly Event[]): NodeStatus[] {
  const nodes = new Map<string, NodeStatus>();
  for (const event of events) {
    if (event.kind !== 'record') continue;
    const { record } = event;
    if (record.type === 'snapshot') {
      nodes.clear();
      for (const node of record.nodes) nodes.set(node.name, node);
    } else if (record.type === 'node') {
      nodes.set(record.node.name, record.node);
    } else {
      nodes.delete(record.name);
    }
  }
  return [...nodes.values()];
}

/** A model that has heard of the nodes at once, and is looked at in the same way as `other`. */
function rebuild(nodes: readonly NodeStatus[], other: Model): Model {
  const model = createModel({ views: VIEWS, size: other.size, hasColour: false, isAscii: false });
  const record: WatchRecord = { type: 'snapshot', realm: other.realm, nodes };
  update(model, { kind: 'record', record }, NOW_MS);
  // Since when a node is lost, only who saw it go can tell.
  for (const [name, slot] of model.nodes.slots) {
    model.nodes.lostAtMs[slot] = other.nodes.lostAtMs[other.nodes.slots.get(name)!]!;
  }
  showView(model, other.view);
  Object.assign(model.state, { ...other.state, rows: undefined });
  const { mode, pane, modeBehind, sortIndex, detailsOffset, helpOffset } = other;
  const { folded, link, updatedAtMs, fetched, eventLog } = other;
  Object.assign(model, { mode, pane, modeBehind, sortIndex, detailsOffset, helpOffset });
  const { command, notice, outputs, outputId, prompt, lastAnswers } = other;
  Object.assign(model, { command, notice, outputs, outputId, prompt, lastAnswers });
  return Object.assign(model, { folded, link, updatedAtMs, fetched, eventLog });
}

/** Draws as often as `everyCount` events, so that frames come between them or do not. */
function play(events: readonly Event[], everyCount: number): Model {
  const model = createModel({ views: VIEWS, size: SIZES[0]!, hasColour: false, isAscii: false });
  events.forEach((event, index) => {
    update(model, event, NOW_MS);
    if (index % everyCount === 0) drawScreen(model, NOW_MS);
  });
  if (model.pausedAtMs !== null) {
    model.mode = 'rows';
    update(model, { kind: 'key', key: 'p' }, NOW_MS);
  }
  // What is sorted by values follows them once a second.
  update(model, { kind: 'tick' }, NOW_MS);
  return model;
}

const someEvents = fc.array(anEvent, { maxLength: 120, size: 'max' });

test('any sequence of records and keys ends on the screen of a fresh start', () => {
  const property = fc.property(someEvents, fc.integer({ min: 1, max: 20 }), (events, every) => {
    const model = play(events, every);
    const lines = drawScreen(model, NOW_MS);
    const fresh = rebuild(replay(events), model);
    assert.equal(lines, drawScreen(fresh, NOW_MS));
    assert.equal(model.nodes.tallies, fresh.nodes.tallies);
  });
  fc.assert(property, { numRuns: 400 });
});

test('the cursor is on a row that is there and can be seen', () => {
  const property = fc.property(someEvents, (events) => {
    const model = play(events, 3);
    const lines = drawScreen(model, NOW_MS);
    const rows = settle(model);
    const { selected, selectedIndex } = model.state;
    const id = selectedIndex < rows.count ? rows.id(selectedIndex) : null;
    // Details of who is gone stay until the cursor is moved.
    if (model.pane === 'details' && selected !== null && !model.nodes.slots.has(selected)) return;
    assert.is(id, selected);
    const isReversed = (line: string) => line.startsWith('\x1b[7m');
    const areRows = ['rows', 'filter'].includes(model.mode) && model.size.columns >= 60;
    if (areRows) assert.is(lines.filter(isReversed).length, rows.count > 0 ? 1 : 0);
  });
  fc.assert(property, { numRuns: 200 });
});

test('every node is on the screen once when nothing is folded or filtered', () => {
  const property = fc.property(someEvents, (events) => {
    const model = play(events, 5);
    update(model, { kind: 'resized', size: { columns: 80, rows: 40 } }, NOW_MS);
    for (const view of [treeView, flatView]) {
      showView(model, view);
      Object.assign(model.state, { filter: '', rows: undefined });
      update(model, { kind: 'key', key: '*' }, NOW_MS);
      const rows = settle(model);
      const names = Array.from({ length: rows.count }, (_, index) => rows.id(index));
      const known = replay(events).map(({ name }) => name);
      assert.equal(names.sort(), known.sort());
    }
  });
  fc.assert(property, { numRuns: 200 });
});

test.run();
