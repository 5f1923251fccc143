/**
 * One envelope that passes a node, as those who sniff see it. On the wire addresses are keys; the
 * names are those that heads say, checked against the keys, and those that the node itself knows.
 */
import { toText } from '../base/text.ts';
import { formatSn } from '../endpoint/incoming.ts';
import { type NodeKey, nodeKeyOf, parseAddress, serviceKeyOf } from '../protocol/address.ts';
import { isErrorCode } from '../protocol/errors.ts';
import type { Fields, FieldValue } from '../protocol/expression.ts';
import {
  bodyOf,
  decodeHeader,
  Flag,
  type FrameHeader,
  headOf,
  Kind,
  ROUTED_KIND_MIN,
} from '../protocol/frame.ts';
import { unpackMap } from '../protocol/pack.ts';

/** An envelope as the node's router shows it. */
export interface Sniffed {
  /** The whole frame; a view, to be read at once. */
  readonly bytes: Buffer;
  /** Names of the links by which it came and left; null: made here, ended here. */
  readonly from: string | null;
  readonly to: string | null;
  /** Why it ended here. */
  readonly code: string | null;
}

/** What the node knows of names. */
export interface NameView {
  nameNode(key: NodeKey): string | undefined;
}

/** What an expression may ask of an envelope. */
export const SNIFF_FIELDS: Fields = {
  from: 'text',
  to: 'text',
  node: 'text',
  service: 'text',
  kind: 'text',
  cmd: 'text',
  topic: 'text',
  size: 'number',
  in: 'text',
  out: 'text',
  outcome: 'text',
  id: 'text',
};

const KIND_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Kind)
    .filter(([, kind]) => kind >= ROUTED_KIND_MIN)
    .map(([name, kind]) => [kind, name.toLowerCase()]),
);

/** Names that are remembered by their keys. More: all are forgotten, and learnt anew. */
const NAMES_MAX = 4_096;

/** Characters of a text in a head that are looked at and shown: it may be as long as the head. */
const TEXT_LENGTH_MAX = 256;

/** The text of a field of a head; undefined when it has none. */
function shownText(value: unknown): string | undefined {
  return value === undefined ? undefined : toText(value).slice(0, TEXT_LENGTH_MAX);
}

/** Names learnt from what passes. */
export class Names {
  readonly #view: NameView;
  readonly #services = new Map<number, string>();
  readonly #nodes = new Map<NodeKey, string>();

  constructor(view: NameView) {
    this.#view = view;
  }

