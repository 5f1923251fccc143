import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isJobId, type JobRecord, parseJobRecord } from '../../src/protocol/job.ts';

const RECORD: JobRecord = {
  ...{ id: '0123456789abcdef0123', node: 'web1', owner: 'ann@hq', command: 'work' },
  ...{ state: 'ended', result: { verdict: 'ok', code: 0, ms: 3 }, pid: 77 },
  ...{ submittedAtMs: 1, startedAtMs: 2, endedAtMs: 5, timeoutMs: null },
  ...{ rank: 0, count: 1, isKeyed: false, isExec: false },
  ...{ stdout: { bytes: 9, omittedBytes: 4 }, stderr: { bytes: 0, omittedBytes: 0 } },
};

test('a record is what it was', () => {
  assert.equal(parseJobRecord(JSON.parse(JSON.stringify(RECORD))), RECORD);
  const running = { ...RECORD, state: 'running', result: null } as const;
  assert.equal(parseJobRecord(running), running);
});

test('what is none is not believed', () => {
  const wrong = [
    undefined,
    7,
    {},
    { ...RECORD, id: '../../etc/passwd' },
    { ...RECORD, node: 'a/b' },
    { ...RECORD, state: 'sleeping' },
    { ...RECORD, result: { verdict: 'fine' } },
    { ...RECORD, rank: -1 },
    { ...RECORD, command: 7 },
  ];
  for (const value of wrong) assert.is(parseJobRecord(value), undefined);
});

test('only an id of 20 small hexadecimal digits may become a path', () => {
  assert.ok(isJobId(RECORD.id));
  for (const text of [`${RECORD.id}0`, RECORD.id.toUpperCase(), `${RECORD.id}\n`, '..', 5]) {
    assert.ok(!isJobId(text));
  }
});

test.run();
