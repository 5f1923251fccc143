/**
 * `metrics.get`: the series of this node, or of this node and all below it. For the latter each
 * node asks its children and merges what they say on the way up, so that one answer crosses each
 * link however many nodes there are. A child has nine tenths of the time; one that cannot be heard
 * by then is named, with the number of nodes behind it, and nothing of what it began to say counts.
 *
 * Series are lines of JSON on channel 1 (protocol/series.ts).
 */
import { matchesGlob } from '../base/glob.ts';
import { createLineSplitter } from '../base/lines.ts';
import type { Asking } from '../endpoint/asking.ts';
import { type CallContext, decodeValue, type Method } from '../endpoint/methods.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  HOPS_MAX,
  METRICS_HELD_MAX,
  METRICS_MS_DEFAULT,
  METRICS_MS_MAX,
  METRICS_SERIES_MAX,
  METRICS_SILENT_MAX,
  REPORT_NAME_LENGTH_MAX,
  SERIES_LINE_BYTES_MAX,
} from '../protocol/limits.ts';
import {
  METRICS_CHANNEL,
  METRICS_SCOPES,
  type MetricsAnswer,
  type MetricsScope,
  parseMetricsAnswer,
  parseSeriesLine,
  type Series,
  type SilentNode,
} from '../protocol/series.ts';
import { MergedSeries } from '../series/merging.ts';
import type { TreeView } from './census.ts';
import { sendLines } from './line-stream.ts';

const METHOD = 'metrics.get';
/** What a child has of the time that its parent has. */
const SHARE = 0.9;

export interface MetricsComponents {
  readonly view: TreeView;
  /** The series of this node. */
  own(): Promise<Iterable<Series>>;
  /** Names of the direct children. */
  children(): Iterable<string>;
  ask(child: string, method: string, args: readonly unknown[], timeoutMs: number): Asking;
}

interface Question {
  readonly scope: MetricsScope;
  /** Which names are wanted. */
  readonly pattern: string;
  readonly withinMs: number;
}

/** What was heard so far. */
interface Sum extends Omit<MetricsAnswer, 'leftOut'> {
  nodes: number;
  silentMore: number;
  readonly silent: SilentNode[];
  readonly series: MergedSeries;
  /** Left out by those who were heard. */
  leftOut: number;
  /** Series of children that are not done. */
  held: number;
  /** How many nodes are behind each child; counted when it is needed. */
  behind: ReadonlyMap<string, number> | undefined;
}

function invalid(reason: string): DagentError {
  return new DagentError('E_ARGUMENT_INVALID', { method: METHOD, reason });
}

/** Throws E_ARGUMENT_INVALID. */
function readQuestion([scope, pattern, withinMs]: readonly unknown[]): Question {
  const wanted = METRICS_SCOPES.find((each) => each === (scope ?? 'node'));
  if (wanted === undefined) throw invalid(`it is by ${METRICS_SCOPES.join(' or ')}`);
  const names = pattern ?? '*';
  if (typeof names !== 'string' || names.length > REPORT_NAME_LENGTH_MAX) {
    throw invalid(`the pattern of names is a text, at most ${REPORT_NAME_LENGTH_MAX} long`);
  }
  const ms = withinMs ?? METRICS_MS_DEFAULT;
  if (typeof ms !== 'number' || !(ms > 0 && ms <= METRICS_MS_MAX)) {
    throw invalid(`the time is a number of ms up to ${METRICS_MS_MAX}`);
  }
  return { scope: wanted, pattern: names, withinMs: ms };
}

export class Metrics {
  readonly #components: MetricsComponents;

  constructor(components: MetricsComponents) {
    this.#components = components;
  }

  readonly methods: Record<string, Method> = {
    [METHOD]: {
      doc: 'Streams the series of this node, or of its subtree, as lines of JSON on channel 1.',
      args: ['scope?', 'pattern?', 'withinMs?'],
      run: (args, context) => this.#answer(readQuestion(args), context),
    },
  };

