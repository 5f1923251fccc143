/** The time that a whole command takes, from its start to its end, as a script feels it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Contestant } from './bench.ts';
import { nowMs } from './clock.ts';

/** Runs `argv` with nothing on its input; milliseconds. @throws when it does not exit 0. */
async function measureCommand(argv: readonly string[]): Promise<number> {
  const [command = '', ...options] = argv;
  const startMs = nowMs();
  const child = spawn(command, options, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code, signal] = await once(child, 'exit');
  const elapsedMs = nowMs() - startMs;
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit status ${signal ?? code}`);
  return elapsedMs;
}

/** A contestant that runs one command a round. */
export function createCommand(name: string, argv: readonly string[]): Contestant {
  return { name, measure: async () => ({ elapsedMs: await measureCommand(argv) }) };
}
