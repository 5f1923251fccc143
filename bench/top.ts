/**
 * What `dagent top` costs with many nodes, as a process on a terminal:
 *
 *     npm run top-bench -- [--nodes 10000] [--columns 200] [--rows 60] [--seconds 20]
 *
 * From its start to the first screen with nodes, the median of nine; the processor that it takes at
 * four changes a second, at a hundred, and when nothing happens; its memory. What a frame is made
 * of, and how long each part takes: `node bench/top-frame.ts`.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { nowMs } from './clock.ts';
import { quantile } from './statistics.ts';
import { encodeChange, encodeSnapshot, NodeMaker } from './top-nodes.ts';
import { TopProcess } from './top-process.ts';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '10000' },
    columns: { type: 'string', default: '200' },
    rows: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '20' },
  },
});
const maker = new NodeMaker(Number(values.nodes));
const size = { columns: Number(values.columns), rows: Number(values.rows) };
const spanMs = Number(values.seconds) * 1_000;
const STARTS = 9;
/** A node on the first screen. */
const LAST_OF_FIRST = 'leaf5';
/** Until what the start has left behind is collected, and what is hot is compiled. */
const SETTLE_MS = 3_000;

function print(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(44)}${value}\n`);
}

/** Percent of a processor that it takes while so many nodes change each second. */
async function load(top: TopProcess, changesPerSecond: number): Promise<number> {
  const [startMs, startCpuMs] = [nowMs(), top.cpuMs()];
  const endMs = startMs + spanMs;
  while (nowMs() < endMs) {
    // Changes come in bunches of a tenth of a second, as a daemon gathers them.
    const bunch = Math.max(1, Math.round(changesPerSecond / 10));
    await setTimeout(changesPerSecond === 0 ? endMs - nowMs() : (bunch * 1_000) / changesPerSecond);
    if (changesPerSecond === 0) break;
    const nodes = Array.from({ length: bunch }, () => maker.any(Date.now()));
    top.tell(nodes.map(encodeChange).join(''));
  }
  return ((top.cpuMs() - startCpuMs) / (nowMs() - startMs)) * 100;
}

const snapshot = encodeSnapshot(maker.all(Date.now()));
const starts: number[] = [];
const spent: number[] = [];
for (let count = 0; count < STARTS; count++) {
  const top = new TopProcess(snapshot);
  starts.push(await top.start(size, LAST_OF_FIRST));
  spent.push(top.cpuMs());
  await top.stop();
}
print(`first screen, ${values.nodes} nodes`, `${Math.round(quantile(starts, 0.5))} ms`);
print('processor time until then', `${Math.round(quantile(spent, 0.5))} ms`);
const top = new TopProcess(snapshot);
await top.start(size, LAST_OF_FIRST);
await setTimeout(SETTLE_MS);
for (const changes of [0, 4, 100, 2_000]) {
  const percent = await load(top, changes);
  print(`${changes} changes a second`, `${percent.toFixed(1)} % of a processor`);
}
print('resident memory', `${Math.round(top.residentBytes() / 1e6)} MB`);
await top.stop();
