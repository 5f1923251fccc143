import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reportLines } from '../../src/cli/report-lines.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { REPORTS_PER_CALL_MAX } from '../../src/protocol/limits.ts';

interface Outcome {
  readonly calls: (readonly unknown[])[];
  readonly failures: string[];
  readonly failedCount: number;
}

/** Feeds pieces of text to a node that refuses what is called `bad`. */
async function report(...pieces: readonly string[]): Promise<Outcome> {
  const calls: (readonly unknown[])[] = [];
  const failures: string[] = [];
  const put = (reports: readonly unknown[]): Promise<unknown> => {
    calls.push(reports);
    const error = new DagentError('E_REPORT_FULL', { name: 'bad', max: 1 }).toData();
    return Promise.resolve(
      reports.map((each) => ((each as { name?: unknown }).name === 'bad' ? error : null)),
    );
  };
  const input = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  const failedCount = await reportLines(input, put, (line, { code }) =>
    failures.push(`${line} ${code}`),
  );
  return { calls, failures, failedCount };
}

test('lines go to the node together, however they are cut', async () => {
  const { calls, failedCount } = await report('{"name":"a"}\n{"na', 'me":"b"}\n\n{"name":"c"}');
  assert.equal(calls.flat(), [{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
  assert.is(failedCount, 0);
});

test('each line that is not kept is told by its number, and the others are kept', async () => {
  const { calls, failures, failedCount } = await report('{"name":"a"}\nnope\n{"name":"bad"}\n');
  assert.equal(failures, ['2 E_ARGUMENT_INVALID', '3 E_REPORT_FULL']);
  assert.is(failedCount, 2);
  assert.is(calls.flat().length, 2);
});

test('a line without an end is told once, and what follows it is read', async () => {
  const { calls, failures } = await report(
    'x'.repeat(70_000),
    'x'.repeat(70_000),
    '\n{"name":"a"}\n',
  );
  assert.equal(failures, ['1 E_TOO_LARGE']);
  assert.equal(calls.flat(), [{ name: 'a' }]);
});

test('very many lines at once go in several calls', async () => {
  const { calls } = await report('{"name":"a"}\n'.repeat(REPORTS_PER_CALL_MAX + 1));
  const sizes = calls.map((call) => call.length);
  assert.equal(sizes, [REPORTS_PER_CALL_MAX, 1]);
});

test.run();
