/** What only looks at a node: its facts, the way to it, what passes it, what a job of it writes. */
import type { Client } from '../../client/client.ts';
import { formatInfo } from '../../client/format-info.ts';
import { isFields } from '../../client/format-info-fields.ts';
import { formatSkipped, formatSniffed } from '../../client/format-sniff.ts';
import { formatHop, formatTalker, formatTraceEnd } from '../../client/format-trace.ts';
import { followJob } from '../../client/job-following.ts';
import { openRecordStream } from '../../client/record-stream.ts';
import { traceRoute } from '../../client/trace.ts';
import { SNIFF_SERVICE } from '../../protocol/address.ts';
import { DagentError } from '../../protocol/errors.ts';
import { tableRows } from '../views/detail-lines.ts';
import { describeResult } from './exec-run.ts';
import type { RunTools } from './runner.ts';
import type { RunSpec } from './spec.ts';

const TRACE_MS_MAX = 5_000;
const INFO_MS_MAX = 30_000;
/** Envelopes that are shown of a second. */
const SNIFF_RATE = 200;

type Look = Exclude<RunSpec, { kind: 'exec' | 'copy' | 'end' }>;
type Of<Kind extends Look['kind']> = Extract<Look, { kind: Kind }>;

async function readInfo(client: Client, node: string): Promise<Readonly<Record<string, unknown>>> {
  const facts = await client.call(`${node}:`, 'info.get', [], { timeoutMs: INFO_MS_MAX });
  if (isFields(facts)) return facts;
  throw new DagentError('E_NOT_UNDERSTOOD', { service: `${node}:`, command: 'info.get' });
}

async function showInfo({ node }: Of<'info'>, { client, news }: RunTools): Promise<void> {
  for (const { title, header, rows } of formatInfo(await readInfo(client, node))) {
    news.line('', title, 'title');
    const table = header === undefined ? rows : [header, ...rows];
    for (const row of tableRows(table)) news.line('', `  ${row}`);
    news.line('', '');
  }
}

async function showTrace({ node }: Of<'trace'>, tools: RunTools): Promise<void> {
  const { client, news, monotonicMs } = tools;
  const to = `${node}:`;
  const how = { isDry: false, timeoutMs: TRACE_MS_MAX, nowMs: monotonicMs };
  const end = await traceRoute(client, to, how, (hop) => news.line('', formatHop(hop)));
  for (const talker of end.direct ?? []) news.line('', formatTalker(talker), 'faint');
  const isWell = end.outcome === 'delivered';
  news.line('', formatTraceEnd(to, end), isWell ? 'good' : 'bad');
  if (end.error !== null) news.error('', end.error);
}

async function showSniffed(
  { node, expression }: Of<'sniff'>,
  { client, news, signal }: RunTools,
): Promise<void> {
  const wish = { expression, data: false, match: true, rate: SNIFF_RATE };
  const call = { method: 'sniff.open', args: [wish] };
  const stream = openRecordStream(client, `${node}:${SNIFF_SERVICE}`, call, {
    onRecord: (record) => {
      if (record.type === 'open') return;
      if (record.type !== 'skipped') news.line('', formatSniffed(record, false));
      else news.line('', formatSkipped(Number(record.count)), 'faint');
    },
    drained: () => undefined,
  });
  signal.addEventListener('abort', () => stream.cancel());
  if (signal.aborted) stream.cancel();
  await stream.over;
}

async function showJob({ node, id }: Of<'job'>, { client, news, signal }: RunTools): Promise<void> {
  const sink = news.sink('');
  const following = followJob(client, node, id, sink, { isFollowing: true });
  signal.addEventListener('abort', () => following.detach());
  if (signal.aborted) following.detach();
  // Whoever stops reading has no answer to wait for.
  const record = await following.record.catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return undefined;
  });
  sink.end();
  const result = record?.result ?? undefined;
  if (result !== undefined) {
    news.line('', `[${describeResult(result)}]`, result.verdict === 'ok' ? 'good' : 'bad');
    news.verdict(result.verdict);
  } else if (signal.aborted) news.line('', '[not read any more: the job goes on]', 'faint');
}

export function runLook(spec: Look, tools: RunTools): Promise<void> {
  switch (spec.kind) {
    case 'info':
      return showInfo(spec, tools);
    case 'trace':
      return showTrace(spec, tools);
    case 'sniff':
      return showSniffed(spec, tools);
    case 'job':
      return showJob(spec, tools);
  }
}
