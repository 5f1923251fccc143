/**
 * The flags of a node and of all below it, as methods of its own service: programs raise and lower
 * them, children tell of theirs, and whoever asks the top sees those of the whole tree.
 */
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { KeptValue } from '../ports/kept-value.ts';
import type { Logger } from '../ports/logger.ts';
import { BUILTIN_SERVICE, parseAddress } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  type FlagChange,
  type FlagRecord,
  type FlagSummary,
  formatFlagKey,
  type ListedFlag,
  type NodeFlags,
  parseNodeFlags,
  rankOf,
  summarizeFlags,
} from '../protocol/flag.ts';
import { STATUS_CHANNEL } from '../protocol/status.ts';
import { sayCutOff, type TreeView } from './census.ts';
import type { EventName, Happening } from './event-record.ts';
import { readFlagFilter, readLower, readRaise } from './flag-args.ts';
import { FlagBook } from './flag-book.ts';
import { FlagCarrier } from './flag-carrier.ts';
import { FlagLedger } from './flag-ledger.ts';
import type { FlagInput, FlagOutcome, FlagSet } from './flag-state.ts';
import { sendLines } from './line-stream.ts';

export interface FlagsComponents {
  readonly view: TreeView;
  readonly clock: Clock;
  readonly log: Logger;
  readonly kept: KeptValue;
  /** Tells those who follow events. */
  onHappening(happening: Happening): void;
  /** What is shown of a node may be other now. */
  onChange(node: string): void;
  /** Tells the parent; the names of those that it did not take. */
  tellParent(flags: readonly NodeFlags[]): Promise<readonly string[]>;
}

/** What is told of a change to those who follow events; the rest only they see who look. */
const EVENTS: Readonly<Partial<Record<FlagChange, EventName>>> = {
  raised: 'flag-raised',
  changed: 'flag-changed',
  cleared: 'flag-cleared',
  lowered: 'flag-lowered',
};

function isEqual(a: FlagSummary | undefined, b: FlagSummary | undefined): boolean {
  return a?.count === b?.count && a?.worst === b?.worst;
}

export class Flags {
  readonly #components: FlagsComponents;
  readonly #book: FlagBook;
  readonly #ledger: FlagLedger;
  readonly #carrier: FlagCarrier;

