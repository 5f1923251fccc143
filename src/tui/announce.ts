/**
 * What happens to the nodes as sentences, one a line: for those who have the screen read to them,
 * and cannot be read a picture. Nothing is drawn, and what stays as it is, is not said again.
 */
import { escapeLine } from '../base/escape.ts';
import type { FigureId } from '../protocol/figures.ts';
import type { NodeStatus, WatchRecord } from '../protocol/status.ts';
import { formatCount, namedServices } from './figures.ts';

type Snapshot = Extract<WatchRecord, { type: 'snapshot' }>;
type Percent = Extract<FigureId, `${string}Percent`>;

/** Figures of which a high one is trouble; it is over when it is below nine tenths of that. */
const ALARMS: readonly {
  readonly figure: Percent;
  readonly most: number;
  readonly what: string;
}[] = [
  { figure: 'cpuPercent', most: 90, what: 'processors' },
  { figure: 'diskUsedPercent', most: 95, what: 'fullest disk' },
];
const OVER = 0.9;
/** A top that was restarted hears of flags some seconds after it knows of the node again. */
const FLAGS_UNSURE_MS = 15_000;

interface Known {
  readonly status: NodeStatus;
  /** Figures that were said to be high. */
  readonly alarms: ReadonlySet<Percent>;
  readonly flagCount: number;
  /** Until then, that it has no flags may be that they are not known again. */
  readonly unsureUntilMs: number;
}

export interface Announcer {
  /** Takes in a record, which came at `nowMs` from the node at the top, called `top`. */
  take(record: WatchRecord, top: string, nowMs: number): void;
  /** What there is to say by now: alike things of several nodes in one line. */
  say(): string[];
}

/** One thing to be said: of a node, or by itself. */
interface Said {
  readonly name: string | null;
  readonly what: string;
}

function listOf(names: readonly string[]): string {
  const [shown, more] = [names.slice(0, 10), names.length - 10];
  const words = shown.map(escapeLine).join(', ');
  return more > 0 ? `${words} and ${formatCount(more)} more` : words;
}

/** The whole at once: how many there are, and who is not well. */
function summarise(realm: string, nodes: readonly NodeStatus[]): string {
  const lost = nodes.filter(({ state }) => state === 'lost').map(({ name }) => name);
  const noun = nodes.length === 1 ? 'node' : 'nodes';
  const count = `${escapeLine(realm)}: ${formatCount(nodes.length)} ${noun}`;
  return lost.length === 0
    ? `${count}, all up`
    : `${count}, ${formatCount(lost.length)} lost: ${listOf(lost)}`;
}

function placeOf({ role, parent }: NodeStatus): string {
  const what = role === 'agent' ? `an ${role}` : `a ${role}`;
  return parent === null ? what : `${what} below ${escapeLine(parent)}`;
}

/** Alike things of several nodes in one line, where the first of them was said. */
function gather(said: readonly Said[]): string[] {
  const names = new Map<string, string[]>();
  for (const { name, what } of said) {
    const others = names.get(what);
    if (name === null || others === undefined) names.set(what, name === null ? [] : [name]);
    else if (!others.includes(name)) others.push(name);
  }
  return [...names].map(([what, [first, ...others]]) => {
    if (first === undefined) return what;
    return others.length === 0
      ? `${escapeLine(first)} ${what}`
      : `${what}: ${listOf([first, ...others])}`;
  });
}

function changesOf(was: Known, is: Known): string[] {
  const { status: before } = was;
  const { status: after, flagCount } = is;
  const said: string[] = [];
  if (before.state !== after.state) said.push(after.state === 'lost' ? 'is lost' : 'is up again');
  if (before.parent !== after.parent && after.parent !== null) {
    said.push(`has moved below ${escapeLine(after.parent)}`);
  }
  const [had, has] = [namedServices(before.services), namedServices(after.services)];
  for (const service of has) if (!had.includes(service)) said.push(`has the service ${service}`);
  for (const service of had) if (!has.includes(service)) said.push(`lost the service ${service}`);
  if (was.flagCount !== flagCount) {
    const noun = flagCount === 1 ? 'flag' : 'flags';
    said.push(flagCount === 0 ? 'has no flags any more' : `has ${flagCount} ${noun}`);
  }
  return said;
}

