/** What comes to a service: messages and requests, read from their frames. */
import { toText } from '../base/text.ts';
import { parseAddress, parseBroadcast } from '../protocol/address.ts';
import { At, type FrameHeader, headOf } from '../protocol/frame.ts';
import { unpackMap } from '../protocol/pack.ts';

/** What a service is asked, or told. */
export interface Incoming {
  /** `node:service` of the sender, checked against what its first node vouches for. */
  readonly from: string;
  /** The service; for a broadcast the address as it was sent, for an event its topic. */
  readonly to: string;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly data: Buffer;
  /** Id of the message: 16 hexadecimal digits. */
  readonly sn: string;
  /** Whether it is a remote call: the body has the arguments. */
  readonly isCall: boolean;
}

/** What a head says. Shared by all messages that have the same one. */
export interface IncomingHead {
  readonly from: string;
  /** The address as it was sent. */
  readonly to: string;
  /** Of an event: its topic. */
  readonly topic: string;
  /** Name of the service that is meant: two names may have one key. */
  readonly service: string;
  readonly command: string;
  readonly params: Readonly<Record<string, string>>;
  readonly isCall: boolean;
}

/** Parameters in a head: a map of texts, whatever came. */
export function readParams(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return Object.freeze({});
  const entries = Object.entries(value).map(([name, each]) => [name, toText(each)]);
  return Object.freeze(Object.fromEntries(entries) as Record<string, string>);
}

/** The id of a frame, for people. */
export function formatSn(seed: number, number: number): string {
  return seed.toString(16).padStart(8, '0') + number.toString(16).padStart(8, '0');
}

/** Reads the head of a whole frame. */
export function readHead(frame: Buffer): IncomingHead {
  const { from, to, topic, cmd, params, call } = unpackMap(headOf(frame));
  const address = toText(to);
  return {
    from: typeof from === 'string' ? from : '',
    to: address,
    topic: toText(topic),
    service: (parseAddress(address) ?? parseBroadcast(address))?.service ?? '',
    command: toText(cmd),
    params: readParams(params),
    isCall: call === true,
  };
}

/** What a message has in common with those like it. */
export interface IncomingOrigin {
  readonly head: IncomingHead;
  readonly header: FrameHeader;
  /** Where the head ends and the data begin, counted from the beginning of the frame. */
  readonly dataAt: number;
  /** What {@link Incoming.to} says. */
  readonly to: string;
}

/**
 * A message as a service sees it. What costs something is computed when it is looked at: a view of
 * the data costs more than all the rest.
 */
export class IncomingMessage implements Incoming {
  readonly #origin: IncomingOrigin;
  readonly #bytes: Buffer;
  readonly #at: number;
  readonly #end: number;
  #data: Buffer | undefined;

  /** The frame is what `bytes` has from `at` to `end`. */
  constructor(origin: IncomingOrigin, bytes: Buffer, at: number, end: number) {
    this.#origin = origin;
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get data(): Buffer {
    this.#data ??= this.#bytes.subarray(this.#at + this.#origin.dataAt, this.#end);
    return this.#data;
  }

  get from(): string {
    return this.#origin.head.from;
  }

  get to(): string {
    return this.#origin.to;
  }

  get command(): string {
    return this.#origin.head.command;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#origin.head.params;
  }

  get isCall(): boolean {
    return this.#origin.head.isCall;
  }

  /** The lower half of its id. */
  get number(): number {
    return this.#bytes.readUInt32BE(this.#at + At.NUMBER);
  }

  get sn(): string {
    return formatSn(this.#origin.header.seed, this.number);
  }
}
