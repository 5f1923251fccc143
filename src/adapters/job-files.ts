/**
 * The files of a job, in a directory of its own:
 *
 *     job.json      what was asked for; there before it is started
 *     pid, ready, exit   by who waits for the command: see job-shell.ts
 *     out, err      what it wrote
 *     ending.json   why it is being ended      gaps.json   what is not kept of out and err
 *     samples       how much there was when    end.json    how it ended
 *     script        where the file is that was sent along
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSample, KeptJob } from '../ports/job-host.ts';
import { isJobId } from '../protocol/job.ts';
import { makeDirectory, syncDirectory, writing } from './files.ts';
import { readJson } from './home.ts';
import { EXIT_LINE_BYTES, PID_LINE_BYTES } from './job-shell.ts';

/** Room for what is said before the command runs. */
const WORD_BYTES = 1_024;
const REMOVED = '.removed-';

function blank(bytes: number): string {
  return `${' '.repeat(bytes - 1)}\n`;
}

/** Text of a small file; '' when it is not there. */
export function readWord(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the directory of a job with its files; on disk when it settles. Throws E_CANNOT_WRITE. */
export async function createFiles(parent: string, dir: string, note: unknown): Promise<void> {
  makeDirectory(parent);
  writing(dir, () => mkdirSync(dir, { mode: 0o700 }));
  const files = {
    'job.json': JSON.stringify(note),
    pid: blank(PID_LINE_BYTES),
    exit: blank(EXIT_LINE_BYTES),
    ready: blank(WORD_BYTES),
    out: '',
    err: '',
  };
  try {
    const all = Object.entries(files).map(([name, text]) => writeSynced(join(dir, name), text));
    await Promise.all(all);
    await Promise.all([syncDirectory(dir), syncDirectory(parent)]);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    writing(dir, () => {
      throw error;
    });
  }
}

/** Removes all of a job; what a crash leaves of it is no job any more. */
export function removeFiles(parent: string, id: string): void {
  const removed = join(parent, `${REMOVED}${id}`);
  rmSync(removed, { recursive: true, force: true });
  try {
    renameSync(join(parent, id), removed);
  } catch {
    return;
  }
  rmSync(removed, { recursive: true, force: true });
}

export function formatSamples(samples: readonly JobSample[]): string {
  return samples.map(({ atMs, stdout, stderr }) => `${atMs} ${stdout} ${stderr}\n`).join('');
}

function readSamples(path: string): JobSample[] {
  return readWord(path)
    .split('\n')
    .map((line) => /^(\d+) (\d+) (\d+)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, at, stdout, stderr]) => {
      return { atMs: Number(at), stdout: Number(stdout), stderr: Number(stderr) };
    });
}

/** What is written down of one job. Throws E_STATE_BROKEN. */
function loadOne(dir: string): KeptJob | undefined {
  const read = <T>(name: string): T | undefined => readJson(join(dir, name)) as T | undefined;
  const note = read<KeptJob['note']>('job.json');
  if (note === undefined) return undefined;
  return {
    note,
    ending: read('ending.json'),
    end: read('end.json'),
    gaps: read('gaps.json'),
    samples: readSamples(join(dir, 'samples')),
  };
}

/** All jobs below `parent`. What a crash has left half removed goes. */
export function loadAll(
  parent: string,
  onBroken: (path: string, reason: string) => void,
): KeptJob[] {
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return [];
  }
  for (const name of names.filter((each) => each.startsWith(REMOVED))) {
    rmSync(join(parent, name), { recursive: true, force: true });
  }
  return names.filter(isJobId).flatMap((name) => {
    try {
      const job = loadOne(join(parent, name));
      if (job?.note.id === name) return [job];
      onBroken(join(parent, name), 'nothing is written down of it');
    } catch (error) {
      onBroken(join(parent, name), (error as Error).message);
    }
    return [];
  });
}
