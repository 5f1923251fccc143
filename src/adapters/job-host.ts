/** Jobs of a node on this host: files in its directory, processes by pid and start. */
import { execFile } from 'node:child_process';
import { appendFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  JobEnd,
  JobEnding,
  JobGaps,
  JobHost,
  JobLaunch,
  JobNote,
  JobSample,
  JobSight,
  JobSizes,
  KeptJob,
  OutputSpool,
  SpoolHandlers,
} from '../ports/job-host.ts';
import type { OutputChannel, SpawnRequest } from '../ports/spawner.ts';
import type { Strays } from '../ports/strays.ts';
import { writing } from './files.ts';
import { writeJson } from './home.ts';
import { createFiles, formatSamples, loadAll, readWord, removeFiles } from './job-files.ts';
import { startSupervised } from './job-shell.ts';
import { openSpool } from './job-spool.ts';
import { writeScript } from './launcher.ts';
import { ProcessGroups, signalGroup } from './process-groups.ts';
import { isAlive, type ProcessIdentity, readBootId } from './process-identity.ts';
import { NO_STRAYS, StrayFinder } from './stray-finder.ts';

const FILE_OF: Readonly<Record<OutputChannel, string>> = { stdout: 'out', stderr: 'err' };
/** Where scripts are put. A crash may have left half a path, whose directory is another's. */
const SCRIPT_PATH = /\/dagent-[^/]+\/script$/;
/** Of what a command that never ran has said, the beginning is the reason. */
const COMPLAINT_LENGTH = 500;
/** Bytes of a block as stat(2) counts them. */
const STAT_BLOCK_BYTES = 512;

/** Whose processes are at work on a job. */
interface Processes {
  readonly command: ProcessIdentity;
  readonly supervisor: ProcessIdentity;
  readonly pumps: readonly number[];
  readonly startedAtMs: number;
}

function parseProcesses(line: string, startedAtMs: number): Processes | undefined {
  const numbers = /^(\d+) (\d*) (\d+) (\d*) (\d+) (\d+)$/.exec(line);
  if (numbers === null) return undefined;
  const [, pid, startTicks = '', parent, parentTicks = '', ...pumps] = numbers;
  return {
    command: { pid: Number(pid), startTicks },
    supervisor: { pid: Number(parent), startTicks: parentTicks },
    pumps: pumps.map(Number),
    startedAtMs,
  };
}

export class SystemJobHost implements JobHost {
  readonly #dir: string;
  readonly #path: string;
  readonly #onTrouble: (path: string, reason: string) => void;
  readonly #groups = new ProcessGroups();
  readonly #finder = new StrayFinder();
  readonly boot = readBootId();
  /** What does not change any more, once it is known. */
  readonly #processes = new Map<string, Processes>();
  readonly #words = new Map<string, string>();

  /**
   * `dir` is where jobs are kept, `path` where programs are looked for. `onTrouble` hears what
   * fails where nobody waits for it.
   */
  constructor(
    { dir, path }: { readonly dir: string; readonly path: string },
    onTrouble: (path: string, reason: string) => void,
  ) {
    this.#dir = dir;
    this.#path = path;
    this.#onTrouble = onTrouble;
  }

  #fileOf(id: string, name: string): string {
    return join(this.#dir, id, name);
  }

