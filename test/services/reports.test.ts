import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import type { DagentError, ErrorData } from '../../src/protocol/errors.ts';
import { REPORT_SERIES_MAX, REPORTS_PER_CALL_MAX } from '../../src/protocol/limits.ts';
import { Reports } from '../../src/services/reports.ts';
import { answering, createPair } from '../endpoint/pair.ts';
import { FakeClock } from '../fakes/clock.ts';

function serve(): { reports: Reports; put(...all: unknown[]): Promise<(ErrorData | null)[]> } {
  const reports = new Reports({ node: 'there', clock: new FakeClock() });
  const { here, there } = createPair();
  there.handle('dagent', answering(reports.methods));
  return {
    reports,
    async put(...args) {
      const { outcome } = openCall(here, 'there:', 'report.put', { args });
      return decodeValue((await outcome).data) as (ErrorData | null)[];
    },
  };
}

test('many reports are one call, and each has its own outcome', async () => {
  const { put, reports } = serve();
  const outcomes = await put(
    { name: 'orders.paid', value: 3 },
    { name: 'orders paid', value: 3 },
    { name: 'orders.paid', value: 3, kind: 'gauge' },
    { name: 'orders.paid', value: 4 },
  );
  const codes = outcomes.map((each) => each?.code ?? null);
  assert.equal(codes, [null, 'E_ARGUMENT_INVALID', 'E_REPORT_KIND', null]);
  assert.is(outcomes[2]?.origin, 'there');
  assert.equal(reports.counters, { reportsTaken: 2, reportsRefused: 2 });
  const [series] = reports.list();
  assert.equal(series?.kind === 'counter' && series.total, 7);
});

test('names of the node itself are nobody else to report', async () => {
  const { put } = serve();
  const outcomes = await put({ name: 'dagent.lost', value: 1 }, { name: 'host.load1', value: 1 });
  assert.equal(
    outcomes.map((each) => each?.code),
    ['E_ARGUMENT_INVALID', 'E_ARGUMENT_INVALID'],
  );
});

test('series beyond REPORT_SERIES_MAX are refused, and counted', async () => {
  const { put, reports } = serve();
  const all = Array.from({ length: REPORT_SERIES_MAX }, (_, at) => ({ name: `s${at}`, value: 1 }));
  await put(...all);
  assert.is((await put({ name: 'more', value: 1 }))[0]?.code, 'E_REPORT_FULL');
  assert.is(reports.counters.reportsRefused, 1);
});

test('a call with more than REPORTS_PER_CALL_MAX reports is refused as a whole', async () => {
  const { put, reports } = serve();
  const all = new Array(REPORTS_PER_CALL_MAX + 1).fill({ name: 'a', value: 1 });
  const refusal = await put(...all).catch(({ code }: DagentError) => code);
  assert.is(refusal, 'E_ARGUMENT_INVALID');
  assert.is(reports.counters.reportsTaken, 0);
});

test.run();
