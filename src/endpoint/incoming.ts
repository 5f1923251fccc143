/** What comes to a service: messages and requests, read from their frames. */
import { toText } from '../base/text.ts';
import { parseAddress, parseBroadcast } from '../protocol/address.ts';
import { At, bodyOf, type FrameHeader, headOf, PREFIX_BYTES } from '../protocol/frame.ts';
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

/**
 * Reads heads. One that is byte for byte the last one is not decoded again: a sender that has much
 * to say says most of it with the same addresses and command.
 */
export class HeadReader {
  #bytes: Buffer | undefined;
  #head: IncomingHead | undefined;

  read(frame: Buffer): IncomingHead {
    if (this.#head !== undefined && this.#isLast(frame)) return this.#head;
    const bytes = headOf(frame);
    const { from, to, topic, cmd, params, call } = unpackMap(bytes);
    const address = toText(to);
    const head: IncomingHead = {
      from: typeof from === 'string' ? from : '',
      to: address,
      topic: toText(topic),
      service: (parseAddress(address) ?? parseBroadcast(address))?.service ?? '',
      command: toText(cmd),
      params: readParams(params),
      isCall: call === true,
    };
    // A copy: the frame's own memory belongs to whoever gets the message.
    this.#bytes = Buffer.from(bytes);
    this.#head = head;
    return head;
  }

  /** Compared in place: a view of the head would cost more than the comparison. */
  #isLast(frame: Buffer): boolean {
    const last = this.#bytes;
    const lengthBytes = frame.readUInt16BE(At.HEAD_LENGTH);
    if (last === undefined || last.length !== lengthBytes) return false;
    return frame.compare(last, 0, lengthBytes, PREFIX_BYTES, PREFIX_BYTES + lengthBytes) === 0;
  }
}

/** A message as a service sees it. What costs something is computed when it is looked at. */
export class IncomingMessage implements Incoming {
  readonly #head: IncomingHead;
  readonly #header: FrameHeader;
  readonly to: string;
  readonly #frame: Buffer;
  #data: Buffer | undefined;

  /** `to` is the address of the service. */
  constructor(head: IncomingHead, header: FrameHeader, to: string, frame: Buffer) {
    this.#head = head;
    this.#header = header;
    this.to = to;
    this.#frame = frame;
  }

  get data(): Buffer {
    this.#data ??= bodyOf(this.#frame);
    return this.#data;
  }

  get from(): string {
    return this.#head.from;
  }

  get command(): string {
    return this.#head.command;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#head.params;
  }

  get isCall(): boolean {
    return this.#head.isCall;
  }

  get sn(): string {
    return formatSn(this.#header.seed, this.#header.number);
  }
}
