/**
 * Writes records from a number on until it is killed, each with the removal of the one so many
 * before it, and says the number of each that is synced.
 * Arguments: directory, bytes of a file of the journal, first number, records to keep.
 */
import { openLmdbStore } from '../../src/adapters/lmdb-store.ts';

const [directory = '', journalBytes, from, keptCount] = process.argv.slice(2);
const store = await openLmdbStore({
  directory,
  newId: '0123456789abcdef',
  nowMs: 0,
  journalBytes: Number(journalBytes),
  onBroken: () => undefined,
});

function keyOf(number: number): string {
  return `a/${String(number).padStart(9, '0')}`;
}

for (let number = Number(from); ; number++) {
  const value = Buffer.alloc(300, number);
  const put = { kind: 'put', key: keyOf(number), value } as const;
  const remove = { kind: 'remove', key: keyOf(number - Number(keptCount)) } as const;
  await new Promise<void>((done) => store.write([put, remove], () => done()));
  process.stdout.write(`${number}\n`);
}
