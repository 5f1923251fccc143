/** A tree whose nodes have home directories of their own on this host, to copy files between. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Home, recordsOf, type Shape } from './harness.ts';

/** What `cp --json` prints for a target, and at the end. */
export interface CopyRecord {
  readonly type: 'result' | 'summary';
  readonly target: string;
  readonly verdict: string;
  readonly change?: string;
  readonly reason?: string;
  readonly errno?: string;
  readonly path?: string;
  readonly bytes: number;
  readonly sentBytes: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly changes: Readonly<Record<string, number>>;
}

interface LinkRecord {
  readonly type: string;
  readonly peer: string;
  readonly sentBytes: number;
  readonly heardBytes: number;
}

export class CopyHome extends Home {
  /** Path of a file in the home directory of a node. */
  at(node: string, name = ''): string {
    return join(this.dir, 'fs', node, name);
  }

  /** What is in the home directory of a node. */
  list(node: string): string[] {
    return readdirSync(this.at(node)).sort();
  }

  async startNode(name: string, args: readonly string[]): Promise<void> {
    mkdirSync(this.at(name), { recursive: true });
    await this.ok(['daemon', 'start', '--name', name, ...args], { env: { HOME: this.at(name) } });
  }

  /** As {@link startTree}, each node in a home directory of its own; `args` go to each. */
  async startNodes(shape: Shape, args: readonly string[] = []): Promise<void> {
    const parents = new Set(Object.values(shape));
    for (const [name, parent] of Object.entries(shape)) {
      const role = parent === null ? 'root' : parents.has(name) ? 'agent' : 'leaf';
      const below = parent === null ? [] : ['--parent', this.socketUrl(parent)];
      await this.startNode(name, ['--role', role, ...below, ...args]);
    }
  }

  /** The records of a copy. */
  async copy(...args: string[]): Promise<CopyRecord[]> {
    return recordsOf<CopyRecord>((await this.run(['cp', '--json', ...args])).stdout);
  }

  /** Bytes that a node has sent to a neighbour, and heard from it. */
  async traffic(node: string, peer: string): Promise<LinkRecord> {
    const lines = recordsOf<LinkRecord>(await this.ok(['route', node, '--json']));
    const link = lines.find((each) => each.type === 'link' && each.peer === peer);
    if (link === undefined) throw new Error(`${node} has no link to ${peer}`);
    return link;
  }
}
