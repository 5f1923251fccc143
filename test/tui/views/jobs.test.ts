import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JobRecord } from '../../../src/protocol/job.ts';
import type { NodeStatus } from '../../../src/protocol/status.ts';
import { update } from '../../../src/tui/update.ts';
import { NOW_MS, nodeOf, press, screenOf } from '../nodes.ts';
import { answerAll, askedBy, assertScreens, showing } from './showing.ts';

function jobOf(digit: string, node: string, more: Partial<JobRecord> = {}): JobRecord {
  return {
    id: digit.repeat(20),
    node,
    owner: 'ada@hq',
    command: 'apt-get -q upgrade',
    state: 'running',
    result: null,
    pid: 4711,
    submittedAtMs: NOW_MS - 65_000,
    startedAtMs: NOW_MS - 64_000,
    endedAtMs: null,
    timeoutMs: null,
    rank: 0,
    count: 1,
    isKeyed: false,
    isExec: false,
    stdout: { bytes: 12_345, omittedBytes: 0 },
    stderr: { bytes: 0, omittedBytes: 0 },
    ...more,
  };
}

const ENDED = { state: 'ended', pid: null, endedAtMs: NOW_MS } as const;
const JOBS: readonly JobRecord[] = [
  jobOf('a', 'db1', { ...ENDED, result: { verdict: 'ok', code: 0, ms: 1_500 } }),
  jobOf('b', 'web2', { submittedAtMs: NOW_MS - 9_000, rank: 1, count: 2 }),
  jobOf('b', 'web1', { submittedAtMs: NOW_MS - 9_000, count: 2, startedAtMs: null, pid: null }),
  jobOf('c', 'web1', {
    ...ENDED,
    submittedAtMs: NOW_MS - 7_200_000,
    command: 'sh -c "exit 3\x1b[2J"',
    result: { verdict: 'failed', code: 3, ms: 7_000_000 },
  }),
  jobOf('d', 'db2', {
    ...ENDED,
    submittedAtMs: NOW_MS - 500_000_000,
    result: { verdict: 'signaled', signal: 'SIGKILL', ms: 20 },
  }),
  jobOf('e', 'db1', { isExec: true, command: 'uptime' }),
  jobOf('f', 'db1', { ...ENDED, isExec: true, result: { verdict: 'ok', code: 0, ms: 1 } }),
];

function answerOf(items: readonly JobRecord[]) {
  return { value: { items, silent: [], unaskedCount: 0 } };
}

const ANSWER = answerOf(JOBS);

/** The first letter of each id, and the node. */
function rowsOf(screen: string): string[] {
  return [...screen.matchAll(/^(\w)\1{6,}…? +(?:[●○] )?\S+ +(\S+)/gm)].map(
    ([, id, node]) => `${id} ${node}`,
  );
}

function nodeWith(name: string, more: Record<string, number>, rest: Partial<NodeStatus> = {}) {
  const node = nodeOf(name, rest);
  return { ...node, sample: { ...node.sample!, ...more } };
}

test('jobs have a screen of each size', () => assertScreens('jobs', ANSWER));

test('o reads the output of the job under the cursor, and x runs on its node', () => {
  const model = showing('jobs', ANSWER);
  press(model, 'home');
  const effects = update(model, { kind: 'key', key: 'o' }, NOW_MS);
  const spec = { kind: 'job', node: 'web1', id: 'b'.repeat(20) };
  assert.equal(effects[0], { kind: 'run', id: 1, spec });
  press(model, 'escape', 'x');
  assert.match(screenOf(model), /^exec on web1: /m);
});

test('J asks for a job of the node, and the one under the cursor is written already', () => {
  const model = showing('jobs', ANSWER);
  press(model, 'home', 'J');
  assert.match(screenOf(model), `output of a job on web1, ID: ${'b'.repeat(20)}█`);
  const effects = update(model, { kind: 'key', key: 'return' }, NOW_MS);
  const spec = { kind: 'job', node: 'web1', id: 'b'.repeat(20) };
  assert.equal(effects[0], { kind: 'run', id: 1, spec });
});

