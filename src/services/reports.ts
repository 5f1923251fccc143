/** What programs report to this node: `report.put`, and the series that come of it. */
import type { Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import { REPORT_SERIES_MAX, REPORTS_PER_CALL_MAX } from '../protocol/limits.ts';
import { objectToOwn, parseReport, type Series } from '../protocol/series.ts';
import { addReport, createRegistry, listSeries } from '../series/registry.ts';

export interface ReportsComponents {
  readonly node: string;
  readonly clock: Clock;
}

function invalid(reason: string): DagentError {
  return new DagentError('E_ARGUMENT_INVALID', { method: 'report', reason });
}

export class Reports {
  readonly #components: ReportsComponents;
  readonly #registry = createRegistry(REPORT_SERIES_MAX);
  readonly counters = { reportsTaken: 0, reportsRefused: 0 };

  constructor(components: ReportsComponents) {
    this.#components = components;
  }

  /** All that was reported here. What it yields is only to be read, and only for now. */
  list(): Iterable<Series> {
    return listSeries(this.#registry, this.#components.clock.monotonicMs());
  }

  #add(value: unknown): DagentError | undefined {
    const report = parseReport(value);
    if (typeof report === 'string') return invalid(report);
    const objection = objectToOwn(report.name);
    if (objection !== undefined) return invalid(objection);
    return addReport(this.#registry, report, this.#components.clock.monotonicMs());
  }

  /** What became of each: null, or why it is not kept. */
  #put(reports: readonly unknown[]): (ErrorData | null)[] {
    if (reports.length > REPORTS_PER_CALL_MAX) {
      throw invalid(`${reports.length} reports; at most ${REPORTS_PER_CALL_MAX} in one call`);
    }
    const { node: origin } = this.#components;
    return reports.map((value) => {
      const error = this.#add(value);
      if (error === undefined) this.counters.reportsTaken++;
      else this.counters.reportsRefused++;
      return error === undefined ? null : { ...error.toData(), origin };
    });
  }

  readonly methods: Record<string, Method> = {
    'report.put': {
      doc: 'Takes reports, {name, value, kind?, unit?}; null for each, or why it is not kept.',
      args: ['...reports'],
      run: (reports) => this.#put(reports),
    },
  };
}
