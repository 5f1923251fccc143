/** A tree of ours, started by the launcher as a user would, in a home of their own. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createTemporaryDirectory, hold, quote } from '../hold.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const DAGENT = resolve(ROOT, 'bin/dagent');

export interface DagentTree {
  /** The DAGENT_HOME of all daemons. */
  readonly home: string;
  /** Where each daemon listens for others, by its name; a leaf does not. */
  readonly urls: ReadonlyMap<string, string>;
  stop(): Promise<void>;
}

/** Our version, or undefined when the product is not built. */
export function readDagentVersion(): string | undefined {
  if (!existsSync(resolve(ROOT, 'dist/main.js'))) return undefined;
  try {
    const output = execFileSync(DAGENT, ['--version'], { encoding: 'utf8' });
    return output.trim().split(' ').at(-1);
  } catch {
    return undefined;
  }
}

/** Starts one daemon; it answers when this returns. The address of its parent-to-be comes back. */
function startDaemon(home: string, options: readonly string[]): string | undefined {
  const argv = ['daemon', 'start', '--home', home, '--json', ...options];
  const output = execFileSync(DAGENT, argv, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { listen } = JSON.parse(output) as { listen?: readonly string[] };
  return listen?.find((url) => url.startsWith('cd://'));
}

/**
 * What is started: a root alone; with a leaf below it; or a chain, in which a leaf is below an
 * agent below the root and another leaf, `other`, is below the root: three links lead from one leaf
 * to the other.
 */
export type DagentShape = 'root' | 'leaf' | 'chain';

/** Names with the names of their parents, the parents first. */
export type Shape = Readonly<Record<string, string | null>>;

const SHAPES: Readonly<Record<DagentShape, Shape>> = {
  root: { root: null },
  leaf: { root: null, leaf: 'root' },
  chain: { root: null, agent: 'root', leaf: 'agent', other: 'root' },
};

const LISTEN = ['--listen', 'cd://127.0.0.1:0'];

/** Returns where each listens for others. */
function startDaemons(home: string, shape: Shape, more: readonly string[]): Map<string, string> {
  const urls = new Map<string, string>();
  const parents = Object.values(shape);
  for (const [name, parent] of Object.entries(shape)) {
    const isLeaf = parent !== null && !parents.includes(name) && !name.startsWith('agent');
    const role = parent === null ? 'root' : isLeaf ? 'leaf' : 'agent';
    const above = parent === null ? undefined : urls.get(parent);
    if (parent !== null && above === undefined) throw new Error(`${parent} listens nowhere`);
    const place = above === undefined ? [] : ['--parent', above];
    const options = [
      '--name',
      name,
      '--role',
      role,
      ...more,
      ...place,
      ...(role === 'leaf' ? [] : LISTEN),
    ];
    const url = startDaemon(home, options);
    if (url !== undefined) urls.set(name, url);
  }
  return urls;
}

/** Starts daemons with links over loopback; `more` are options of each. */
export async function startDagent(
  shape: DagentShape | Shape,
  more: readonly string[] = [],
): Promise<DagentTree> {
  const home = createTemporaryDirectory('home');
  const stopAll = `${quote(DAGENT)} daemon stop --all --home ${quote(home)}`;
  const held = hold({ cleanup: `${stopAll}; rm -rf ${quote(home)}` });
  try {
    const urls = startDaemons(home, typeof shape === 'string' ? SHAPES[shape] : shape, more);
    return { home, urls, stop: () => held.release() };
  } catch (error) {
    await held.release();
    throw error;
  }
}
