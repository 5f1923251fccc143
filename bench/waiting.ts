/**
 * How long a daemon takes to start, and how much memory, while a million durable messages wait.
 *
 *     node bench/waiting.ts [--count 1000000]
 *
 * They are left with a real daemon by the client library; then it is started anew. Printed are the
 * whole of `daemon restart`, one without messages before, and the resident memory after each.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { connect } from 'dagent';
import { nowMs } from './clock.ts';
import { DAGENT, startDagent } from './peers/dagent.ts';
import { createBody, measureRate } from './programs/load.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' } } });
const count = Number(values.count);
const IN_FLIGHT = 1_000;

const { home, stop } = await startDagent('root');

function run(...args: string[]): string {
  return execFileSync(DAGENT, [...args, '--home', home], { encoding: 'utf8' });
}

function restart(what: string): void {
  const startMs = nowMs();
  run('daemon', 'restart', 'root');
  const spanMs = nowMs() - startMs;
  const { pid } = JSON.parse(run('daemon', 'status', 'root', '--json')) as { pid: number };
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const memory = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1_024;
  const own = Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1]) / 1_024;
  process.stdout.write(
    `${what}: ${spanMs.toFixed(0)} ms, ${memory.toFixed(0)} MiB resident, ${own.toFixed(0)} own\n`,
  );
}

try {
  restart('nothing waits');
  const client = await connect({ home });
  const data = createBody();
  const deposit = () => client.send('root:bench', 'COUNT', { data, durable: true });
  const bounds = { count, msMax: Number.POSITIVE_INFINITY };
  const rate = await measureRate(deposit, bounds, IN_FLIGHT);
  await client.close();
  process.stdout.write(`${count} stored, ${rate.toFixed(0)} a second\n`);
  restart(`${count} wait`);
  process.stdout.write(run('mailbox', 'ls'));
} finally {
  await stop();
}
