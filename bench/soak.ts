/**
 * Whether `dagent top` keeps its memory over a long time: many nodes, ten of which change in each
 * frame, ten frames a second; now and then one comes or goes, and keys are pressed.
 *
 *     npm run soak -- [--minutes 30] [--nodes 10000]
 *
 * Prints the resident memory once a minute. Exit status: 1 when at the end it is more than 20 MB
 * above what it was after a tenth of the time.
 */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { nowMs } from './clock.ts';
import { encodeChange, encodeSnapshot, NodeMaker } from './top-nodes.ts';
import { TopProcess } from './top-process.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    nodes: { type: 'string', default: '10000' },
  },
});
const spanMs = Number(values.minutes) * 60_000;
const maker = new NodeMaker(Number(values.nodes));
const FRAME_MS = 100;
const CHANGES = 10;
const REPORT_MS = 60_000;
const GROWTH_BYTES_MAX = 20e6;
/** Half a page down, the last row, the first, another order, the list, the tree. */
const KEYS = ['\x04', 'G', 'g', '>', '2', '1'];

/**
 * What happens in one frame: changes, each second a node that comes, and goes two seconds later.
 */
function linesOf(frame: number): string {
  const lines = Array.from({ length: CHANGES }, () => encodeChange(maker.any(Date.now())));
  const guest = (second: number) => `guest${second}`;
  if (frame % 10 === 0) {
    const second = frame / 10;
    lines.push(encodeChange({ ...maker.make(2, Date.now()), name: guest(second) }));
    if (second >= 2) lines.push(`${JSON.stringify({ type: 'gone', name: guest(second - 2) })}\n`);
  }
  return lines.join('');
}

const top = new TopProcess(encodeSnapshot(maker.all(Date.now())));
await top.start({ columns: 200, rows: 60 }, 'leaf5');
const startMs = nowMs();
let reference = 0;
let reportAtMs = startMs + Math.min(REPORT_MS, spanMs / 10);
for (let frame = 0; nowMs() < startMs + spanMs; frame++) {
  top.tell(linesOf(frame));
  if (frame % 30 === 0) top.type(KEYS[(frame / 30) % KEYS.length] ?? '');
  await setTimeout(FRAME_MS);
  if (nowMs() < reportAtMs) continue;
  reportAtMs += REPORT_MS;
  const [elapsedMs, bytes] = [nowMs() - startMs, top.residentBytes()];
  if (reference === 0 && elapsedMs >= spanMs / 10) reference = bytes;
  const minutes = (elapsedMs / 60_000).toFixed(1).padStart(5);
  const percent = ((top.cpuMs() / elapsedMs) * 100).toFixed(1);
  process.stdout.write(
    `${minutes} min  ${(bytes / 1e6).toFixed(0)} MB  ${percent} % of a processor\n`,
  );
}
const grownBytes = top.residentBytes() - reference;
await top.stop();
process.stdout.write(`grown by ${(grownBytes / 1e6).toFixed(1)} MB\n`);
if (grownBytes > GROWTH_BYTES_MAX) process.exitCode = 1;
