import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

/** Looks of each reader: about a second. */
const LOOK_COUNT = 40_000;
const READER_COUNT = 3;

const root = mkdtempSync(join(tmpdir(), 'torn-'));

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

/** What a process that looks has seen. */
async function look(path: string): Promise<{ seen: number; unknownCount: number }> {
  const fixture = join(import.meta.dirname, 'name-map-look.ts');
  const child = spawn(process.execPath, [fixture, path, String(LOOK_COUNT)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await readAll(child.stdout);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  assert.is(child.exitCode, 0, 'what was read was never written');
  return JSON.parse(said) as { seen: number; unknownCount: number };
}

test('nobody reads half of an entry, however fast it changes', async () => {
  const path = join(root, 'names.map');
  const fixture = join(import.meta.dirname, 'name-map-change.ts');
  const writer = spawn(process.execPath, [fixture, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
  assert.is((await lines.next()).value, 'ready');
  const readers = await Promise.all(Array.from({ length: READER_COUNT }, () => look(path)));
  writer.stdin.end();
  const changes = Number((await lines.next()).value);
  assert.ok(changes > 1_000, `${changes} changes`);
  for (const { seen, unknownCount } of readers) {
    assert.ok(seen > 10, `${seen} entries were seen`);
    assert.ok(unknownCount < LOOK_COUNT / 10, `${unknownCount} looks found nothing`);
  }
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
