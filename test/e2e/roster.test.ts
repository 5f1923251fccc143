import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, recordsOf } from './harness.ts';
import { until } from './poll.ts';

const test = suite('nodes over a restart of their root');
const home = new Home();
const ROSTER = join(home.dir, 'data/root/roster.json');

test.before(async () => {
  const shape = { root: null, east: 'root', web1: 'east', web2: 'east', web3: 'east' };
  await home.startTree(shape, ['--hold', '1s']);
});
test.after(() => home.close());

function keptNames(): string[] {
  try {
    const { nodes } = JSON.parse(readFileSync(ROSTER, 'utf8'));
    return nodes.map(({ name }: { readonly name: string }) => name).sort();
  } catch {
    return [];
  }
}

async function restartRoot(): Promise<void> {
  await home.kill9('root');
  await home.ok(['daemon', 'restart', 'root']);
}

/** What became of `true` on all nodes, by name, and the status of the command. */
async function runOnAll() {
  const { stdout, stderr, status } = await home.run([
    'exec',
    '--via',
    'root',
    '--json',
    '*',
    'true',
  ]);
  const ended = recordsOf<{ type: string; target: string; verdict: string }>(stdout);
  const ends = ended.filter(({ verdict }) => verdict !== undefined);
  const verdicts = Object.fromEntries(ends.map(({ target, verdict }) => [target, verdict]));
  return { verdicts, stderr, status };
}

test('who comes back is waited for, and who said goodbye is not known any more', async () => {
  await until('all are kept', () => keptNames().length === 4);
  await home.ok(['daemon', 'stop', 'web3']);
  await until('web3 is not', () => keptNames().length === 3);
  await restartRoot();
  const { verdicts, status } = await runOnAll();
  assert.equal(verdicts, { root: 'ok', east: 'ok', web1: 'ok', web2: 'ok' });
  assert.is(status, 0);
});

test('who does not come back is lost, and a target that was not reached', async () => {
  await home.kill9('web2');
  await restartRoot();
  const { verdicts, stderr, status } = await runOnAll();
  assert.equal(verdicts, { root: 'ok', east: 'ok', web1: 'ok', web2: 'unreachable' });
  assert.is(status, 5);
  assert.match(stderr, /root has just started: waiting for nodes that it knew before/);
  const argv = ['--via', 'root', '--since', '1m', '--count', '1', '--for', '10s', '--json'];
  const lost = await home.ok(['events', ...argv, 'event=node-lost and node=web2']);
  assert.match(lost, /"event":"node-lost".*"parent":"east"/);
  const tree = await home.tree(['--via', 'root']);
  assert.is(tree.get('web2')?.state, 'lost');
  assert.is(tree.get('web2')?.parent, 'east');
});

test('a roster that makes no sense is set aside', async () => {
  writeFileSync(ROSTER, '{"nodes":[{"name":');
  await restartRoot();
  await until('east is back', async () => (await home.tree(['--via', 'root'])).has('east'));
  assert.match(readFileSync(`${ROSTER}.broken`, 'utf8'), /"nodes"/);
  assert.match(
    await home.ok(['daemon', 'logs', 'root']),
    /known nodes of former runs are set aside/,
  );
});

test.run();
