/** A node that can be sniffed, whose envelopes the test makes. */
import type { Asking } from '../../src/endpoint/asking.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { encodeFrame, Kind } from '../../src/protocol/frame.ts';
import { pack } from '../../src/protocol/pack.ts';
import type { Sniffed } from '../../src/services/sight.ts';
import { Sniff } from '../../src/services/sniff.ts';
import type { SniffRecord } from '../../src/services/sniff-record.ts';
import type { SniffSummary } from '../../src/services/sniffer.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';

export interface Made extends Partial<Omit<Sniffed, 'bytes'>> {
  readonly kind?: number;
  readonly flags?: number;
  readonly number?: number;
  readonly head?: Readonly<Record<string, unknown>>;
  readonly body?: Buffer;
}

function ends(address: string): readonly [number, number] {
  const [node = '', service = ''] = address.includes(':') ? address.split(':') : ['', address];
  return [nodeKeyOf(node), service === '' ? 0 : serviceKeyOf(service)];
}

/** An envelope from one address to another. */
export function envelope(from: string, to: string, made: Made = {}): Sniffed {
  const { kind = Kind.MESSAGE, flags = 0, number = 1, head, body = Buffer.alloc(0) } = made;
  const [fromNode, fromService] = ends(from);
  const [toNode, toService] = ends(to);
  const keys = { fromNode, fromService, toNode, toService, seed: 7, number };
  const isNew = kind === Kind.MESSAGE || kind === Kind.REQUEST || kind === Kind.EVENT;
  const said = head ?? (isNew ? { from, to, cmd: 'X' } : {});
  const { from: by = 'a', to: out = 'b', code = null } = made;
  return {
    bytes: encodeFrame({ kind, flags, ...keys }, pack(said), body),
    from: by,
    to: out,
    code,
  };
}

/** One who sniffs, and what it was shown. */
export class Reader {
  readonly asking: Asking;
  readonly records: SniffRecord[] = [];
  isReading = true;

  constructor(asking: Asking) {
    this.asking = asking;
    let text = '';
    asking.onData = (_, bytes) => {
      text += bytes.toString();
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.records.push(JSON.parse(line) as SniffRecord);
      if (this.isReading) asking.grant(bytes.length);
    };
  }

  /** Forgets, and returns, what was shown. */
  take(): SniffRecord[] {
    return this.records.splice(0);
  }

  async end(): Promise<SniffSummary> {
    this.asking.cancel();
    return decodeValue((await this.asking.outcome).data) as SniffSummary;
  }
}

export class SniffBench {
  readonly clock = new FakeClock();
  readonly taps: boolean[] = [];
  readonly pair = createPair();
  readonly sniff: Sniff;

  constructor() {
    this.sniff = new Sniff({
      node: 'there',
      clock: this.clock,
      names: { nameNode: (key) => (key === nodeKeyOf('known') ? 'known' : undefined) },
      setTap: (isOn) => this.taps.push(isOn),
    });
    this.pair.there.handle('~sniff', answering(this.sniff.methods));
  }

  async open(wish: object = {}): Promise<Reader> {
    const reader = new Reader(
      openCall(this.pair.here, 'there:~sniff', 'sniff.open', { args: [wish] }),
    );
    await quiet();
    return reader;
  }

  async see(...passing: readonly Sniffed[]): Promise<void> {
    for (const each of passing) this.sniff.see(each);
    await quiet();
  }
}
