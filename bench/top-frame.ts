/**
 * What a frame of `dagent top` costs with many nodes:
 *
 *     node bench/top-frame.ts [--nodes 10000] [--columns 200] [--rows 60] [--frames 500]
 *
 * From records to lines, and from lines to bytes: by our painter, and by Ink for comparison (ADR
 * 0026), into a stream that counts. Printed are milliseconds: the median, the 95th of a hundred,
 * the longest.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { createModel, type Model } from '../src/tui/model.ts';
import { createPainter as createOurs } from '../src/tui/painter.ts';
import { drawScreen } from '../src/tui/screen.ts';
import { type Event, update } from '../src/tui/update.ts';
import { VIEWS } from '../src/tui/views/index.ts';
import { bundle } from '../test/tui/bundle.ts';
import { NodeMaker } from './top-nodes.ts';
import type { createPainter } from './top-paint.tsx';

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '10000' },
    columns: { type: 'string', default: '200' },
    rows: { type: 'string', default: '60' },
    frames: { type: 'string', default: '500' },
  },
});
const nodeCount = Number(values.nodes);
const frameCount = Number(values.frames);
const size = { columns: Number(values.columns), rows: Number(values.rows) };
/** Records between two frames when all nodes report every five seconds, at ten frames a second. */
const recordsPerFrame = Math.ceil(nodeCount / 50);
const START_MS = 1_800_000_000_000;
const maker = new NodeMaker(nodeCount);

function measure(times: number, work: (index: number) => void): number[] {
  const spent: number[] = [];
  for (let index = 0; index < times; index++) {
    const startMs = performance.now();
    work(index);
    spent.push(performance.now() - startMs);
  }
  return spent.sort((a, b) => a - b);
}

function report(what: string, sorted: readonly number[], more = ''): void {
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2);
  const figures = [at(0.5), at(0.95), at(1)].map((figure) => figure.padStart(8)).join('');
  process.stdout.write(`${what.padEnd(46)}${figures}  ${more}\n`);
}

function aRecord(nowMs: number): Event {
  return { kind: 'record', record: { type: 'node', node: maker.any(nowMs) } };
}

/** Brings records in as time passes, and returns the lines of the next frame. */
function frame(model: Model, index: number): string[] {
  const nowMs = START_MS + index * 100;
  for (let count = 0; count < recordsPerFrame; count++) update(model, aRecord(nowMs), nowMs);
  return drawScreen(model, nowMs);
}

function benchModel(model: Model): void {
  const nodes = maker.all(START_MS);
  const record = { type: 'snapshot' as const, realm: 'bench', nodes };
  const first = measure(20, () => {
    update(model, { kind: 'record', record }, START_MS);
    drawScreen(model, START_MS);
  });
  report('snapshot and first screen', first);
  const records = `${recordsPerFrame} records`;
  report(
    'frame: values change',
    measure(frameCount, (index) => void frame(model, index)),
    records,
  );
  const joins = measure(frameCount, (index) => {
    const node = { ...maker.make(2, START_MS), name: `new${index}` };
    update(model, { kind: 'record', record: { type: 'node', node } }, START_MS);
    drawScreen(model, START_MS);
  });
  report('frame: a node joins', joins);
  const press = (...keys: string[]) => {
    for (const key of keys) update(model, { kind: 'key', key }, START_MS);
    drawScreen(model, START_MS);
  };
  report(
    'key: half a page down',
    measure(frameCount, () => press('ctrl-d')),
  );
  press('g', 'j');
  report(
    'key: fold and unfold',
    measure(frameCount, () => press('z')),
  );
  const letters = measure(frameCount, (index) => {
    press(...(index === 0 ? ['/'] : []), index % 2 === 0 ? '7' : 'backspace');
  });
  report('key: a letter of the filter', letters);
  press('escape');
}

/** What Ink is handed instead of a terminal. */
class CountingStream extends Writable {
  readonly isTTY = true;
  readonly columns = size.columns;
  readonly rows = size.rows;
  byteCount = 0;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.byteCount += chunk.length;
    done();
  }
}

function benchPainter(model: Model): void {
  const stream = new CountingStream();
  const painter = createOurs((text) => void stream.write(text));
  const startMs = START_MS + frameCount * 100;
  painter.paint(drawScreen(model, startMs));
  const firstCount = stream.byteCount;
  const spent: number[] = [];
  for (let index = 0; index < frameCount; index++) {
    const lines = frame(model, index);
    spent.push(...measure(1, () => painter.paint(lines)));
  }
  const bytes = Math.round((stream.byteCount - firstCount) / frameCount);
  report(
    'lines to bytes',
    spent.sort((a, b) => a - b),
    `${bytes} bytes`,
  );
}

async function benchInk(model: Model, outdir: string): Promise<void> {
  const path = await bundle('bench/top-paint.tsx', outdir);
  const program: { createPainter: typeof createPainter } = await import(path);
  const stream = new CountingStream();
  const painter = program.createPainter(stream);
  const before = process.memoryUsage().rss;
  const startCount = stream.byteCount;
  const spent: number[] = [];
  for (let index = 0; index < frameCount; index++) {
    const lines = frame(model, index);
    spent.push(...measure(1, () => painter.paint(lines)));
    // Ink writes in a later turn when the frames come closer together than its limit.
    await new Promise((done) => setImmediate(done));
  }
  painter.close();
  const bytes = Math.round((stream.byteCount - startCount) / frameCount);
  const grownMb = Math.round((process.memoryUsage().rss - before) / 1e6);
  report(
    'lines to bytes, by Ink',
    spent.sort((a, b) => a - b),
    `${bytes} bytes, grown ${grownMb} MB`,
  );
}

process.stdout.write(`${nodeCount} nodes, ${size.columns}x${size.rows}`.padEnd(46));
process.stdout.write(`${['p50', 'p95', 'max'].map((each) => each.padStart(8)).join('')}  ms\n`);
const model = createModel({ views: VIEWS, size, hasColour: true, isAscii: false });
benchModel(model);
benchPainter(model);
const outdir = mkdtempSync(join(tmpdir(), 'top-frame-'));
try {
  await benchInk(model, outdir);
} finally {
  rmSync(outdir, { recursive: true });
}
