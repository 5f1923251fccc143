/** A tree with very many leaves, which are emulated in a few processes. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { LEAF_HOLD_MS } from './emulated-leaf.ts';
import { type Shape, startDagent } from './peers/dagent.ts';
import type { LeavesAnswer, LeavesOptions, LeavesOrder } from './programs/leaves.ts';

/** Leaves of one process: a file descriptor each, and a bit more than a hundred kilobytes. */
const LEAVES_PER_PROCESS = 5_000;

/** A process with leaves. */
export class Leaves {
  readonly #process: ChildProcess;

  private constructor(options: LeavesOptions) {
    const file = resolve(import.meta.dirname, 'programs/leaves.ts');
    this.#process = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 2, 2, 'ipc'] });
  }

  /** Settles when all are in. */
  static async start(options: LeavesOptions): Promise<Leaves> {
    const leaves = new Leaves(options);
    await leaves.#answer();
    return leaves;
  }

  async #answer(): Promise<LeavesAnswer> {
    const ended = new AbortController();
    const { signal } = ended;
    const end = once(this.#process, 'exit', { signal }).then(() => {
      throw new Error('the leaves ended');
    });
    try {
      const [answer] = await Promise.race([once(this.#process, 'message', { signal }), end]);
      return answer as LeavesAnswer;
    } finally {
      end.catch(() => 'it is waited for no more');
      ended.abort();
    }
  }

  #order(order: LeavesOrder): Promise<LeavesAnswer> {
    this.#process.send(order);
    return this.#answer();
  }

  /** Returns the names of the dead. */
  async kill(count: number, withinMs: number): Promise<readonly string[]> {
    const answer = await this.#order({ kind: 'kill', count, withinMs });
    return answer.kind === 'killed' ? answer.names : [];
  }

  async revive(): Promise<void> {
    await this.#order({ kind: 'revive' });
  }

  /** Lets them begin with their heartbeats. */
  async beat(): Promise<void> {
    await this.#order({ kind: 'beat' });
  }

  stop(): void {
    this.#process.disconnect();
  }
}

export interface GrowOptions {
  readonly leaves: number;
  readonly agents: number;
  /** Whether the leaves run what they are asked for; they only say so otherwise. */
  readonly isReal?: boolean;
}

export interface Grown {
  /** The DAGENT_HOME of root and agents. */
  readonly home: string;
  readonly leaves: readonly Leaves[];
}

/** Starts the leaves below these parents, all processes at once. */
function startLeaves(
  parentUrls: readonly string[],
  { leaves, isReal }: GrowOptions,
): Promise<Leaves[]> {
  const processes = Math.ceil(leaves / LEAVES_PER_PROCESS);
  const share = Math.ceil(leaves / processes);
  return Promise.all(
    Array.from({ length: processes }, (_, index) => {
      const from = index * share;
      const count = Math.min(share, leaves - from);
      return Leaves.start({ parentUrls, from, count, isReal: isReal === true });
    }),
  );
}

/** A root, agents below it, and leaves below them, or below it; all end with `stack`. */
export async function growTree(stack: AsyncDisposableStack, options: GrowOptions): Promise<Grown> {
  const names = Array.from({ length: options.agents }, (_, index) => `agent${index + 1}`);
  const shape: Shape = { root: null, ...Object.fromEntries(names.map((name) => [name, 'root'])) };
  const tree = await startDagent(shape, ['--hold', `${LEAF_HOLD_MS / 1_000}s`]);
  stack.defer(() => tree.stop());
  const parents = names.length === 0 ? ['root'] : names;
  const parentUrls = parents.map((name) => tree.urls.get(name) ?? '');
  const leaves = await startLeaves(parentUrls, options);
  for (const each of leaves) stack.defer(() => each.stop());
  return { home: tree.home, leaves };
}