  async #answer(question: Question, context: CallContext): Promise<MetricsAnswer> {
    const series = new MergedSeries(METRICS_SERIES_MAX);
    const nothing = { silent: [], silentMore: 0, leftOut: 0, held: 0, behind: undefined };
    const sum: Sum = { nodes: 1, series, ...nothing };
    const hearings = question.scope === 'node' ? [] : this.#hearChildren(question, sum, context);
    for (const each of await this.#components.own()) {
      if (matchesGlob(question.pattern, each.name)) series.add(each);
    }
    await Promise.all(hearings);
    const { nodes, silent, silentMore, leftOut } = sum;
    await sendLines(formatLines(series.list()), METRICS_CHANNEL, context);
    return { nodes, silent, silentMore, leftOut: leftOut + series.leftOut };
  }

  #hearChildren(question: Question, sum: Sum, { signal }: CallContext): Promise<void>[] {
    const children = new Set(this.#components.children());
    const hearings = [...children].map((child) => this.#hear(child, question, sum, signal));
    const self = this.#components.view.self().name;
    // Those that were lost are still part of the tree: they are missed, not forgotten.
    for (const { record, state } of this.#components.view.nodes()) {
      if (state === 'up' || record.parent !== self || children.has(record.name)) continue;
      this.#miss(sum, record.name, 'E_UNREACHABLE');
    }
    return hearings;
  }

  async #hear(child: string, question: Question, sum: Sum, signal: AbortSignal): Promise<void> {
    const { scope, pattern, withinMs } = question;
    const shareMs = Math.ceil(withinMs * SHARE);
    const args = [scope, pattern, shareMs];
    const asking = this.#components.ask(child, METHOD, args, shareMs);
    const stop = (): void => asking.cancel();
    signal.addEventListener('abort', stop);
    const heard = new MergedSeries(METRICS_SERIES_MAX);
    try {
      const answer = await readAnswer(asking, heard, sum);
      sum.series.addAll(heard.list());
      this.#take(sum, answer);
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      this.#miss(sum, child, error.code);
    } finally {
      sum.held -= heard.size;
      signal.removeEventListener('abort', stop);
    }
  }

  #take(sum: Sum, answer: MetricsAnswer): void {
    sum.nodes += answer.nodes;
    sum.leftOut += answer.leftOut;
    sum.silentMore += answer.silentMore;
    for (const silent of answer.silent) name(sum, silent);
  }

  #miss(sum: Sum, child: string, code: string): void {
    sum.behind ??= countBehind(this.#components.view);
    name(sum, { node: child, below: sum.behind.get(child) ?? 0, code });
  }
}

/** How many nodes are reached through each child. */
function countBehind(view: TreeView): ReadonlyMap<string, number> {
  const self = view.self().name;
  const counts = new Map<string, number>();
  for (const { record } of view.nodes()) {
    let at = record;
    for (let hops = 0; at.parent !== null && at.parent !== self && hops < HOPS_MAX; hops++) {
      const above = view.find(at.parent)?.record;
      if (above === undefined) break;
      at = above;
    }
    if (at !== record && at.parent === self) counts.set(at.name, (counts.get(at.name) ?? 0) + 1);
  }
  return counts;
}

function name(sum: Sum, silent: SilentNode): void {
  if (sum.silent.length < METRICS_SILENT_MAX) sum.silent.push(silent);
  else sum.silentMore++;
}

function* formatLines(series: Iterable<Series>): Iterable<string> {
  for (const each of series) yield `${JSON.stringify(each)}\n`;
}

/** Reads what a child says into `heard`. Throws what it, or the way there, says. */
async function readAnswer(asking: Asking, heard: MergedSeries, sum: Sum): Promise<MetricsAnswer> {
  const notUnderstood = new DagentError('E_NOT_UNDERSTOOD', {
    service: asking.to,
    command: METHOD,
  });
  const giveUp = (error: DagentError): void => {
    asking.cancel();
    asking.fail(error);
  };
  const lines = createLineSplitter((line) => {
    const isLine = line.length < SERIES_LINE_BYTES_MAX;
    const series = isLine ? parseSeriesLine(line.toString('utf8')) : undefined;
    if (series === undefined) return giveUp(notUnderstood);
    const former = heard.size;
    heard.add(series);
    sum.held += heard.size - former;
    if (sum.held <= METRICS_HELD_MAX) return;
    const values = { what: 'what is held of children', bytes: sum.held, max: METRICS_HELD_MAX };
    giveUp(new DagentError('E_TOO_LARGE', values));
  }, SERIES_LINE_BYTES_MAX);
  asking.onData = (_, bytes) => {
    lines.push(bytes);
    asking.grant(bytes.length);
  };
  const answer = parseMetricsAnswer(decodeValue((await asking.outcome).data));
  if (answer === undefined) throw notUnderstood;
  return { ...answer, leftOut: answer.leftOut + heard.leftOut };
}