  /** Believes the address in a head as far as it has the keys of the frame. */
  learn(text: string, node: NodeKey, service: number): void {
    const address = parseAddress(text);
    if (address === undefined) return;
    if (this.#services.size >= NAMES_MAX) this.#services.clear();
    if (this.#nodes.size >= NAMES_MAX) this.#nodes.clear();
    if (serviceKeyOf(address.service) === service) this.#services.set(service, address.service);
    if (address.node !== '' && nodeKeyOf(address.node) === node) {
      this.#nodes.set(node, address.node);
    }
  }

  node(key: NodeKey): string {
    if (key === 0) return '';
    return this.#view.nameNode(key) ?? this.#nodes.get(key) ?? `#${key.toString(16)}`;
  }

  service(key: number): string {
    if (key === 0) return '';
    return this.#services.get(key) ?? `#${key.toString(16)}`;
  }
}

/** The two ends of a frame, by name. */
interface End {
  readonly node: string;
  readonly service: string;
}

/** `node:service`; `node:` is its router, `service` alone the nearest one. */
function formatEnd({ node, service }: End): string {
  return node === '' ? service : `${node}:${service}`;
}

/** An envelope, taken apart as far as is asked for. */
export class Sight {
  readonly header: FrameHeader;
  readonly sniffed: Sniffed;
  readonly from: End;
  readonly to: End;
  readonly #head: Readonly<Record<string, unknown>> | undefined;

  constructor(sniffed: Sniffed, names: Names) {
    this.sniffed = sniffed;
    const { bytes } = sniffed;
    this.header = decodeHeader(bytes);
    const { kind, fromNode, fromService, toNode, toService } = this.header;
    if (kind === Kind.MESSAGE || kind === Kind.REQUEST || kind === Kind.EVENT) {
      this.#head = unpackMap(headOf(bytes));
      names.learn(toText(this.#head.from), fromNode, fromService);
      names.learn(toText(this.#head.to), toNode, toService);
    }
    this.from = { node: names.node(fromNode), service: names.service(fromService) };
    this.to = { node: names.node(toNode), service: names.service(toService) };
  }

  get kind(): string {
    const { kind } = this.header;
    return this.#isBroadcast ? 'broadcast' : (KIND_NAMES.get(kind) ?? `kind ${kind}`);
  }

  get command(): string | undefined {
    return shownText(this.#head?.cmd);
  }

  get fromText(): string {
    return formatEnd(this.from);
  }

  /** What goes to many is for whom its head says: the keys do not tell. */
  get toText(): string {
    return this.#isBroadcast ? (shownText(this.#head?.to) ?? '') : formatEnd(this.to);
  }

  get #isBroadcast(): boolean {
    const { kind, flags } = this.header;
    return kind === Kind.MESSAGE && (flags & Flag.BROADCAST) !== 0;
  }

  get id(): string {
    return formatSn(this.header.seed, this.header.number);
  }

  get body(): Buffer {
    return bodyOf(this.sniffed.bytes);
  }

  /** Identifies its exchange: ids alone are the asker's own. */
  get exchange(): string {
    const { flags, fromNode, fromService, toNode, toService } = this.header;
    const isResponse = (flags & Flag.RESPONSE) !== 0;
    const asker = isResponse ? `${toNode} ${toService}` : `${fromNode} ${fromService}`;
    return `${asker} ${this.id}`;
  }

  /** Whether somebody waits for its outcome. */
  get isAsking(): boolean {
    const { kind, flags } = this.header;
    return kind === Kind.REQUEST || (kind === Kind.MESSAGE && (flags & Flag.REPORT) !== 0);
  }

  /** Whether it is the outcome that ends its exchange. */
  get isOutcome(): boolean {
    return this.header.kind === Kind.REPLY || this.header.kind === Kind.REJECT;
  }

  /** `ok`, or the code of the error that it brings or that it ended with; null: nothing ended. */
  get outcome(): string | null {
    const { code, to, bytes } = this.sniffed;
    if (code !== null) return code;
    if (this.header.kind === Kind.REPLY) return 'ok';
    if (this.header.kind === Kind.REJECT) {
      const { error } = unpackMap(headOf(bytes));
      const rejected = (error as { code?: unknown } | undefined)?.code;
      return isErrorCode(rejected) ? rejected : 'E_REMOTE';
    }
    return to === null ? 'ended' : null;
  }

  get topic(): string | undefined {
    return shownText(this.#head?.topic);
  }

  /** The value of a field of {@link SNIFF_FIELDS}. */
  look(field: string): FieldValue {
    const { from, to, sniffed } = this;
    switch (field) {
      case 'from':
        return [this.fromText, from.node, from.service];
      case 'to':
        return [this.toText, to.node, to.service];
      case 'node':
        return [from.node, to.node];
      case 'service':
        return [from.service, to.service];
      case 'kind':
        return this.kind;
      case 'cmd':
        return this.command;
      case 'topic':
        return this.topic;
      case 'size':
        return sniffed.bytes.length;
      case 'in':
        return sniffed.from ?? undefined;
      case 'out':
        return sniffed.to ?? undefined;
      case 'outcome':
        return this.outcome ?? undefined;
      case 'id':
        return this.id;
      default:
        return undefined;
    }
  }
}
