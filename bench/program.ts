/** Runs a program of bench/programs in a process of its own, on the runtime that runs us. */
import { type ChildProcess, fork } from 'node:child_process';
import { resolve } from 'node:path';

/** A program that is ready: connected, registered, waiting for `go`. */
export interface Program {
  /** Tells it to begin. */
  go(): void;
  /** What it reports at its end. Rejects when it ends without a report. */
  readonly result: Promise<Record<string, number>>;
  /** Ends it and resolves when it is gone. */
  stop(): Promise<void>;
}

/** What a program tells: that it is ready, then its figures. */
export type Report = { readonly ready: true } | { readonly result: Record<string, number> };

/** Resolves when the process is gone. */
function waitForExit(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => child.once('exit', () => done()));
}

/**
 * Starts `programs/<name>.ts` with `options` (one argument, JSON) and resolves when it is ready.
 * @throws when it ends before.
 */
export function startProgram(name: string, options: object): Promise<Program> {
  const file = resolve(import.meta.dirname, 'programs', `${name}.ts`);
  const child = fork(file, [JSON.stringify(options)], { stdio: ['ignore', 2, 2, 'ipc'] });
  const result = Promise.withResolvers<Record<string, number>>();
  const ready = Promise.withResolvers<Program>();
  result.promise.catch(() => {}); // whoever awaits it hears of it; a stopped program may go unheard
  const program: Program = {
    go: () => child.send('go'),
    result: result.promise,
    stop() {
      if (child.connected) child.disconnect();
      return waitForExit(child);
    },
  };
  child.on('message', (report: Report) => {
    if ('ready' in report) ready.resolve(program);
    else result.resolve(report.result);
  });
  child.once('exit', (code, signal) => {
    const error = new Error(`${name} ended without a report (${signal ?? code})`);
    ready.reject(error);
    result.reject(error);
  });
  return ready.promise;
}
