/**
 * What a tree costs as it grows: real routers, a thousand to a hundred thousand of them in one
 * process, on links of one millisecond, in virtual time.
 *
 *     npm run scale -- [--nodes 1000,10000,100000]
 *
 * Prints one table in Markdown for docs/SCALING.md.
 */
import { parseArgs } from 'node:util';
import { Field } from './field.ts';

const SECOND = 1_000;
/** Enough for every node to have been admitted, however long the queue. */
const JOIN_MS_MAX = 3_600_000;
const SETTLE_MS = 2_000;
const IDLE_MS = 60_000;

interface Row {
  readonly what: string;
  readonly value: string;
}

function seconds(ms: number): string {
  return `${(ms / SECOND).toFixed(ms < 10_000 ? 3 : 1)} s`;
}

function bytes(count: number): string {
  if (count < 10_000) return `${Math.round(count)} B`;
  return count < 10_000_000 ? `${Math.round(count / 1_000)} kB` : `${Math.round(count / 1e6)} MB`;
}

/** What a change set off: how many words of adverts, how many bytes, and when the root knew. */
function describeChange(field: Field, change: () => void, isKnown: () => boolean): string {
  field.resetCounts();
  const startedAtMs = field.nowMs;
  change();
  const knownAtMs = field.runUntil(isKnown, JOIN_MS_MAX);
  field.run(SETTLE_MS);
  const { advertFrames, advertWords, advertBytes } = field.counts;
  const sizes = `${advertFrames} frames, ${advertWords} words, ${bytes(advertBytes)}`;
  return `${sizes}; root knows after ${seconds(knownAtMs - startedAtMs)}`;
}

function measure(nodeCount: number): Row[] {
  const field = new Field(nodeCount);
  const rows: Row[] = [];
  const add = (what: string, value: string) => rows.push({ what, value });
  field.start();
  const joinedAtMs = field.runUntil(() => field.isJoined(), JOIN_MS_MAX);
  add('all start at once: everybody is known to the root after', seconds(joinedAtMs));
  add('adverts that the root took for it', bytes(field.counts.rootAdvertBytes));
  field.run(SETTLE_MS);
  const leaf = field.lastLeaf();
  const service = describeChange(
    field,
    () => leaf.register('fresh'),
    () => field.rootServices(leaf).includes('fresh'),
  );
  add('a leaf registers a service', service);
  add(
    'a leaf dies',
    describeChange(
      field,
      () => leaf.kill(),
      () => !field.rootKnows(leaf),
    ),
  );
  const agent = field.lastAgent();
  const below = agent.belowCount();
  add(
    `an agent with ${below} nodes below loses its link and comes back`,
    describeChange(
      field,
      () => agent.breakUplink(),
      () => field.hasReturned(agent),
    ),
  );
  field.resetCounts();
  field.run(IDLE_MS);
  const idle = field.counts.frameBytes / (IDLE_MS / SECOND) / (nodeCount - 1);
  add('at rest, bytes per link and second, both directions', bytes(idle));
  add('adverts at rest in a minute', String(field.counts.advertFrames));
  const agentKnows = field.agentKnows();
  const memory = field.measureMemory();
  add('memory of the root per node that it knows', bytes(memory.root / (nodeCount - 1)));
  add(`memory of an agent that knows ${agentKnows} nodes`, bytes(memory.agent));
  add('memory of a leaf', bytes(memory.leaf));
  return rows;
}

function printTable(columns: ReadonlyMap<number, readonly Row[]>): void {
  const sizes = [...columns.keys()];
  const [first = []] = columns.values();
  const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
  line(['', ...sizes.map((size) => `${size.toLocaleString('en')} nodes`)]);
  line(['---', ...sizes.map(() => '---')]);
  first.forEach(({ what }, index) => {
    line([what, ...sizes.map((size) => columns.get(size)?.[index]?.value ?? '')]);
  });
}

const { values } = parseArgs({
  options: { nodes: { type: 'string', default: '1000,10000,100000' } },
});
const columns = new Map<number, readonly Row[]>();
for (const size of values.nodes.split(',').map(Number)) {
  if (!Number.isSafeInteger(size) || size < 100) throw new RangeError(`--nodes: ${values.nodes}`);
  const startedAtMs = performance.now();
  columns.set(size, measure(size));
  const tookMs = performance.now() - startedAtMs;
  process.stderr.write(`${size} nodes: ${(tookMs / SECOND).toFixed(1)} s of real time\n`);
}
printTable(columns);
