/**
 * `route.list`: the tables of this node, as a stream, so that the largest one is read bit by bit,
 * as fast as its reader takes it, and is never copied.
 */
import type { CallContext, Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { type Fields, type FieldValue, parseExpression } from '../protocol/expression.ts';
import type { Role } from '../protocol/record.ts';

const ROUTES_CHANNEL = 1;
/** Routes that are written at once. */
const BATCH_COUNT = 64;
/** Routes that are looked at before others get their turn: some milliseconds. */
const LOOKS_AT_ONCE = 5_000;

/** A link to a neighbour, or to a program of this node. */
export interface LinkRecord {
  readonly type: 'link';
  /** Name of the neighbour, or of a service of the program. */
  readonly peer: string;
  /** What it is to this node: `parent`, `child`, `peer`, `client`. */
  readonly as: string;
  readonly rttMs: number | null;
  /** Time since anything was heard by it. */
  readonly heardMs: number;
  /** Bytes that went over it since it stands. */
  readonly sentBytes: number;
  readonly heardBytes: number;
  /** Whether it does not keep up, so that messages to it are dropped. */
  readonly isSlow: boolean;
  /** Of a program: what it has asked, and what it is asked, without an outcome yet. */
  readonly asking: number;
  readonly serving: number;
}

/** What the table is of, before its routes. */
export interface TableRecord {
  readonly type: 'table';
  readonly node: string;
  readonly role: Role;
  readonly realm: string | null;
  /** Where all goes that no route is known to; null at the top. */
  readonly defaultVia: string | null;
  readonly routes: number;
  readonly lost: number;
  readonly links: number;
}

/** A way that a neighbour offers and that is not taken. */
export interface OtherWay {
  readonly via: string;
  readonly metric: number;
  readonly seqno: number;
  readonly reach: string;
  /** Whether it could be taken at once without making a circle (RFC 8966, section 3.5.1). */
  readonly isFeasible: boolean;
}

/** The route to one node. */
export interface RouteRecord {
  readonly type: 'route';
  readonly node: string;
  readonly role: Role;
  readonly parent: string | null;
  readonly state: 'up' | 'lost';
  /** The neighbour that is the next hop; null while it is lost. */
  readonly via: string | null;
  /** Hops from here. */
  readonly metric: number;
  /** `below`, `across` a link to a peer, or `beyond`. */
  readonly reach: string;
  readonly seqno: number;
  /** Fewest hops from here since that sequence number was new: the feasibility distance. */
  readonly nearest: number;
  readonly others: readonly OtherWay[];
}

/** Who answered lately for a service that is asked for upwards: it is sent straight there. */
export interface HintRecord {
  readonly type: 'hint';
  readonly serviceKey: number;
  readonly nodeKey: number;
  /** How long it is still remembered. */
  readonly forMs: number;
}

export interface RouteView {
  table(): TableRecord;
  links(): Iterable<LinkRecord>;
  hints(): Iterable<HintRecord>;
  routes(): Iterable<RouteRecord>;
}

/** What an expression may ask of a route. */
const ROUTE_FIELDS: Fields = {
  node: 'text',
  role: 'text',
  parent: 'text',
  state: 'text',
  via: 'text',
  reach: 'text',
  metric: 'number',
  others: 'number',
};

function lookAtRoute(route: RouteRecord, field: string): FieldValue {
  switch (field) {
    case 'node':
    case 'role':
    case 'state':
    case 'reach':
    case 'metric':
      return route[field];
    case 'parent':
    case 'via':
      return route[field] ?? undefined;
    case 'others':
      return route.others.length;
    default:
      return undefined;
  }
}

function parseWish(value: unknown) {
  const { expression, limit } = (value ?? {}) as Record<string, unknown>;
  const isLimit = Number.isSafeInteger(limit) && (limit as number) >= 0;
  return {
    filter: parseExpression(typeof expression === 'string' ? expression : '', ROUTE_FIELDS),
    limit: isLimit ? (limit as number) : Number.POSITIVE_INFINITY,
  };
}

/** Writes records as fast as their reader takes them. */
class Writer {
  readonly #context: CallContext;
  readonly #aborted: Promise<void>;

  constructor(context: CallContext) {
    this.#context = context;
    this.#aborted = new Promise((resolve) => {
      context.signal.addEventListener('abort', () => resolve());
    });
  }

  get isOver(): boolean {
    return this.#context.signal.aborted;
  }

  async write(records: readonly unknown[]): Promise<void> {
    const { exchange } = this.#context;
    const lines = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    const drained = new Promise<void>((resolve) => {
      exchange.onDrain = resolve;
    });
    const isTaken = exchange.write(ROUTES_CHANNEL, Buffer.from(lines));
    if (!isTaken && !this.isOver) await Promise.race([drained, this.#aborted]);
  }
}

async function listRoutes(
  view: RouteView,
  clock: Clock,
  wish: unknown,
  context: CallContext,
): Promise<{ readonly matched: number; readonly shown: number }> {
  const { filter, limit } = parseWish(wish);
  const writer = new Writer(context);
  await writer.write([view.table(), ...view.links(), ...view.hints()]);
  let [looked, matched, shown] = [0, 0, 0];
  let batch: RouteRecord[] = [];
  for (const route of view.routes()) {
    if (writer.isOver) break;
    if (++looked % LOOKS_AT_ONCE === 0) await new Promise<void>((done) => clock.after(0, done));
    if (!filter((field) => lookAtRoute(route, field))) continue;
    matched++;
    if (shown >= limit) continue;
    shown++;
    batch.push(route);
    if (batch.length < BATCH_COUNT) continue;
    await writer.write(batch);
    batch = [];
  }
  if (batch.length > 0) await writer.write(batch);
  return { matched, shown };
}

/** The method that lists routes. */
export function createRouteMethods(view: RouteView, clock: Clock): Record<string, Method> {
  return {
    'route.list': {
      doc: 'Streams links, routes and remembered ways of this node, as JSON lines on channel 1.',
      args: ['{expression, limit}'],
      run: ([wish], context) => listRoutes(view, clock, wish, context),
    },
  };
}