  load(onBroken: (path: string, reason: string) => void): KeptJob[] {
    return loadAll(this.#dir, onBroken);
  }

  create(note: JobNote): Promise<void> {
    return createFiles(this.#dir, join(this.#dir, note.id), note);
  }

  launch(id: string, { script, ...request }: SpawnRequest, handlers: JobLaunch): void {
    const place = { dir: join(this.#dir, id), path: this.#path };
    if (script === undefined) return startSupervised(place, request, handlers);
    try {
      const file = writeScript(script, request.runAs);
      writeFileSync(this.#fileOf(id, 'script'), file.argv.at(-1) ?? '', { mode: 0o600 });
      startSupervised(place, { ...request, argv: [...file.argv, ...request.argv] }, handlers);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      handlers.onNotStarted(`the script cannot be written: ${code ?? message}`);
    }
  }

  #findProcesses(id: string): Processes | undefined {
    const known = this.#processes.get(id);
    if (known !== undefined) return known;
    const path = this.#fileOf(id, 'pid');
    const line = readWord(path);
    const found =
      line === '' ? undefined : parseProcesses(line, Math.round(statSync(path).mtimeMs));
    if (found !== undefined) this.#processes.set(id, found);
    return found;
  }

  #findWord(id: string): string {
    const known = this.#words.get(id);
    if (known !== undefined) return known;
    const word = readWord(this.#fileOf(id, 'ready'));
    if (word !== '') this.#words.set(id, word);
    return word;
  }

  openSpool(note: JobNote, handlers: SpoolHandlers): OutputSpool {
    return openSpool(this.#dir, note, handlers);
  }

  look(id: string, boot: string): JobSight {
    const isSameBoot = boot === this.boot;
    const processes = this.#findProcesses(id);
    // First who is there, then what they have left: nobody writes when nobody is there.
    const isThere =
      isSameBoot &&
      processes !== undefined &&
      (isAlive(processes.command) || isAlive(processes.supervisor));
    const path = this.#fileOf(id, 'exit');
    const status = readWord(path);
    const code = /^\d+$/.test(status) ? Number(status) : null;
    const pumps = code === null || !isSameBoot ? [] : (processes?.pumps ?? []);
    return {
      isSameBoot,
      pid: processes?.command.pid ?? null,
      startedAtMs: processes?.startedAtMs ?? null,
      isAlive: isThere,
      isPiped: pumps.some((pid) => isAlive({ pid, startTicks: '' })),
      word: this.#findWord(id),
      code,
      endedAtMs: code === null ? null : Math.round(statSync(path).mtimeMs),
    };
  }

  sizes(id: string): JobSizes {
    const out = statSync(this.#fileOf(id, 'out'), { throwIfNoEntry: false });
    const err = statSync(this.#fileOf(id, 'err'), { throwIfNoEntry: false });
    const diskBytes = ((out?.blocks ?? 0) + (err?.blocks ?? 0)) * STAT_BLOCK_BYTES;
    return { stdout: out?.size ?? 0, stderr: err?.size ?? 0, diskBytes };
  }

  complaint(id: string): string {
    return readWord(this.#fileOf(id, 'err')).slice(0, COMPLAINT_LENGTH);
  }

  async read(id: string, channel: OutputChannel, at: number, length: number): Promise<Buffer> {
    const file = await open(this.#fileOf(id, FILE_OF[channel]), 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  signal(id: string, signal: NodeJS.Signals): number {
    const { command } = this.#findProcesses(id) ?? {};
    if (command === undefined) return 0;
    const count = this.#groups.count(command.pid);
    // One that was counted may have ended since, and one may have begun.
    return signalGroup(command, signal) ? Math.max(count, 1) : 0;
  }

  countGroup(id: string): number {
    const { command } = this.#findProcesses(id) ?? {};
    return command === undefined ? 0 : this.#groups.count(command.pid);
  }

  strays(id: string, target: string): Strays {
    const processes = this.#findProcesses(id);
    if (processes === undefined) return NO_STRAYS;
    const { command, supervisor } = processes;
    return this.#finder.of({
      env: { DAGENT_JOB_ID: id, DAGENT_TARGET: target },
      startTicks: command.startTicks,
      // Who waits for the command, and carries its output, must see its end.
      isOwn: ({ group, session }) => group === command.pid || session === supervisor.pid,
    });
  }

  writeEnding(id: string, ending: JobEnding): void {
    this.#write(id, 'ending.json', ending);
  }

  writeEnd(id: string, end: JobEnd): void {
    this.#write(id, 'end.json', end);
    const script = readWord(this.#fileOf(id, 'script'));
    if (SCRIPT_PATH.test(script)) rmSync(dirname(script), { recursive: true, force: true });
    for (const name of ['o', 'e']) rmSync(this.#fileOf(id, name), { force: true });
    this.#forget(id);
  }

  writeSamples(id: string, samples: readonly JobSample[], isWhole: boolean): void {
    const path = this.#fileOf(id, 'samples');
    const text = formatSamples(samples);
    writing(path, () => (isWhole ? writeFileSync(path, text) : appendFileSync(path, text)));
  }

  #write(id: string, name: string, value: unknown): void {
    const path = this.#fileOf(id, name);
    writing(path, () => writeJson(path, value));
  }

  writeGaps(id: string, gaps: JobGaps): void {
    this.#write(id, 'gaps.json', gaps);
  }

  cut(id: string, gaps: JobGaps): void {
    // Nobody may take for output what was there.
    this.writeGaps(id, gaps);
    for (const channel of ['stdout', 'stderr'] as const) {
      const { from, to } = gaps[channel];
      const path = this.#fileOf(id, FILE_OF[channel]);
      if (to <= from) continue;
      if (from === 0) {
        // All of it: a file without anything in it, as long as before.
        truncateSync(path, 0);
        truncateSync(path, to);
        continue;
      }
      const range = ['--offset', String(from), '--length', String(to - from)];
      const words = ['--punch-hole', ...range, path];
      execFile('fallocate', words, (error, _, said) => {
        if (error !== null) this.#onTrouble(path, said.trim() || error.message);
      });
    }
  }

  remove(id: string): void {
    this.#forget(id);
    removeFiles(this.#dir, id);
  }

  #forget(id: string): void {
    this.#processes.delete(id);
    this.#words.delete(id);
  }
}
