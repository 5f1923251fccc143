/** A root and a leaf, started by the launcher as a user would, in a home of their own. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createTemporaryDirectory, hold, quote } from '../hold.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const DAGENT = resolve(ROOT, 'bin/dagent');

export interface DagentTree {
  /** The DAGENT_HOME of both daemons. */
  readonly home: string;
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
  return listen?.find((url) => url.startsWith('cd:'));
}

/** Starts the root, and below it a leaf when `withLeaf`. */
export async function startDagent({ withLeaf }: { withLeaf: boolean }): Promise<DagentTree> {
  const home = createTemporaryDirectory('home');
  const stopAll = `${quote(DAGENT)} daemon stop --all --home ${quote(home)}`;
  const held = hold({ cleanup: `${stopAll}; rm -rf ${quote(home)}` });
  try {
    const parent = startDaemon(home, [
      '--name',
      'root',
      '--role',
      'root',
      '--listen',
      'cd://127.0.0.1:0',
    ]);
    if (withLeaf) {
      if (parent === undefined) throw new Error('the root listens nowhere');
      startDaemon(home, ['--name', 'leaf', '--role', 'leaf', '--parent', parent]);
    }
    return { home, stop: () => held.release() };
  } catch (error) {
    await held.release();
    throw error;
  }
}
