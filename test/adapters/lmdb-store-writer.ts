/** Writes records until it is killed, and says the number of each that is synced. */
import { openLmdbStore } from '../../src/adapters/lmdb-store.ts';

const directory = process.argv[2] ?? '';
const store = await openLmdbStore({
  directory,
  newId: '0123456789abcdef',
  nowMs: 0,
  onBroken: () => undefined,
});
for (let number = 1; ; number++) {
  const value = Buffer.alloc(300, number);
  const write = { kind: 'put', key: `a/${String(number).padStart(9, '0')}`, value } as const;
  await new Promise<void>((done) => store.write([write], () => done()));
  process.stdout.write(`${number}\n`);
}
