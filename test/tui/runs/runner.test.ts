/** What is run from the screen, on daemons of a small tree. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connect } from '../../../src/client/client.ts';
import { startJob } from '../../../src/client/jobs.ts';
import type { OutputNews } from '../../../src/tui/output.ts';
import { createRunner, type Runner } from '../../../src/tui/runs/runner.ts';
import type { RunSpec } from '../../../src/tui/runs/spec.ts';
import { Realm } from '../../client/realm.ts';

const realm = new Realm();
const directory = mkdtempSync(join(tmpdir(), 'runs-'));
await realm.start('root');
await realm.start('web1', 'root', { role: 'leaf' });
await realm.start('web2', 'root', { role: 'leaf' });

interface Told {
  readonly runner: Runner;
  readonly news: OutputNews[];
  /** Settles at the end of the run. */
  readonly over: Promise<void>;
  /** Settles when a line has this text in it. */
  sees(text: string): Promise<void>;
  lines(): string[];
}

/** Runs `spec`, and writes down what is told of it. */
function run(spec: RunSpec): Told {
  const news: OutputNews[] = [];
  const ended = Promise.withResolvers<void>();
  let look = (): void => undefined;
  const lines = () =>
    news.flatMap((each) => each.lines.map((line) => `${line.source}|${line.text}`));
  const runner = createRunner({
    connect: () => connect({ home: realm.dir, via: 'root', reconnect: false }),
    monotonicMs: () => performance.now(),
    schedule: (task, ms) => {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    onNews: (_, told) => {
      news.push(told);
      look();
    },
    onEnd: () => ended.resolve(),
  });
  runner.start(1, spec);
  const sees = (text: string): Promise<void> =>
    new Promise((seen) => {
      look = () => {
        if (lines().some((line) => line.includes(text))) seen();
      };
      look();
    });
  return { runner, news, over: ended.promise, sees, lines };
}

function verdictsOf({ news }: Told): string[] {
  return news.flatMap(({ verdicts }) => verdicts).sort();
}

test('a command runs on each node, with its lines, its exit code and its verdict', async () => {
  const command = 'echo out; echo err >&2; test "$DAGENT_RANK" = 0 || exit 3';
  const told = run({ kind: 'exec', nodes: ['web1', 'web2', 'nobody'], command });
  await told.over;
  assert.equal(verdictsOf(told), ['failed', 'ok', 'unreachable']);
  const lines = told.lines();
  assert.ok(lines.includes('web1|out') && lines.includes('web2|err'), lines.join('\n'));
  assert.ok(
    lines.some((line) => /^web1\|\[ok after .*\]$/.test(line)),
    lines.join('\n'),
  );
  assert.ok(lines.some((line) => /^web2\|\[failed with 3 after .*\]$/.test(line)));
  assert.ok(lines.some((line) => /^nobody\|\[unreachable.*\]$/.test(line)));
});

test('what is cancelled ends where it runs, and says so', async () => {
  const told = run({ kind: 'exec', nodes: ['web1'], command: 'echo begun; exec sleep 60' });
  await told.sees('begun');
  told.runner.cancel(1);
  await told.over;
  assert.equal(verdictsOf(told), ['cancelled']);
  told.runner.cancel(1);
});

test('whoever leaves ends what still runs', async () => {
  const told = run({ kind: 'exec', nodes: ['web1', 'web2'], command: 'echo begun; exec sleep 60' });
  await told.sees('web2|begun');
  await told.runner.close();
  await told.over;
  assert.is(verdictsOf(told).filter((verdict) => verdict !== 'ok').length, 2);
});

test('a file is copied to all nodes, with how far it is', async () => {
  const [file, path] = [join(directory, 'from'), join(directory, 'to')];
  writeFileSync(file, 'x'.repeat(100_000));
  const told = run({ kind: 'copy', nodes: ['web1'], file, path });
  await told.over;
  assert.equal(verdictsOf(told), ['ok'], told.lines().join('\n'));
  assert.is(readFileSync(path, 'utf8').length, 100_000);
  assert.match(told.lines().at(-1) ?? '', /^web1\|\[.*\/to: 98 KiB, .* sent, after .*\]$/);
  assert.is(told.news.at(-1)?.progress, '98 KiB of 98 KiB');
});

test('what cannot be done says why, with its code', async () => {
  const file = join(directory, 'missing');
  const told = run({ kind: 'copy', nodes: ['web1'], file, path: '/nowhere' });
  await told.over;
  assert.match(told.lines().join('\n'), /\|cannot read .*missing.* \(E_CANNOT_READ\)/);
  const sniffed = run({ kind: 'sniff', node: 'web1', expression: 'nonsense' });
  await sniffed.over;
  assert.match(sniffed.lines().join('\n'), /\(E_\w+\)/);
});

test('facts, the way, and what passes are shown', async () => {
  const facts = run({ kind: 'info', node: 'web1' });
  await facts.over;
  assert.match(facts.lines().join('\n'), /^\|kernel\n\| {2}hostname/m);
  const way = run({ kind: 'trace', node: 'web1' });
  await way.over;
  assert.match(way.lines().join('\n'), /root .*\n[\s\S]*\|delivered to web1:/);
  const sniffed = run({ kind: 'sniff', node: 'web1', expression: 'cmd=PING' });
  await run({ kind: 'trace', node: 'web1' }).over;
  while (sniffed.lines().length === 0) await run({ kind: 'trace', node: 'web1' }).over;
  sniffed.runner.cancel(1);
  await sniffed.over;
  assert.match(sniffed.lines().join('\n'), /-> web1:/);
});

test('the output of a job is read while it runs, and it goes on without a reader', async () => {
  const client = await realm.connect('root');
  const id = '0123456789abcdef0123';
  const argv = ['sh', '-c', 'echo begun; exec sleep 60'];
  await startJob(client, 'web1', { argv, hasStdin: false }, { id, owner: 'test' });
  const told = run({ kind: 'job', node: 'web1', id });
  await told.sees('begun');
  told.runner.cancel(1);
  await told.over;
  assert.is(told.lines().at(-1), '|[not read any more: the job goes on]');
  const again = run({ kind: 'job', node: 'web1', id });
  await again.sees('begun');
  const end = run({ kind: 'end', node: 'web1', id });
  await end.over;
  assert.equal(verdictsOf(end), ['cancelled']);
  await again.over;
  assert.equal(verdictsOf(again), ['cancelled']);
  await client.close();
});

test('without a daemon it says so', async () => {
  const news: OutputNews[] = [];
  const ended = Promise.withResolvers<void>();
  const runner = createRunner({
    connect: () => connect({ home: directory, reconnect: false }),
    monotonicMs: () => 0,
    schedule: () => () => undefined,
    onNews: (_, told) => news.push(told),
    onEnd: () => ended.resolve(),
  });
  runner.start(1, { kind: 'info', node: 'web1' });
  await ended.promise;
  assert.match(news[0]?.lines[0]?.text ?? '', /\(E_\w+\)$/);
});

test.after(async () => {
  rmSync(directory, { recursive: true });
  await realm.end();
});
test.run();
