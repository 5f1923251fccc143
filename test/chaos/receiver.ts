/**
 * Takes durable messages until it is killed: `receiver.ts VIA SERVICE FILE`. What it has done
 * stands in FILE, with the id: a program that must not do anything twice across its own crash makes
 * the two one thing, here one line.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { workOff } from '../../src/client/index.ts';

const [via = '', service = '', file = ''] = process.argv.slice(2);
const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
const done = new Set(lines.map((line) => line.split(' ')[0]));
const options = { via, count: 50, leaseMs: 5_000, isDone: (id: string) => done.has(id) };

await workOff(service, options, ({ id, params }) => {
  done.add(id);
  appendFileSync(file, `${id} ${params.number}\n`);
});
