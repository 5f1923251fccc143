import * as Flags from '@oclif/core/flags';
import { escapeLine } from '../base/escape.ts';
import { sortNaturally } from '../base/natural.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { tellCutOff } from '../cli/cut-off.ts';
import { chooseRecords, METRIC_COLUMNS, sayMissed, toRow } from '../cli/format-metrics.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { readTargets, resolveWanted, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import type { Client } from '../client/client.ts';
import { EXIT } from '../client/exec-status.ts';
import type { MetricRecord, MetricsWish, NodeMetrics } from '../client/metrics.ts';
import { DagentError } from '../protocol/errors.ts';
import { METRICS_MS_DEFAULT, METRICS_MS_MAX } from '../protocol/limits.ts';
import { METRICS_SCOPES, type MetricsScope } from '../protocol/series.ts';

/** Exit status when a name means nothing. */
const EXIT_NO_TARGET = 3;

interface Answer extends NodeMetrics {
  readonly node: string;
}

/** Of one name there may be several, of other kinds and units: each has its place. */
function placeOf({ name, kind, unit }: MetricRecord): string {
  return `${name} ${kind} ${unit}`;
}

/** 5 when one could not be heard; 3 when all of those are names that nobody has. */
function statusOf(answers: readonly Answer[]): number {
  const codes = answers.flatMap(({ silent }) => silent.map(({ code }) => code));
  const isUnknown = codes.length > 0 && codes.every((code) => code === 'E_NO_TARGET');
  return isUnknown ? EXIT_NO_TARGET : EXIT.UNREACHED;
}

export default class Metrics extends DagentCommand {
  static override summary = 'Show what programs, plugins and nodes have reported';
  static override description = [
    'Without a TARGET: of the daemon that is asked and all below it, added up. Counters are sums,',
    'percentiles are of all durations together, and at most 1 % off. Names that begin with dagent.',
    'or host. are told by nodes of themselves: they are shown with --all, with --name, in JSON,',
    'and where nothing else is there. A node that cannot be heard is named on stderr, and the exit',
    'status is 5. With the root away, stderr says below which node all that is shown is.',
  ].join(' ');
  static override usage = '<%= command.id %> [TARGET...] [FLAG...]';
  static override examples = [
    '<%= config.bin %> metrics',
    "<%= config.bin %> metrics web1 db1 --name 'orders.*'",
    "<%= config.bin %> metrics 'role=agent' --by subtree",
    '<%= config.bin %> metrics --json | jq -r \'select(.name == "orders.took") | .p99\'',
  ];
  static override strict = false;
  static override args = {
    target: wordArg({ description: 'Nodes; all below the daemon that is asked without one' }),
  };
  static override flags = {
    by: Flags.string({
      options: [...METRICS_SCOPES],
      description: 'Of each target itself, or of all below it too (node with a TARGET)',
    }),
    name: Flags.string({ helpValue: 'GLOB', description: "Only names such as 'orders.*'" }),
    all: Flags.boolean({ description: 'Show what nodes tell of themselves, too' }),
    timeout: durationFlag({ description: 'How long each target may take (10s)' }),
    json: Flags.boolean({
      description: 'Print NDJSON: series, silent, and answer, one for each target',
    }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Metrics);
    const words = wordsOf(raw);
    const isWhole = words.length === 0 && flags.file === undefined;
    const scope =
      METRICS_SCOPES.find((each) => each === flags.by) ?? (isWhole ? 'subtree' : 'node');
    const withinMs = flags.timeout ?? METRICS_MS_DEFAULT;
    if (withinMs > METRICS_MS_MAX) {
      throw new DagentError('E_USAGE', { reason: `--timeout is at most ${METRICS_MS_MAX} ms` });
    }
    if (flags.name === '') {
      throw new DagentError('E_USAGE', { reason: "--name is a pattern of names: 'orders.*'" });
    }
    const wanted = isWhole ? undefined : await readTargets(words, flags);
    await this.withClient(flags, async (client) => {
      const targets =
        wanted === undefined ? [client.node] : (await resolveWanted(client, wanted)).names;
      const cutOffAt = wanted === undefined ? await this.findCutOff(client) : undefined;
      const wish = { scope, pattern: flags.name ?? '*', withinMs };
      const answers = await this.ask(client, targets, wish);
      const sorted = answers.map((answer) => {
        return { ...answer, series: sortNaturally(answer.series, placeOf) };
      });
      if (flags.json) this.printJson(sorted, scope, cutOffAt);
      else this.printTable(sorted, targets.length > 1, flags.all || flags.name !== undefined);
      this.tellMissing(answers, flags.name);
    });
  }

