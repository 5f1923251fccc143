/**
 * What commands write, in files: `NAME.stdout` and `NAME.stderr` for each target, and the names of
 * those that ended well or not in `hosts.succeeded` and `hosts.failed`.
 */
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../adapters/files.ts';
import { sortNaturally } from '../base/natural.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import type { ExecResult } from '../protocol/exec.ts';
import { foldNames } from '../protocol/node-set.ts';
import { CHANNEL_NAMES, type ExecOutput } from './exec-output.ts';

/** Does what can fail for want of room or leave. Throws E_CANNOT_WRITE. */
function attempt(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new DagentError('E_CANNOT_WRITE', { path, reason: code ?? message });
  }
}

/** Characters of the names that are told. */
const NOTE_LENGTH_MAX = 200;

/**
 * What is to be said of a directory in which there is output of others than `targets`: whoever
 * reads all of it would take it for output of this run. Undefined when there is none.
 */
export function findStale(dir: string, targets: readonly string[]): string | undefined {
  const own = new Set(targets);
  const found = readdirSync(dir).flatMap((file) => {
    const [, name = ''] = /^(.*)\.(?:stdout|stderr)$/s.exec(file) ?? [];
    return isNodeName(name) && !own.has(name) ? [name] : [];
  });
  if (found.length === 0) return undefined;
  const names = foldNames(found).slice(0, NOTE_LENGTH_MAX);
  return `${dir} has output of a former run too, of others than these targets: ${names}`;
}

/**
 * Writes into `dir`, which is made if it is not there. Files of these targets from a former run are
 * emptied at once, or removed if `hidesEmpty`, so that nothing old is taken for new. A file is open
 * only while it is written to: there may be more targets than files that may be open. What cannot
 * be written later on stops nothing: it is thrown at the end. Throws E_CANNOT_WRITE.
 */
export function fileOutput(
  dir: string,
  targets: readonly string[],
  hidesEmpty: boolean,
): ExecOutput {
  // A name of a node has no slash and begins with no dot: it cannot lead out of the directory.
  const names = targets.filter(isNodeName);
  const results = new Map<string, ExecResult>();
  let failure: unknown;
  makeDirectory(dir, 0o777);
  for (const path of names.flatMap((name) => CHANNEL_NAMES.map((each) => pathOf(name, each)))) {
    attempt(path, () => (hidesEmpty ? rmSync(path, { force: true }) : writeFileSync(path, '')));
  }
  function pathOf(name: string, suffix: string): string {
    return join(dir, `${name}.${suffix}`);
  }
  const append = (path: string, bytes: Buffer): void => {
    try {
      if (failure === undefined) attempt(path, () => appendFileSync(path, bytes));
    } catch (error) {
      failure = error;
    }
  };
  const list = (suffix: string, isWanted: (result: ExecResult) => boolean): void => {
    const wanted = [...results].filter(([, result]) => isWanted(result)).map(([name]) => name);
    const lines = sortNaturally(wanted, (name) => name).map((name) => `${name}\n`);
    const path = pathOf('hosts', suffix);
    attempt(path, () => writeFileSync(path, lines.join('')));
  };
  return {
    sink: (target) => ({
      onOutput(channel, bytes, done): void {
        if (isNodeName(target)) append(pathOf(target, channel), bytes);
        done();
      },
    }),
    finish: (target, result) => void results.set(target, result),
    end(): void {
      list('succeeded', ({ verdict }) => verdict === 'ok');
      list('failed', ({ verdict }) => verdict !== 'ok');
      if (failure !== undefined) throw failure;
    },
  };
}
