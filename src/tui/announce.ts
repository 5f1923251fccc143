/**
 * What happens to the nodes as sentences, one a line: for those who have the screen read to them,
 * and cannot be read a picture. Nothing is drawn, and what stays as it is, is not said again.
 */
import { escapeLine } from '../base/escape.ts';
import type { FigureId } from '../protocol/figures.ts';
import type { NodeStatus, WatchRecord } from '../protocol/status.ts';
import { formatCount, namedServices } from './figures.ts';

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

interface Known {
  readonly status: NodeStatus;
  /** Figures that were said to be high. */
  readonly alarms: ReadonlySet<Percent>;
}

export interface Announcer {
  /** What a record has to say. */
  take(record: WatchRecord): string[];
}

function listOf(names: readonly string[]): string {
  const [shown, more] = [names.slice(0, 10), names.length - 10];
  const words = shown.map(escapeLine).join(', ');
  return more > 0 ? `${words} and ${formatCount(more)} more` : words;
}

/** The whole at once: how many there are, and who is not well. */
function summarise(realm: string, nodes: readonly NodeStatus[]): string[] {
  const lost = nodes.filter(({ state }) => state === 'lost').map(({ name }) => name);
  const noun = nodes.length === 1 ? 'node' : 'nodes';
  const count = `${escapeLine(realm)}: ${formatCount(nodes.length)} ${noun}`;
  return lost.length === 0
    ? [`${count}, all up`]
    : [`${count}, ${formatCount(lost.length)} lost: ${listOf(lost)}`];
}

function placeOf({ role, parent }: NodeStatus): string {
  const what = role === 'agent' ? `an ${role}` : `a ${role}`;
  return parent === null ? what : `${what} below ${escapeLine(parent)}`;
}

function changesOf(before: NodeStatus, after: NodeStatus): string[] {
  const said: string[] = [];
  if (before.state !== after.state) said.push(after.state === 'lost' ? 'is lost' : 'is up again');
  if (before.parent !== after.parent && after.parent !== null) {
    said.push(`has moved below ${escapeLine(after.parent)}`);
  }
  const [had, has] = [namedServices(before.services), namedServices(after.services)];
  for (const service of has) if (!had.includes(service)) said.push(`has the service ${service}`);
  for (const service of had) if (!has.includes(service)) said.push(`lost the service ${service}`);
  const [flagsBefore, flagsAfter] = [before.flags?.count ?? 0, after.flags?.count ?? 0];
  if (flagsBefore !== flagsAfter) {
    said.push(flagsAfter === 0 ? 'has no flags any more' : `has ${flagsAfter} flags`);
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
      said.push(`${what} at ${Math.round(value ?? 0)} percent${isHigh ? '' : ' again'}`);
    }
  }
  return { alarms, said };
}

export function createAnnouncer(): Announcer {
  const known = new Map<string, Known>();
  const takeNode = (status: NodeStatus): string[] => {
    const before = known.get(status.name);
    const { alarms, said } = alarmsOf(status, before?.alarms ?? new Set());
    known.set(status.name, { status, alarms });
    const changes = before === undefined ? [] : changesOf(before.status, status);
    const first = before === undefined ? [`has come, ${placeOf(status)}`] : changes;
    const name = escapeLine(status.name);
    return [...first.map((each) => `${name} ${each}`), ...said.map((each) => `${name}: ${each}`)];
  };
  return {
    take: (record) => {
      if (record.type === 'gone') {
        return known.delete(record.name) ? [`${escapeLine(record.name)} is gone`] : [];
      }
      if (record.type === 'node') return takeNode(record.node);
      known.clear();
      const said = summarise(record.realm, record.nodes);
      // Those that are there from the start have come before; what is high is said all the same.
      return [...said, ...record.nodes.flatMap((node) => takeNode(node).slice(1))];
    },
  };
}