test('what runs comes first, then the latest; of commands that were waited for what runs', () => {
  const model = showing('jobs', ANSWER, { columns: 200 });
  const rows = ['b web1', 'b web2', 'e db1', 'a db1', 'c web1', 'd db2'];
  assert.equal(rowsOf(screenOf(model)), rows);
  for (const column of model.view.columns) assert.ok(column.sortKey !== undefined, column.title);
  press(model, '>', '>', '>');
  assert.match(screenOf(model), 'NODE▲');
  assert.equal(rowsOf(screenOf(model)), ['e db1', 'a db1', 'd db2', 'b web1', 'c web1', 'b web2']);
});

test('only nodes that have some are asked, and those that are lost are not', () => {
  const nodes = [
    nodeWith('web10', { jobsKept: 1 }),
    nodeWith('web9', { jobsRunning: 2, jobsKept: 0 }),
    nodeWith('web1', { jobsRunning: 0, jobsKept: 0 }),
    nodeWith('web2', { jobsRunning: 1 }, { state: 'lost' }),
    nodeOf('db1'),
  ];
  const model = showing('jobs', undefined, {}, {}, nodes);
  const fetches = askedBy(model, { kind: 'tick' });
  assert.equal(fetches, [{ source: 'jobs', nodes: ['web9', 'web10'] }]);
});

test('who does not tell, and how many were not asked, is said below the rows', () => {
  const silent = [
    { node: 'web7', reason: 'no reply\x07 within 3000 ms' },
    { node: 'web8', reason: 'x' },
  ];
  const model = showing('jobs', { value: { items: JOBS, silent, unaskedCount: 1_200 } });
  const note = 'web7 and 1 more do not tell: no reply\\x07 within 3000 ms; 1,200 nodes were not …';
  assert.is(screenOf(model).split('\n').at(-2), note);
  assert.is(screenOf(model).split('\n').length, 24);
  answerAll(model, answerOf(JOBS), NOW_MS + 5_000);
  assert.not.match(screenOf(model), 'do not tell');
});

test('how long a job runs goes on, and stands still with the screen', () => {
  const model = showing('jobs', answerOf([jobOf('a', 'web1')]), { columns: 200 });
  assert.match(screenOf(model, NOW_MS + 6_000), / 1m10s +- /);
  press(model, 'p');
  assert.match(screenOf(model, NOW_MS + 60_000), / 1m04s +- /);
});

test('the cursor stays on its job when another one begins', () => {
  const model = showing('jobs', ANSWER, { columns: 200 });
  press(model, 'down', 'down');
  answerAll(
    model,
    answerOf([jobOf('9', 'hq', { submittedAtMs: NOW_MS }), ...JOBS]),
    NOW_MS + 5_000,
  );
  assert.match(screenOf(model), '4/7');
  assert.is(model.state.selected, `${'e'.repeat(20)} db1`);
});

test('filters test what columns say', () => {
  const rows = (filter: string) => {
    const model = showing('jobs', ANSWER, { columns: 200 });
    press(model, '/', ...filter.split(''));
    return rowsOf(screenOf(model));
  };
  assert.equal(rows('state=running node=web*'), ['b web1', 'b web2']);
  assert.equal(rows('age>1h exit=3'), ['c web1']);
  assert.equal(rows('took>1m state=running'), ['b web2', 'e db1']);
});

test('Enter shows all of a job', () => {
  const model = showing('jobs', ANSWER);
  press(model, '/', ...'failed'.split(''), 'return', 'return');
  const lines = /exit 3\\x1b\[2J"$[\s\S]*state {7}failed$[\s\S]*exit {8}3$[\s\S]*took {8}1h56m$/m;
  assert.match(screenOf(model), lines);
});

test('without rows it says what to do', () => {
  assert.match(screenOf(showing('jobs', undefined)), 'jobs are on their way');
  assert.match(screenOf(showing('jobs', answerOf([]))), 'dagent exec --');
});

test.run();
