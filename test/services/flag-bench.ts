/** Flags as tests need them, and a value that is kept in memory, or refused. */

import type { KeptValue } from '../../src/ports/kept-value.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { FlagKey, FlagRecord, NodeFlags } from '../../src/protocol/flag.ts';
import type { FlagInput, FlagWish } from '../../src/services/flag-state.ts';

const KEY: FlagKey = { service: 'orders', section: 'db', flag: 'unreachable' };

function keyOf(flag: string): FlagKey {
  return { ...KEY, flag };
}

export function raiseOf(flag: string, wish: FlagWish = {}): FlagInput {
  return { kind: 'raise', key: keyOf(flag), wish, by: 'web1:~1' };
}

export function lowerOf(flag: string, isByHand = false): FlagInput {
  return { kind: 'lower', key: keyOf(flag), isByHand };
}

export function flagOf(flag: string, more: Partial<FlagRecord> = {}): FlagRecord {
  return {
    ...keyOf(flag),
    state: 'raised',
    priority: 'warning',
    tags: [],
    message: '',
    isManual: false,
    count: 1,
    firstAtMs: 5,
    lastAtMs: 5,
    by: 'web1:~1',
    ...more,
  };
}

/** The word about a node with these flags. */
export function toldOf(node: string, revision: number, flags: readonly FlagRecord[]): NodeFlags {
  return { node, revision, flags, omitted: 0 };
}

export class FakeKept implements KeptValue {
  value: unknown;
  /** Thrown instead of what is asked for. */
  refusal: Error | undefined;
  isAside = false;
  writeCount = 0;

  constructor(value?: unknown) {
    this.value = value;
  }

  read(): unknown {
    if (this.refusal !== undefined) throw this.refusal;
    return this.value;
  }

  setAside(): string {
    this.isAside = true;
    return 'flags.json.broken';
  }

  async write(value: unknown): Promise<void> {
    await Promise.resolve();
    if (this.refusal !== undefined) throw this.refusal;
    this.writeCount++;
    this.value = JSON.parse(JSON.stringify(value));
  }
}

/** Keeps what is logged. */
export function createLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string, fields: unknown = {}): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}
