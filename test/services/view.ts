/** What a node knows of the tree, as the test writes it down. */

import type { HostSample } from '../../src/protocol/figures.ts';
import type { FlagSummary } from '../../src/protocol/flag.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';
import type { NodeState } from '../../src/protocol/status.ts';
import type { TreeView } from '../../src/services/census.ts';

export function recordOf(name: string, parent: string | null): NodeRecord {
  const plain = { id: '0123456789abcdef', role: 'agent', services: ['printer'] } as const;
  const later = { joinedSeqno: 0, revision: 0, realm: null, labels: {}, urls: [], topics: [] };
  return { name, parent, ...plain, ...later, incarnation: 77, seqno: 1, version: '1.2.3' };
}

export function sampleOf(load1: number): HostSample {
  const memory = { memoryUsedBytes: 1_000, memoryTotalBytes: 4_000 };
  return { atMs: 5, load1, cpus: 2, ...memory, daemonBytes: 50 };
}

/** The node `top`, and what is put below it. */
export class FakeView implements TreeView {
  realm: string | null = 'test';
  readonly name = 'top';
  record: NodeRecord = recordOf('top', null);
  uplink: number | null = null;
  isCutOff = false;
  readonly below = new Map<string, { record: NodeRecord; state: NodeState }>();
  readonly flags = new Map<string, FlagSummary>();
  readonly rtts = new Map<string, number>();

  self(): NodeRecord {
    return this.record;
  }

  nodes(): Iterable<{ readonly record: NodeRecord; readonly state: NodeState }> {
    return this.below.values();
  }

  find(name: string): { readonly record: NodeRecord; readonly state: NodeState } | undefined {
    return this.below.get(name);
  }

  rttMs(child: string): number | null {
    return this.rtts.get(child) ?? null;
  }

  flagsOf(name: string): FlagSummary | undefined {
    return this.flags.get(name);
  }

  uplinkRttMs(): number | null {
    return this.uplink;
  }

  add(name: string, parent: string, state: NodeState = 'up'): this {
    this.below.set(name, { record: recordOf(name, parent), state });
    return this;
  }
}
