/** Looks at the names of a map that changes, so many times, and says what it has seen. */
import assert from 'node:assert';
import { NameMap } from '../../src/adapters/name-map.ts';
import { entryOf, NAMES_COUNT } from './name-map-change.ts';

const [, , path = '', count = ''] = process.argv;
const map = new NameMap(path);
const seen = new Set<number>();
let unknownCount = 0;
let last = 0;
for (let look = 0; look < Number(count); look++) {
  const entry = map.find(`service-${look % NAMES_COUNT}`);
  if (entry === undefined) {
    unknownCount++;
    continue;
  }
  assert.deepStrictEqual(entry, entryOf(entry.sinceMs));
  // What was read once was so before what is read afterwards.
  if (look % NAMES_COUNT === 0) {
    assert.ok(entry.sinceMs >= last, `${entry.sinceMs} after ${last}`);
    last = entry.sinceMs;
  }
  seen.add(entry.sinceMs);
}
process.stdout.write(`${JSON.stringify({ seen: seen.size, unknownCount })}\n`);
