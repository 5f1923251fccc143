import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listMemories, memoryPathOf, resolveHome } from '../../src/adapters/home.ts';
import { formatPlan, keepPlan, makePlan, recallPlan, unpackPlan } from '../../src/cli/exec-plan.ts';
import type { ExecRun } from '../../src/cli/exec-request.ts';
import type { Targets } from '../../src/client/targets.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { EXEC_PLANS_MAX } from '../../src/protocol/limits.ts';

const dir = mkdtempSync(join(tmpdir(), 'plan-'));
test.after(() => rmSync(dir, { recursive: true }));
const home = resolveHome(dir, {});
const pathOf = (id: string): string => memoryPathOf(home, `plan-${id}`);

const RUN = {
  targets: { isSingle: false, text: 'web*' },
  command: {
    argv: ['a b', '$HOME'],
    script: Buffer.from([0xff, 0x00]),
    env: { A: '1 2' },
    umask: 0o22,
    ulimits: { nofile: '64:128' },
    timeoutMs: 5_000,
  },
  pace: { batch: { count: 10, isPercent: true }, pauseMs: 1_000, canary: undefined },
  connectMs: undefined,
  overallMs: 60_000,
  scriptPath: './deploy.sh',
  again: 'dagent exec @last:failed -- x',
} as unknown as ExecRun;
const NAMES = ['web1', 'web2', 'db1'];

function codeOf(id: string): string {
  try {
    recallPlan(dir, id);
    return '';
  } catch (error) {
    return (error as DagentError).code;
  }
}

test('a plan that is kept says later exactly what the run said', () => {
  const id = keepPlan(dir, makePlan(RUN, NAMES));
  const { targets, command, ...rest } = unpackPlan(recallPlan(dir, id));
  assert.equal(targets.selector, { kind: 'names', names: ['db1', 'web1', 'web2'] });
  assert.equal(command, RUN.command);
  assert.equal(rest.pace, { batch: { count: 10, isPercent: true }, pauseMs: 1_000 });
  assert.is(rest.overallMs, 60_000);
  assert.is(rest.scriptPath, './deploy.sh');
  assert.is(rest.again, RUN.again);
  assert.is(statSync(pathOf(id)).mode & 0o777, 0o600);
});

test('the same has the same id, another thing another one', () => {
  const id = keepPlan(dir, makePlan(RUN, NAMES));
  assert.is(keepPlan(dir, makePlan(RUN, NAMES)), id);
  assert.is.not(keepPlan(dir, makePlan(RUN, ['web1'])), id);
});

test('a plan that was changed, and one that is not there, are not run', () => {
  const id = keepPlan(dir, makePlan(RUN, NAMES));
  writeFileSync(pathOf(id), readFileSync(pathOf(id), 'utf8').replace('db1', 'db2'));
  assert.is(codeOf(id), 'E_STATE_BROKEN');
  for (const none of ['0123456789abcdef', 'x', '', '../../etc/passwd']) {
    assert.is(codeOf(none), 'E_PLAN_UNKNOWN');
  }
});

test('only the last plans are kept', () => {
  for (let number = 0; number <= EXEC_PLANS_MAX + 3; number++) {
    keepPlan(dir, makePlan(RUN, [`n${number}`]));
  }
  assert.is(listMemories(home, 'plan-').length, EXEC_PLANS_MAX);
});

test('people read who, where, what and how', () => {
  const nodes = new Map(
    [
      { name: 'web1', parent: 'east', state: 'up' },
      { name: 'web2', parent: 'east', state: 'lost' },
    ].map((node) => [node.name, node]),
  );
  const targets = { names: NAMES, nodes, unmatched: [] } as unknown as Targets;
  const ways = [{ path: ['hq', 'east'], names: 'web1' }];
  const plan = makePlan(RUN, NAMES);
  assert.equal(formatPlan({ id: 'abc', plan }, targets, ways).split('\n'), [
    '3 targets: db1,web[1-2]',
    '  hq > east > web1',
    '  lost: web2',
    '  nobody has the name: db1',
    "command: 'a b' '$HOME'",
    'script: ./deploy.sh, 2 bytes',
    "variable: A='1 2'",
    'limit: nofile=64:128',
    'settings: --umask 022, --timeout 5.0s, --overall 1m, --pause 1.0s, --batch 10%',
    'decision: allowed, as the user of each daemon; nodes have no policy yet',
    'to run exactly this: dagent exec --plan abc',
  ]);
});

test('settings are told in the words of their flags, with umask in octal', () => {
  const given = { isLogin: true, isSudo: true, isMerged: true, isTemplate: true, group: 'www' };
  const command = { argv: ['id'], ...given, umask: 0o7, nice: 5, graceMs: 2_000 };
  const pace = { maxFail: { count: 2, isPercent: false }, fanout: 3 };
  const times = { connectMs: 1_000, overallMs: undefined };
  const plan = makePlan({ ...RUN, command, pace, ...times } as unknown as ExecRun, ['web1']);
  const targets = { names: ['web1'], nodes: new Map() } as unknown as Targets;
  const words = formatPlan({ id: 'abc', plan }, targets, []).split('\n');
  assert.is(
    words.find((line) => line.startsWith('settings')),
    'settings: --login, --sudo, --merge, --template, --user-group www, --umask 007, --nice 5, ' +
      '--grace 2.0s, --connect-timeout 1.0s, --fanout 3, --max-fail 2',
  );
});

test.run();
