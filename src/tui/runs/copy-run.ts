/** A file or directory of this host to nodes, as `dagent cp -r` copies it. */
import { basename, resolve } from 'node:path';
import { formatDuration } from '../../base/duration.ts';
import { formatBytes } from '../../base/size.ts';
import { copyOut, offerFiles } from '../../client/copy-out.ts';
import type { CopyResult } from '../../protocol/file.ts';
import { FILE_RETRY_MS } from '../../protocol/limits.ts';
import type { RunTools } from './runner.ts';
import type { RunSpec } from './spec.ts';

function describeCopy({ verdict, path, bytes, sentBytes, reason, ms }: CopyResult): string {
  if (verdict !== 'ok') return `${verdict}${reason === undefined ? '' : `: ${reason}`}`;
  const sizes = `${formatBytes(bytes)}, ${formatBytes(sentBytes)} of them sent`;
  return `${path ?? 'done'}: ${sizes}, after ${formatDuration(ms)}`;
}

export async function runCopy(
  { nodes, file, path }: Extract<RunSpec, { kind: 'copy' }>,
  { client, news, signal }: RunTools,
): Promise<void> {
  const from = resolve(file);
  const offer = await offerFiles(client, [from], { isRecursive: true, signal });
  const { item, origin, bytes, leftOut } = offer;
  if (leftOut.length > 0) {
    news.line('', `${leftOut.length} that are neither file nor directory are left out`, 'warning');
  }
  const name = basename(from) || 'root';
  const spec = { item, path, name, origin, mode: undefined, owner: undefined };
  const done = new Map<string, number>();
  const total = bytes * nodes.length;
  const tell = (node: string, doneBytes: number): void => {
    done.set(node, doneBytes);
    const all = [...done.values()].reduce((sum, each) => sum + each, 0);
    news.progress(`${formatBytes(all)} of ${formatBytes(total)}`);
  };
  const one = async (node: string): Promise<void> => {
    const result = await copyOut(client, node, spec, {
      retryMs: FILE_RETRY_MS,
      signal,
      onProgress: ({ doneBytes }) => tell(node, doneBytes),
    });
    if (result.verdict === 'ok') tell(node, result.bytes);
    news.line(node, `[${describeCopy(result)}]`, result.verdict === 'ok' ? 'good' : 'bad');
    news.verdict(result.verdict);
  };
  await Promise.all(nodes.map(one));
}
