import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countVerdicts, formatSummary } from '../../src/cli/exec-summary.ts';

test('verdicts are counted, those that nobody has are not named', () => {
  const results = ['ok', 'failed', 'ok', 'no-reply'] as const;
  const counts = countVerdicts(results.map((verdict) => ({ verdict, ms: 1 })));
  assert.equal(counts, { ok: 2, failed: 1, 'no-reply': 1 });
  assert.equal(countVerdicts([]), {});
});

test('when all is well one line says so', () => {
  const ok = { verdict: 'ok', code: 0, ms: 1 } as const;
  assert.is(formatSummary([{ target: 'web1', ...ok }]), '1 target: 1 ok');
  assert.is(
    formatSummary(['web1', 'web2'].map((target) => ({ target, ...ok }))),
    '2 targets: 2 ok',
  );
});

test('who ended alike but for the processes that were ended with it is on one line', () => {
  const late = { verdict: 'timeout', signal: 'SIGTERM', limit: 'command' } as const;
  const summary = formatSummary([
    { target: 'web1', ...late, killed: 1, ms: 5_000 },
    { target: 'web2', ...late, killed: 4, ms: 5_100 },
    { target: 'web3', ...late, killed: 2, ms: 5_000 },
    { target: 'web4', verdict: 'cancelled', signal: 'SIGTERM', killed: 1, ms: 5 },
    { target: 'web5', verdict: 'cancelled', signal: 'SIGTERM', killed: 1, ms: 7 },
  ]);
  assert.equal(summary.split('\n').slice(1), [
    '  timeout     web[1-3]  --timeout after 5.0s to 5.1s, SIGTERM, 1 to 4 processes',
    '  cancelled   web[4-5]  SIGTERM, 1 process',
  ]);
});

test('processes outside of the group of their command are counted, and named as such', () => {
  const cancelled = { verdict: 'cancelled', signal: 'SIGTERM', ms: 5 } as const;
  const one = { target: 'web1', ...cancelled, killed: 2, strays: 1 };
  assert.is(
    formatSummary([one]).split('\n')[1],
    '  cancelled   web1  SIGTERM, 3 processes (1 outside its group)',
  );
  const summary = formatSummary([one, { target: 'web2', ...cancelled, killed: 2 }]);
  assert.is(
    summary.split('\n')[1],
    '  cancelled   web[1-2]  SIGTERM, 2 to 3 processes (0 to 1 outside its group)',
  );
});

test('who is not fine is named, with what there is to say', () => {
  const summary = formatSummary([
    { target: 'web1', verdict: 'ok', code: 0, ms: 1 },
    { target: 'web2', verdict: 'failed', code: 3, ms: 1 },
    { target: 'web3', verdict: 'signaled', signal: 'SIGKILL', ms: 1 },
    { target: 'web4', verdict: 'not-started', code: 127, reason: 'no such program: x', ms: 0 },
    { target: 'web5', verdict: 'timeout', signal: 'SIGTERM', limit: 'command', ms: 5_000 },
    { target: 'web6', verdict: 'lost', reason: 'web6 was lost', ms: 1 },
    { target: 'web7', verdict: 'cancelled', code: 0, ms: 1 },
  ]);
  assert.equal(summary.split('\n'), [
    '7 targets: 1 ok, 1 failed, 1 signaled, 1 not-started, 1 timeout, 1 lost, 1 cancelled',
    '  failed      web2  3',
    '  signaled    web3  SIGKILL',
    '  not-started web4  no such program: x',
    '  timeout     web5  --timeout after 5.0s, SIGTERM',
    '  lost        web6  was lost',
    '  cancelled   web7',
  ]);
});

test('who is not fine in the same way is named on one line', () => {
  const targets = Array.from({ length: 10_000 }, (_, number) => `n${number}`);
  const summary = formatSummary(
    targets.map((target, at) => ({ target, verdict: 'failed', code: at < 2 ? 1 : 2, ms: at })),
  );
  assert.equal(summary.split('\n'), [
    '10000 targets: 10000 failed',
    '  failed      n[0-1]  1',
    '  failed      n[2-9999]  2',
  ]);
});

test('what is the same but for the time is one line, with the shortest and the longest', () => {
  const timeout = (target: string, ms: number) =>
    ({ target, verdict: 'timeout', signal: 'SIGTERM', limit: 'command', ms }) as const;
  const all = [timeout('web1', 532), timeout('web2', 551), timeout('web3', 540)];
  const lineOf = (results: typeof all) => formatSummary(results).split('\n').at(1);
  const after = '--timeout after 532ms';
  assert.is(lineOf(all), `  timeout     web[1-3]  ${after} to 551ms, SIGTERM`);
  assert.is(
    lineOf([timeout('web1', 532), timeout('web2', 532)]),
    `  timeout     web[1-2]  ${after}, SIGTERM`,
  );
});

test('what is the same but for the own name is one line, and the name is not said twice', () => {
  const unreachable = (target: string, reason: string) =>
    ({ target, verdict: 'unreachable', reason, ms: 1 }) as const;
  const results = ['n1', 'n2', 'n10'].map((name) =>
    unreachable(name, `${name}: cannot be reached: hq knows no way to ${name}`),
  );
  const summary = formatSummary([...results, unreachable('db1', 'db1: cannot be reached')]);
  assert.equal(summary.split('\n').slice(1), [
    '  unreachable n[1-2,10]  cannot be reached: hq knows no way to it',
    '  unreachable db1  cannot be reached',
  ]);
});

test('what comes from a node cannot act on a terminal or make lines of its own', () => {
  const reason = 'a\nb\x1b[2J';
  const summary = formatSummary([{ target: 'w\x07', verdict: 'lost', reason, ms: 1 }]);
  assert.is(summary, '1 target: 1 lost\n  lost        w\\x07  a\\nb\\x1b[2J');
});

test.run();
