/** The figures as people read them. */
import { formatTable } from '../src/cli/table.ts';
import type { BenchResult, Goal, Row } from './bench.ts';
import type { Machine } from './machine.ts';

/** Three digits that mean something: `1,050,000`, `41.3`, `0.0612`. */
function formatFigure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumSignificantDigits: 3 });
}

function formatComparison(row: Row): string {
  if (row.comparison === null) return '';
  const figure = formatFigure(row.comparison);
  if (row.compare === 'ratio') return `x ${figure}`;
  return `${row.comparison < 0 ? '' : '+'}${figure} ${row.unit}`.trim();
}

function formatGoal(goal: Goal | null, isReached: boolean | null): string {
  if (goal === null) return '';
  const text = 'atLeast' in goal ? `>= ${goal.atLeast}` : `<= ${goal.atMost}`;
  if (isReached === null) return text;
  return `${text} ${isReached ? 'reached' : 'MISSED'}`;
}

/** One bench: a title and a table without borders. */
export function formatResult(result: BenchResult): string {
  const figures = ['median', 'min .. max', 'ours against it'];
  const columns = figures.map((head) => ({ head, isNumber: true }));
  const rows = result.rows.map((row) => {
    const { median, min, max } = row.summary;
    return [
      row.metric,
      row.contestant,
      `${formatFigure(median)} ${row.unit}`.trim(),
      `${formatFigure(min)} .. ${formatFigure(max)}`,
      formatComparison(row),
      formatGoal(row.goal, row.isReached),
    ];
  });
  const all = ['measure', 'contestant', ...columns, 'goal'];
  const table = formatTable(all, rows, Number.POSITIVE_INFINITY);
  const title = `${result.bench}: ${result.title}; ${result.rounds} rounds`;
  return `${title}\n\n${table}\n`;
}

/** The machine and the versions, in two lines. */
export function formatMachine(machine: Machine): string {
  const versions = Object.entries(machine.versions)
    .map(([name, version]) => `${name}: ${version ?? 'not there'}`)
    .join('; ');
  const { date, cpu, memory, system, load } = machine;
  return `${date}; ${cpu}; ${memory}; ${system}; load ${load.toFixed(1)}\n${versions}\n`;
}
