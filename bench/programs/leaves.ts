/** Many leaves in one process, some of which can be killed and started anew. */
import { createSpawner } from '../../src/adapters/spawner.ts';
import { createRandom, nextRandom, nextUint32 } from '../../src/base/random.ts';
import { EmulatedLeaf, idleSpawner, type LeafOptions } from '../emulated-leaf.ts';

export interface LeavesOptions {
  /** Where the parents listen; each gets as many. */
  readonly parentUrls: readonly string[];
  readonly from: number;
  readonly count: number;
  /** Whether they run what they are asked for. */
  readonly isReal: boolean;
}

/**
 * What the bench asks for: some are killed a random moment from now; those are started anew; all
 * begin with the heartbeats of their statistics.
 */
export type LeavesOrder =
  | { readonly kind: 'kill'; readonly count: number; readonly withinMs: number }
  | { readonly kind: 'revive' }
  | { readonly kind: 'beat' };

/** The answers, in the order of the questions: all are in; all beat; those were killed. */
export type LeavesAnswer =
  | { readonly kind: 'joined' | 'beating' }
  | { readonly kind: 'killed'; readonly names: readonly string[] };

process.once('disconnect', () => process.exit());
const { parentUrls, from, count, isReal } = JSON.parse(process.argv[2] ?? '{}') as LeavesOptions;
const random = createRandom(from + 1);
// One for all, as they are all on one host.
const spawner = isReal ? createSpawner() : idleSpawner;
const leaves = new Map<string, EmulatedLeaf>();
let dead: string[] = [];

function optionsOf(number: number): LeafOptions {
  const id = number.toString(16).padStart(16, 'e');
  const parentUrl = parentUrls[number % parentUrls.length] ?? '';
  return { name: `leaf${number}`, id, parentUrl, seed: nextUint32(random), spawner };
}

async function start(numbers: readonly number[]): Promise<void> {
  const fresh = numbers.map((number) => new EmulatedLeaf(optionsOf(number)));
  for (const leaf of fresh) leaves.set(leaf.name, leaf);
  await Promise.all(fresh.map(({ joined }) => joined));
}

function answer(message: LeavesAnswer): void {
  process.send?.(message);
}

async function kill(killed: number, withinMs: number): Promise<void> {
  const names = [...leaves.keys()];
  const chosen = new Set<string>();
  while (chosen.size < killed)
    chosen.add(names[Math.floor(nextRandom(random) * names.length)] ?? '');
  dead = [...chosen];
  await Promise.all(
    dead.map(async (name) => {
      await new Promise((resolve) => setTimeout(resolve, nextRandom(random) * withinMs));
      await leaves.get(name)?.kill();
    }),
  );
  answer({ kind: 'killed', names: dead });
}

process.on('message', (order: LeavesOrder) => {
  if (order.kind === 'kill') return void kill(order.count, order.withinMs);
  if (order.kind === 'beat') {
    for (const leaf of leaves.values()) leaf.beat();
    return answer({ kind: 'beating' });
  }
  void start(dead.map((name) => Number(name.slice('leaf'.length)))).then(() =>
    answer({ kind: 'joined' }),
  );
});
await start(Array.from({ length: count }, (_, index) => from + index));
answer({ kind: 'joined' });
