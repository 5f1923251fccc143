/**
 * Durable messages while everything is killed: `npm run chaos -- --minutes 5 [--seed N]`.
 *
 * A sender at `shop` sends numbered messages over three hops (west, root, disk) to a receiver at
 * `disk`. Sender, receiver and
 * daemons are killed with kill -9 at random and started again. At the end everybody lives, and each
 * number must have come: none lost, none twice. What is drawn follows from the seed; what the
 * machine makes of it does not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRandom, nextRandom } from '../../src/base/random.ts';
import { Home, isRunning } from '../e2e/harness.ts';
import { until } from '../e2e/poll.ts';
import type { Program } from '../e2e/program.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(process.pid) },
  },
});
const spanMs = Number(values.minutes) * 60_000;
const random = createRandom(Number(values.seed));
const SHAPE = { root: null, west: 'root', shop: 'west', disk: 'root' };
const NODES = ['root', 'west', 'shop', 'disk'];
/** More than are sent in the time. */
const LAST = 10_000_000;
/** Wait between two kills, in milliseconds, at most. */
const PAUSE_MS = 1_500;
/** Time for the rest to arrive when nobody is killed any more. */
const REST_MS = 120_000;

const home = new Home();
const sentFile = home.file('sent');
const doneFile = home.file('done');
const kills: Record<string, number> = {};

function readLines(file: string): string[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // A kill may leave the last one without its end: it does not count, and is done again.
  return lines.slice(0, -1);
}

function startProgram(name: string): Program {
  const script = (file: string): string => `${import.meta.dirname}/${file}.ts`;
  const args =
    name === 'sender'
      ? [script('sender'), 'shop', 'disk:orders', sentFile, String(LAST)]
      : [script('receiver'), 'disk', 'orders', doneFile];
  return home.spawn([process.execPath, ...args]);
}

const programs = new Map(['sender', 'receiver'].map((name) => [name, startProgram(name)]));

async function killDaemon(name: string): Promise<void> {
  await home.kill9(name);
  await wait(nextRandom(random) * PAUSE_MS);
  const { status, stderr } = await home.run(['daemon', 'restart', name]);
  if (status !== 0) process.stderr.write(`${name} did not start: ${stderr}\n`);
}

async function killProgram(name: string): Promise<void> {
  const program = programs.get(name);
  program?.signal('SIGKILL');
  await program?.ended;
  programs.set(name, startProgram(name));
}

/** Starts what has not come back by itself. */
async function revive(): Promise<void> {
  for (const [name, program] of programs) {
    if (isRunning(program.pid)) continue;
    const { stderr } = await program.ended;
    throw new Error(`the ${name} has ended by itself: ${stderr}`);
  }
  for (const name of NODES) {
    const { status } = await home.run(['daemon', 'status', name]);
    if (status !== 0) await home.run(['daemon', 'restart', name]);
  }
}

async function kill(): Promise<void> {
  const victims = [...NODES, ...programs.keys()];
  const name = victims[Math.floor(nextRandom(random) * victims.length)] ?? 'root';
  kills[name] = (kills[name] ?? 0) + 1;
  if (programs.has(name)) await killProgram(name);
  else await killDaemon(name);
}

/** The values that come more than once. */
function findTwice(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.size === seen.add(value).size);
}

/** Prints what came of it; what is wrong with it. */
function complain(): string[] {
  const rows = readLines(doneFile).map((line) => line.split(' '));
  const numbers = rows.map(([, number]) => Number(number));
  const [sent, done] = [new Set(readLines(sentFile).map(Number)), new Set(numbers)];
  const lost = [...sent].filter((number) => !done.has(number));
  const twice = findTwice(rows.map(([id = '']) => id));
  const late = numbers.filter((number, at) => at > 0 && number < numbers[at - 1]!).length;
  const counts = { stored: sent.size, done: done.size, lost: lost.length, twice: twice.length };
  process.stdout.write(
    `${JSON.stringify({ seed: Number(values.seed), ...counts, late, kills })}\n`,
  );
  return [...lost.map((number) => `${number} is lost`), ...twice.map((id) => `${id} came twice`)];
}

try {
  process.stdout.write(`seed ${values.seed}\n`);
  await home.startTree(SHAPE, ['--hold', '1s']);
  const endMs = performance.now() + spanMs;
  while (performance.now() < endMs) {
    await wait(nextRandom(random) * PAUSE_MS);
    await kill();
  }
  await revive();
  programs.get('sender')?.signal('SIGKILL');
  await programs.get('sender')?.ended;
  const sentCount = readLines(sentFile).length;
  const haveCome = async (): Promise<boolean> => {
    await wait(500);
    return readLines(doneFile).length >= sentCount;
  };
  await until('all have come', haveCome, REST_MS).catch((error: Error) =>
    process.stderr.write(`${error.message}\n`),
  );
  const complaints = complain();
  process.stderr.write(
    complaints
      .slice(0, 20)
      .map((line) => `${line}\n`)
      .join(''),
  );
  process.exitCode = complaints.length === 0 ? 0 : 1;
} finally {
  await home.close();
}