  constructor(components: FlagsComponents) {
    this.#components = components;
    const { view, clock, log, kept, tellParent } = components;
    this.#book = new FlagBook({
      clock,
      log,
      kept,
      onChange: (change, flag) => this.#handleOwn(change, flag),
    });
    this.#ledger = new FlagLedger({
      view,
      onChange: (node, change, flag) => this.#tellEvent(node, change, flag),
    });
    this.#carrier = new FlagCarrier({
      clock,
      flagsOf: (node) => this.flagsOf(node),
      nodes: () => [this.#node, ...Array.from(this.#ledger.all(), ({ node }) => node)],
      tell: tellParent,
    });
  }

  readonly methods: Record<string, Method> = {
    'flag.raise': {
      doc: 'Raises a flag of this node, or renews it; returns what became of it.',
      args: ['service', 'section', 'flag', '{priority, tags, message, isManual}?'],
      run: async (args, { from }) => this.#answer(readRaise(args, from)),
    },
    'flag.lower': {
      doc: 'Lowers a flag of this node; one that a person must lower, by hand only.',
      args: ['service', 'section', 'flag', '{isByHand}?'],
      run: async (args) => this.#answer(readLower(args)),
    },
    'flag.list': {
      doc: 'Streams the flags of this node and of all below it, as lines of JSON on channel 1.',
      args: ['{priority, tag}?'],
      run: ([filter], context) => this.#list(filter, context),
    },
    'flag.tell': {
      doc: 'Takes the word of a child about flags below; returns the nodes that it does not know.',
      args: ['flags'],
      run: ([told], { from }) => this.#take(told, from),
    },
  };

  get #node(): string {
    return this.#components.view.self().name;
  }

  /** The flags of this node. */
  get own(): FlagSet {
    return this.#book.set;
  }

  /** The daemon says something of itself. */
  say(input: FlagInput): Promise<FlagOutcome> {
    return this.#book.ask(input);
  }

  /** The flags of this node or of one below, as they are carried upwards. */
  flagsOf(node: string): NodeFlags | undefined {
    if (node !== this.#node) return this.#ledger.of(node);
    const { revision, flags } = this.#book.set;
    return { node, revision, flags: [...flags.values()], omitted: 0 };
  }

  summaryOf(node: string): FlagSummary | undefined {
    const flags = this.flagsOf(node);
    return flags === undefined ? undefined : summarizeFlags(flags);
  }

  async #answer(input: FlagInput) {
    const { change, flag } = await this.#book.ask(input);
    // One that was lowered is told as it is now: there is none.
    const isUp = flag !== undefined && change !== 'lowered';
    return { node: this.#node, change, flag: isUp ? flag : null };
  }

  #handleOwn(change: FlagChange, flag: FlagRecord): void {
    if (change === 'none') return;
    const node = this.#node;
    this.#tellEvent(node, change, flag);
    this.#carrier.changed(node);
    if (change === 'renewed') return;
    this.#components.onChange(node);
    const { priority, message, by } = flag;
    const fields = { flag: formatFlagKey(flag), priority, message, by };
    this.#components.log.info(`flag ${change}`, fields);
  }

  #tellEvent(node: string, change: FlagChange, flag: FlagRecord): void {
    const event = EVENTS[change];
    if (event === undefined) return;
    const { priority, message } = flag;
    const reason = message === '' ? {} : { reason: message };
    const facts = { flag: formatFlagKey(flag), priority, ...reason };
    this.#components.onHappening({ event, node, ...facts });
  }

  /** Only a child may tell, and only by its daemon. */
  #take(told: unknown, from: string): string[] {
    const { node: child, service } = parseAddress(from) ?? { node: '', service: '' };
    const { view } = this.#components;
    const isChild = view.find(child)?.record.parent === this.#node;
    const words = Array.isArray(told) ? told.map(parseNodeFlags) : [undefined];
    const known = words.filter((each) => each !== undefined);
    if (!isChild || service !== BUILTIN_SERVICE || known.length < words.length) {
      const reason = 'only a child tells of flags, and of such as there can be';
      throw new DagentError('E_ARGUMENT_INVALID', { method: 'flag.tell', reason });
    }
    const refused: string[] = [];
    for (const word of known) {
      const before = this.summaryOf(word.node);
      if (!this.#ledger.take(child, word)) {
        refused.push(word.node);
        continue;
      }
      this.#carrier.changed(word.node);
      if (!isEqual(before, this.summaryOf(word.node))) this.#components.onChange(word.node);
    }
    return refused;
  }

  async #list(filter: unknown, context: CallContext) {
    const { priority, tag } = readFlagFilter(filter);
    const isWanted = (flag: FlagRecord): boolean =>
      rankOf(flag.priority) >= rankOf(priority) && (tag === undefined || flag.tags.includes(tag));
    const totals = { omitted: 0 };
    const lines = this.#formatLines(isWanted, totals);
    const count = await sendLines(lines, STATUS_CHANNEL, context);
    return { count, omitted: totals.omitted, ...sayCutOff(this.#components.view) };
  }

  /** A line for each flag that is wanted; what is left out is counted in `totals`. */
  *#formatLines(
    isWanted: (flag: FlagRecord) => boolean,
    totals: { omitted: number },
  ): Iterable<string> {
    const { view } = this.#components;
    for (const name of [this.#node, ...Array.from(this.#ledger.all(), ({ node }) => node)]) {
      const { flags, omitted } = this.flagsOf(name) ?? { flags: [], omitted: 0 };
      totals.omitted += omitted;
      const nodeState = name === this.#node ? 'up' : (view.find(name)?.state ?? 'lost');
      for (const flag of flags.filter(isWanted)) {
        const listed: ListedFlag = { node: name, nodeState, ...flag };
        yield `${JSON.stringify(listed)}\n`;
      }
    }
  }

  /** A node is known no more. */
  nodeGone(node: string): void {
    this.#ledger.forget(node);
  }

  /** There is a link to a parent, or none any more. */
  uplinkUp(): void {
    this.#carrier.linkUp();
  }

  uplinkDown(): void {
    this.#carrier.linkDown();
  }

  /** Settles when what was asked for is written. */
  async stop(): Promise<void> {
    this.#carrier.linkDown();
    await this.#book.stop();
  }
}
