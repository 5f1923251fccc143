/** What a store has after kill -9 of the process that writes to it, again and again. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openLmdbStore } from '../../src/adapters/lmdb-store.ts';
import { createRandom, nextRandom } from '../../src/base/random.ts';
import { keysIn } from '../compliance/store.ts';

const directory = mkdtempSync(join(tmpdir(), 'store-crash-'));
const WRITER = join(import.meta.dirname, 'lmdb-store-writer.ts');
/** Its two files take turns several times in the life of a writer. */
const JOURNAL_BYTES = 131_072;
const KEPT_COUNT = 50;

function keyOf(number: number): string {
  return `a/${String(number).padStart(9, '0')}`;
}

/** Lets a writer go on from a number until it is killed; the last one that it says is synced. */
async function runWriter(from: number, count: number): Promise<number> {
  const argv = [WRITER, directory, String(JOURNAL_BYTES), String(from), String(KEPT_COUNT)];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let synced = from - 1;
  for await (const line of createInterface({ input: child.stdout })) {
    synced = Number(line);
    if (synced >= from + count) child.kill('SIGKILL');
  }
  return synced;
}

test('what was synced is there after kill -9, and what was removed is not', async () => {
  const random = createRandom(11);
  let next = 1;
  for (let life = 0; life < 5; life++) {
    const synced = await runWriter(next, Math.floor(nextRandom(random) * 200));
    const broken: string[] = [];
    const store = await openLmdbStore({
      directory,
      newId: '0123456789abcdef',
      nowMs: 0,
      journalBytes: JOURNAL_BYTES,
      onBroken: (key) => void broken.push(key),
    });
    assert.equal(broken, []);
    const keys = keysIn(store);
    const last = Number(keys.at(-1)?.slice(2));
    assert.ok(last >= synced, `${last} is the last one, and ${synced} was synced`);
    const first = Math.max(1, last - KEPT_COUNT + 1);
    const kept = Array.from({ length: last - first + 1 }, (_, index) => keyOf(first + index));
    assert.equal(keys, kept);
    await store.close();
    next = last + 1;
  }
});

test.after(() => rmSync(directory, { recursive: true, force: true }));
test.run();
