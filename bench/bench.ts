/** What a bench is: contestants measured in turn, round by round, and compared with ours. */
import { type Summary, summarise } from './statistics.ts';

/** The name of our contestant; every other is a peer. */
export const OURS = 'dagent';

/** One figure that a contestant of a bench yields in every round, if it can. */
export interface Metric {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  /** Compared by ours divided by the peer's, or by ours less the peer's. */
  readonly compare: 'ratio' | 'difference';
  /** What the comparison should reach, by name of the peer. */
  readonly goals: Readonly<Record<string, Goal>>;
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export interface Contestant {
  readonly name: string;
  /** Runs one round; figures by key of the metric. */
  measure(): Promise<Record<string, number>>;
}

/** Which contestants to run. */
export interface Sides {
  readonly ours: boolean;
  readonly peers: boolean;
}

export interface Bench {
  readonly name: string;
  readonly title: string;
  readonly roundsDefault: number;
  readonly metrics: readonly Metric[];
  /** Starts the servers; what they need to end goes on `stack`. */
  open(stack: AsyncDisposableStack, sides: Sides): Promise<readonly Contestant[]>;
}

/** One contestant's figures for one metric, and how ours compare. */
export interface Row {
  readonly metric: string;
  readonly unit: string;
  readonly contestant: string;
  readonly summary: Summary;
  readonly compare: Metric['compare'];
  /** Ours against this peer, by medians; null for ours itself, and when ours did not run. */
  readonly comparison: number | null;
  readonly goal: Goal | null;
  readonly isReached: boolean | null;
}

export interface BenchResult {
  readonly bench: string;
  readonly title: string;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

/** Figures of one contestant: a list of values, one a round, by metric. */
type Figures = Map<string, number[]>;

/** Whether `value` reaches `goal`. */
function isReached(value: number, goal: Goal): boolean {
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

function compare(metric: Metric, ours: number, peer: number): number {
  return metric.compare === 'ratio' ? ours / peer : ours - peer;
}

/** The rows of one metric: peers first, then ours. */
function toRows(metric: Metric, figures: ReadonlyMap<string, Figures>): Row[] {
  const measured = [...figures].filter(([, values]) => values.has(metric.key));
  const summaries = measured.map(
    ([name, values]) => [name, summarise(values.get(metric.key)!)] as const,
  );
  const ours = summaries.find(([name]) => name === OURS)?.[1];
  return summaries.map(([name, summary]) => {
    const isComparable = ours !== undefined && name !== OURS;
    const comparison = isComparable ? compare(metric, ours.median, summary.median) : null;
    const goal = metric.goals[name] ?? null;
    return {
      metric: metric.label,
      unit: metric.unit,
      contestant: name,
      summary,
      compare: metric.compare,
      comparison,
      goal,
      isReached: comparison !== null && goal !== null ? isReached(comparison, goal) : null,
    };
  });
}

/** Measures each contestant once a round, in alternating order, so that drift favours none. */
async function measureRounds(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>(contestants.map(({ name }) => [name, new Map()]));
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? contestants : contestants.toReversed();
    for (const contestant of order) {
      const values = figures.get(contestant.name);
      for (const [key, value] of Object.entries(await contestant.measure())) {
        values?.set(key, [...(values.get(key) ?? []), value]);
      }
    }
  }
  return figures;
}

/** Opens `bench` on `stack`, runs its rounds and returns the figures; the caller closes `stack`. */
export async function runBench(
  bench: Bench,
  stack: AsyncDisposableStack,
  options: { readonly sides: Sides; readonly rounds?: number },
): Promise<BenchResult> {
  const rounds = options.rounds ?? bench.roundsDefault;
  const contestants = await bench.open(stack, options.sides);
  const figures = await measureRounds(contestants, rounds);
  const rows = bench.metrics.flatMap((metric) => toRows(metric, figures));
  return { bench: bench.name, title: bench.title, rounds, rows };
}
