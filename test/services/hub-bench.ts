/** A hub in memory, with the records that its steps wrote, for restoring it. */
import * as assert from 'uvu/assert';
import type { RecordWrite, StoredRecord } from '../../src/base/records.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { parsePlace } from '../../src/protocol/hub.ts';
import { findEntry, type HubGrant, type HubInput, step } from '../../src/services/hub.ts';
import { type Hub, type HubRecords, restoreHub, statusOf } from '../../src/services/hub-state.ts';

export const NOW_MS = 1_000_000;

class MemoryRecords implements HubRecords {
  readonly asides: string[] = [];
  readonly #values = new Map<string, Buffer>();

  apply(writes: readonly RecordWrite[]): void {
    for (const write of writes) {
      if (write.kind === 'put') this.#values.set(write.key, write.value);
      else this.#values.delete(write.key);
    }
  }

  *readAll({ from, below }: { from: string; below: string }): Iterable<StoredRecord> {
    for (const key of [...this.#values.keys()].sort()) {
      if (key >= from && key < below) yield { key, value: this.#values.get(key)! };
    }
  }

  setAside(key: string): void {
    this.asides.push(key);
    this.#values.delete(key);
  }
}

/** A hub with the records that its steps wrote. */
export class Bench {
  readonly records = new MemoryRecords();
  hub: Hub;
  nowMs = NOW_MS;

  constructor(seed = 7) {
    this.hub = restoreHub(this.records, seed);
  }

  feed(input: HubInput) {
    const { answer, writes } = step(this.hub, input, this.nowMs);
    this.records.apply(writes);
    return answer;
  }

  register(text: string, free: number, isUp = true) {
    const place = parsePlace(text);
    assert.ok(place !== undefined, text);
    return this.feed({ kind: 'register', place, free, isUp });
  }

  request(count: number, more: Partial<Extract<HubInput, { kind: 'request' }>> = {}) {
    const usual = { isExact: false, leaseMs: 60_000, holder: 'a:~1' };
    return this.feed({ kind: 'request', count, ...usual, ...more });
  }

  status(key: number | string): number | undefined {
    const entry = findEntry(this.hub, key);
    return entry && statusOf(entry);
  }
}

/** What a request was granted. */
export function grantOf(answer: unknown): HubGrant {
  assert.not.instance(answer, DagentError, String(answer));
  return answer as HubGrant;
}

/** The code of an answer that is an error. */
export function codeOf(answer: unknown): string {
  return answer instanceof DagentError ? answer.code : `no error: ${JSON.stringify(answer)}`;
}
