/** A program's side of the talk with the bench, which it never outlives: ready, go, report. */
import type { Report } from '../program.ts';

process.once('disconnect', () => process.exit());

function tell(report: Report): Promise<void> {
  return new Promise((done) => {
    if (process.send === undefined) throw new Error('run by bench/run.ts, not by hand');
    process.send(report, () => done());
  });
}

/** What the bench wants of this program. */
export function readOptions<T>(): T {
  return JSON.parse(process.argv[2] ?? '{}') as T;
}

/** Says that all is set up; resolves when the bench says go. */
export async function waitForGo(): Promise<void> {
  const go = new Promise<void>((done) => process.once('message', () => done()));
  await tell({ ready: true });
  await go;
}

/** Hands in the figures. The bench ends the process when it has them all. */
export function report(result: Record<string, number>): Promise<void> {
  return tell({ result });
}
