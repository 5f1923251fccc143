/**
 * Runs simulations of the router:
 *
 *     npm run sim -- [--nodes 50] [--seed 1] [--seeds 1] [--ticks 20000]
 *
 * Each seed is a simulation of its own, and what was drawn from it is printed. A seed that fails
 * does so again, in the same way. Ends with 1 when one failed.
 */
import { parseArgs } from 'node:util';
import { drawPlan, type Plan } from './plan.ts';
import { type Result, simulate } from './simulation.ts';

const USAGE = `usage: npm run sim -- [--nodes N] [--seed N] [--seeds N] [--ticks N]
  --nodes N   nodes of each network (50)
  --seed N    the first seed (1)
  --seeds N   how many, from there on (1)
  --ticks N   virtual time with faults, before all is healed, in milliseconds (20000)
Ends with 1 when a seed failed; the line behind it runs that one again.
`;

/** Ends with 2: this cannot be run. */
function refuse(reason: string): never {
  process.stderr.write(`${reason}\n${USAGE}`);
  process.exit(2);
}

function readNumber(text: string, name: string): number {
  const value = Number(text);
  const min = name === 'seed' ? 0 : 1;
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  return refuse(`--${name} is a whole number from ${min} on, not ${text}`);
}

/** The options as texts. */
function readOptions() {
  try {
    return parseArgs({
      options: {
        nodes: { type: 'string', default: '50' },
        seed: { type: 'string', default: '1' },
        seeds: { type: 'string', default: '1' },
        ticks: { type: 'string', default: '20000' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function formatPlan(plan: Plan): string {
  const { nodes, hasLoops, hasPeers, isJumbled, ...numbers } = plan;
  const roles = (role: string) => nodes.filter((node) => node.role === role).length;
  const twins = nodes.length - new Set(nodes.map(({ name }) => name)).size;
  const drawn = Object.entries(numbers).map(([name, value]) => `${name}=${round(value)}`);
  const counts = `nodes=${nodes.length} agents=${roles('agent')} leaves=${roles('leaf')}`;
  const networks = roles('root');
  const peers = nodes.reduce((count, node) => count + node.peers.length, 0);
  const shape = `networks=${networks} peers=${hasPeers ? peers : 'none'} twins=${twins}`;
  return `${counts} ${shape} loops=${hasLoops} jumbled=${isJumbled} ${drawn.join(' ')}`;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function formatResult(result: Result): string {
  const { outcomes, digest, ...numbers } = result;
  const counts = Object.entries({ ...numbers, ...outcomes }).map(
    ([name, value]) => `${name}=${value}`,
  );
  return `${counts.join(' ')} digest=${digest.toString(16)}`;
}

function runSeed(seed: number, nodes: number, ticks: number): boolean {
  const plan = drawPlan(seed, nodes, ticks);
  process.stdout.write(`${formatPlan(plan)}\n`);
  try {
    process.stdout.write(`  ok ${formatResult(simulate(plan))}\n`);
    return true;
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.stack : String(thrown);
    const replay = `npm run sim -- --nodes ${nodes} --seed ${seed} --ticks ${ticks}`;
    process.stdout.write(`  FAILED ${text}\n  again: ${replay}\n`);
    return false;
  }
}

const values = readOptions();
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const first = readNumber(values.seed, 'seed');
const count = readNumber(values.seeds, 'seeds');
const [nodes, ticks] = [readNumber(values.nodes, 'nodes'), readNumber(values.ticks, 'ticks')];
let failed = 0;
const startedAtMs = performance.now();
for (let seed = first; seed < first + count; seed++) {
  if (!runSeed(seed, nodes, ticks)) failed++;
}
const pace = (count * 1_000) / (performance.now() - startedAtMs);
process.stdout.write(`${count - failed} passed, ${failed} failed, ${round(pace)} seeds/s\n`);
process.exitCode = failed > 0 ? 1 : 0;
