/** Nodes, models and screens for the tests of `dagent top`: all at one fixed instant. */
import { stripVTControlCharacters } from 'node:util';
import type { NodeStatus } from '../../src/protocol/status.ts';
import { createModel, type Model, type ModelOptions } from '../../src/tui/model.ts';
import { drawScreen } from '../../src/tui/screen.ts';
import { update } from '../../src/tui/update.ts';
import { VIEWS } from '../../src/tui/views/index.ts';

/** The instant of the tests: 2027-01-15 08:00 UTC. */
export const NOW_MS = 1_800_000_000_000;
const GIB = 1024 ** 3;

export function nodeOf(name: string, more: Partial<NodeStatus> = {}): NodeStatus {
  return {
    name,
    id: '0123456789abcdef',
    role: 'leaf',
    parent: null,
    state: 'up',
    services: ['dagent'],
    labels: {},
    version: '0.1.0',
    startedAtMs: NOW_MS - 3_725_000,
    rttMs: 0.42,
    sample: {
      atMs: NOW_MS,
      load1: 0.42,
      cpus: 4,
      memoryUsedBytes: 6 * GIB,
      memoryTotalBytes: 16 * GIB,
      daemonBytes: 50_000_000,
    },
    ...more,
  };
}

/** A root, two agents and six leaves, of which one is lost and one has no figures yet. */
export function smallRealm(): NodeStatus[] {
  const busy = { atMs: NOW_MS, load1: 7.42, cpus: 4, memoryUsedBytes: 15.7 * GIB };
  return [
    nodeOf('root1', { role: 'root', rttMs: null }),
    nodeOf('agent1', { role: 'agent', parent: 'root1', services: ['dagent', 'hub', 'relay'] }),
    nodeOf('agent2', { role: 'agent', parent: 'root1', rttMs: 12.3 }),
    nodeOf('web10', { parent: 'agent1', state: 'lost', services: ['dagent', 'http'] }),
    nodeOf('web2', { parent: 'agent1', services: ['dagent', '~7', 'http', 'orders.paid'] }),
    nodeOf('web1', {
      parent: 'agent1',
      sample: { ...busy, memoryTotalBytes: 16 * GIB, daemonBytes: 50_000_000 },
    }),
    nodeOf('db1', { parent: 'agent2', services: ['postgres'], startedAtMs: NOW_MS - 273_600_000 }),
    nodeOf('db2', { parent: 'agent2', sample: null, rttMs: null }),
    nodeOf('a-host-with-a-rather-long-name.example.net', { parent: 'agent2' }),
  ];
}

export interface ScreenSize {
  readonly columns?: number;
  readonly rows?: number;
}

/** A model that has heard of `nodes`. */
export function modelOf(
  nodes: readonly NodeStatus[],
  { columns = 80, rows = 24 }: ScreenSize = {},
  more: Partial<ModelOptions> = {},
): Model {
  const size = { columns, rows };
  const model = createModel({ views: VIEWS, size, hasColour: false, isAscii: false, ...more });
  update(model, { kind: 'record', record: { type: 'snapshot', realm: 'demo', nodes } }, NOW_MS);
  return model;
}

/** Presses keys one after the other; `'abc'` of one word is one key. */
export function press(model: Model, ...keys: readonly string[]): void {
  for (const key of keys) update(model, { kind: 'key', key }, NOW_MS);
}

/** The screen as plain text, its lines without the blanks at their ends. */
export function screenOf(model: Model, nowMs = NOW_MS): string {
  return drawScreen(model, nowMs)
    .map((line) => stripVTControlCharacters(line).trimEnd())
    .join('\n');
}

/** The names in the body, from above, and `>` before the one under the cursor. */
export function namesOf(model: Model): string[] {
  const lines = drawScreen(model, NOW_MS);
  const titles = lines.findIndex((line) => stripVTControlCharacters(line).startsWith('NAME'));
  return lines
    .slice(titles + 1, -1)
    .map((line) => {
      const text = stripVTControlCharacters(line).replace(/^[^\w]+/, '');
      const name = text.split(/\s/, 1)[0] ?? '';
      return line.startsWith('\x1b[7m') ? `>${name}` : name;
    })
    .filter((name) => name !== '');
}
