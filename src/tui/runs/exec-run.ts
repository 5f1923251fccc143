/** A command on nodes, as `dagent exec` runs it: all at once, each with its verdict. */
import { formatDuration } from '../../base/duration.ts';
import { drawRunId, findOwnName, startCommand } from '../../client/exec.ts';
import type { ExecResult } from '../../protocol/exec.ts';
import type { RunTools } from './runner.ts';
import type { RunSpec } from './spec.ts';

/** `ok after 1.2s`, `failed with 3 after 1.2s`, `unreachable: nobody knows web9`. */
export function describeResult({ verdict, code, signal, reason, ms }: ExecResult): string {
  const how = code === undefined || code === 0 ? (signal ?? '') : `with ${code}`;
  const took = ms > 0 ? ` after ${formatDuration(ms)}` : '';
  const why = reason === undefined ? '' : `: ${reason}`;
  return `${verdict}${how === '' ? '' : ` ${how}`}${took}${why}`;
}

export async function runExec(
  { nodes, command }: Extract<RunSpec, { kind: 'exec' }>,
  { client, news, signal }: RunTools,
): Promise<void> {
  const argv = ['sh', '-c', command];
  const owner = findOwnName();
  const who = owner === undefined ? {} : { owner };
  const common = { argv, hasStdin: false, count: nodes.length, job: drawRunId(), ...who };
  const one = async (node: string, rank: number): Promise<void> => {
    const sink = news.sink(node);
    const remote = startCommand(client, node, { ...common, rank }, sink);
    const cancel = (): void => remote.cancel();
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    const result = await remote.result;
    signal.removeEventListener('abort', cancel);
    sink.end();
    news.line(node, `[${describeResult(result)}]`, result.verdict === 'ok' ? 'good' : 'bad');
    news.verdict(result.verdict);
  };
  const failed = (node: string, error: unknown): void => {
    news.error(node, error);
    news.verdict('not-started');
  };
  await Promise.all(
    nodes.map((node, rank) => one(node, rank).catch((error: unknown) => failed(node, error))),
  );
}