/** Which figures are high, and what there is to say of them. */
function alarmsOf(status: NodeStatus, before: ReadonlySet<Percent>) {
  const alarms = new Set<Percent>();
  const said: string[] = [];
  for (const { figure, most, what } of ALARMS) {
    const value = status.sample?.[figure];
    const wasHigh = before.has(figure);
    const isHigh = value === undefined ? wasHigh : value >= (wasHigh ? most * OVER : most);
    if (isHigh) alarms.add(figure);
    if (isHigh !== wasHigh) {
      said.push(`has ${what} ${isHigh ? 'above' : 'below'} ${isHigh ? most : most * OVER} percent`);
    }
  }
  return { alarms, said };
}

class NodeAnnouncer implements Announcer {
  readonly #known = new Map<string, Known>();
  readonly #said: Said[] = [];
  #realm: string | undefined;
  #isCutOff = false;
  /** The same as of a node, of all. */
  #unsureUntilMs = 0;

  say(): string[] {
    return gather(this.#said.splice(0));
  }

  #tell(name: string | null, what: string): void {
    this.#said.push({ name, what });
  }

  take(record: WatchRecord, top: string, nowMs: number): void {
    if (record.type === 'node') this.#takeNode(record.node, nowMs, true);
    else if (record.type === 'gone') this.#forget(record.name);
    else this.#takeAll(record, top, nowMs);
  }

  #forget(name: string): void {
    if (this.#known.delete(name)) this.#tell(name, 'is gone');
  }

  /** What is new of a node; that it has come, where that is news. */
  #takeNode(status: NodeStatus, nowMs: number, isNews: boolean): void {
    const { name } = status;
    const before = this.#known.get(name);
    const { alarms, said } = alarmsOf(status, before?.alarms ?? new Set());
    const isBack = status.state === 'lost' || before?.status.state === 'lost';
    const alsoUntilMs = isBack ? nowMs + FLAGS_UNSURE_MS : (before?.unsureUntilMs ?? 0);
    const unsureUntilMs = Math.max(this.#unsureUntilMs, alsoUntilMs);
    const isUnsure = status.flags === undefined && nowMs < unsureUntilMs;
    const flagCount = isUnsure ? (before?.flagCount ?? 0) : (status.flags?.count ?? 0);
    const known = { status, alarms, flagCount, unsureUntilMs };
    this.#known.set(name, known);
    if (before === undefined && isNews) this.#tell(name, `has come, ${placeOf(status)}`);
    if (before !== undefined) said.unshift(...changesOf(before, known));
    for (const what of said) this.#tell(name, what);
  }

  /** The whole at first, and later only what has changed meanwhile. */
  #takeAll({ realm, nodes, isCutOff }: Snapshot, top: string, nowMs: number): void {
    const isFirst = this.#realm !== realm;
    if (isFirst) {
      this.#realm = realm;
      this.#known.clear();
      this.#tell(null, summarise(realm, nodes));
    } else {
      this.#unsureUntilMs = nowMs + FLAGS_UNSURE_MS;
    }
    if ((isCutOff === true) !== this.#isCutOff) {
      this.#isCutOff = isCutOff === true;
      const part = `only what is below ${escapeLine(top)} is seen: its parent is away`;
      this.#tell(null, this.#isCutOff ? part : `the whole tree is seen, from ${escapeLine(top)}`);
    }
    const names = new Set(nodes.map(({ name }) => name));
    for (const name of [...this.#known.keys()]) if (!names.has(name)) this.#forget(name);
    for (const node of nodes) this.#takeNode(node, nowMs, !isFirst);
  }
}

export function createAnnouncer(): Announcer {
  return new NodeAnnouncer();
}
