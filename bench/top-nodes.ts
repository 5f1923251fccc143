/** Nodes for the benches of `dagent top`: a root, agents, and a hundred leaves below each. */
import { createRandom, nextRandom } from '../src/base/random.ts';
import { packSample } from '../src/protocol/figure-row.ts';
import type { NodeStatus } from '../src/protocol/status.ts';
import { WATCH_VERSION, type WatchLine } from '../src/protocol/watch.ts';

const FAN_OUT = 100;

/** Draws statuses of `nodeCount` nodes, always the same ones in a row. */
export class NodeMaker {
  readonly #random = createRandom(1);
  readonly nodeCount: number;

  constructor(nodeCount: number) {
    this.nodeCount = nodeCount;
  }

  #draw(most: number): number {
    return nextRandom(this.#random) * most;
  }

  /** The node with this number, with new figures taken at `nowMs`. */
  make(index: number, nowMs: number): NodeStatus {
    const isAgent = index % (FAN_OUT + 1) === 1;
    const parent = `agent${Math.floor((index - 1) / (FAN_OUT + 1))}`;
    return {
      name: index === 0 ? 'root1' : isAgent ? parent : `leaf${index}`,
      id: '0123456789abcdef',
      role: index === 0 ? 'root' : isAgent ? 'agent' : 'leaf',
      parent: index === 0 ? null : isAgent ? 'root1' : parent,
      state: 'up',
      services: ['dagent', 'orders.paid', 'cache'],
      labels: { site: `site${index % 20}` },
      version: '0.1.0',
      startedAtMs: 1_700_000_000_000,
      rttMs: this.#draw(5),
      sample: {
        atMs: nowMs,
        load1: this.#draw(6),
        cpus: 4,
        memoryUsedBytes: Math.round(this.#draw(16e9)),
        memoryTotalBytes: 16e9,
        daemonBytes: 5e7,
        cpuPercent: this.#draw(100),
        diskUsedPercent: this.#draw(90),
        diskMount: '/var',
        netInBytesPerSecond: this.#draw(1e7),
        netOutBytesPerSecond: this.#draw(1e7),
        deliveredPerSecond: this.#draw(1e3),
        jobsRunning: Math.floor(this.#draw(3)),
        queueBytes: Math.floor(this.#draw(1e4)),
      },
    };
  }

  /** One of them, drawn by chance. */
  any(nowMs: number): NodeStatus {
    return this.make(Math.floor(this.#draw(this.nodeCount)), nowMs);
  }

  all(nowMs: number): NodeStatus[] {
    return Array.from({ length: this.nodeCount }, (_, index) => this.make(index, nowMs));
  }
}

function nodeLine(node: NodeStatus): WatchLine {
  const figures = node.sample === null ? null : packSample(node.sample);
  return { type: 'node', node: { ...node, sample: null }, figures };
}

function encode(line: WatchLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** As a daemon sends it: all of them, and one that has changed. */
export function encodeSnapshot(nodes: readonly NodeStatus[]): string {
  const { length: count } = nodes;
  const head: WatchLine = { type: 'snapshot', version: WATCH_VERSION, realm: 'bench', count };
  return encode(head) + nodes.map((node) => encode(nodeLine(node))).join('');
}

export function encodeChange(node: NodeStatus): string {
  return encode(nodeLine(node));
}