  /** The node that is asked about all below it, where that is not all as its parent is away. */
  private async findCutOff(client: Client): Promise<string | undefined> {
    // Whoever is above it is not needed, and may be slow to answer.
    if (client.record.parent !== null) return undefined;
    const { fetchNodes } = await import('../client/tree.ts');
    const { cutOffAt } = await fetchNodes(client, { kind: 'names', names: [client.node] });
    tellCutOff(cutOffAt);
    return cutOffAt;
  }

  /** Answers; of a target that gives none, itself is the one that could not be heard. */
  private async ask(
    client: Client,
    targets: readonly string[],
    wish: MetricsWish,
  ): Promise<Answer[]> {
    const { fetchMetrics } = await import('../client/metrics.ts');
    const { explainUnreachable } = await import('../client/targets.ts');
    return Promise.all(
      targets.map(async (node) => {
        try {
          return { node, ...(await fetchMetrics(client, node, wish)) };
        } catch (error) {
          if (!(error instanceof DagentError)) throw error;
          const isAway = error.code === 'E_UNREACHABLE';
          const reason = (isAway ? await explainUnreachable(client, node) : undefined) ?? error;
          if (targets.length === 1) throw reason;
          const silent = [{ node, below: 0, code: reason.code }];
          return { node, nodes: 0, series: [], silent, silentMore: 0, leftOut: 0 };
        }
      }),
    );
  }

  private printJson(
    answers: readonly Answer[],
    by: MetricsScope,
    cutOffAt: string | undefined,
  ): void {
    for (const { node, series, silent, ...answer } of answers) {
      for (const each of series) printRecord({ type: 'series', node, by, ...each });
      for (const each of silent) printRecord({ type: 'silent', of: node, by, ...each });
      const silentCount = silent.length + answer.silentMore;
      const { nodes, leftOut } = answer;
      printRecord({ type: 'answer', node, by, nodes, silentCount, leftOut, cutOffAt });
    }
  }

  private printTable(answers: readonly Answer[], isMany: boolean, isFull: boolean): void {
    const rows = answers.flatMap(({ node, series }) => {
      const shown = chooseRecords(series, isFull);
      return shown.map((each) => [...(isMany ? [node] : []), ...toRow(each)]);
    });
    if (rows.length === 0) return;
    const head = [...(isMany ? ['NODE'] : []), ...METRIC_COLUMNS];
    printLine(formatTable(head, rows));
  }

  private tellMissing(answers: readonly Answer[], pattern: string | undefined): void {
    const moreCount = answers.reduce((sum, { silentMore }) => sum + silentMore, 0);
    const missed = sayMissed(
      answers.flatMap(({ silent }) => silent),
      moreCount,
    );
    for (const line of missed) this.complain(escapeLine(line));
    const leftCount = answers.reduce((sum, { leftOut }) => sum + leftOut, 0);
    if (leftCount > 0) this.complain(`left out: ${leftCount} series, as there are too many`);
    const isSilent = answers.some(({ silent }) => silent.length > 0) || moreCount > 0;
    if (isSilent) process.exitCode = statusOf(answers);
    const isEmpty = answers.every(({ series }) => series.length === 0);
    if (isEmpty && !isSilent) {
      const what = pattern === undefined ? 'nothing' : `nothing with a name such as ${pattern}`;
      process.stderr.write(`${escapeLine(what)} was reported there\n`);
    }
  }
}
