/**
 * A program that gives a command a terminal. It is a process of its own, so that no other command
 * inherits its end of the terminal, and a daemon loads nothing native.
 *
 * stdin: what is typed. stdout: what is shown. Descriptor 3, lines of JSON: in {columns, rows},
 * a new size; out {pid} of what becomes the command, {word}, whether it does, {code, signal}, how
 * it ended. When 3 is closed nobody looks any more, and the command is ended.
 */
import { type StdioOptions, spawn } from 'node:child_process';
import { chownSync, closeSync, constants, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { createLineSplitter } from '../base/lines.ts';
import { EXEC_GRACE_MS } from '../protocol/limits.ts';
import { signalSession } from './process-groups.ts';
import { parseSize, type TerminalRequest } from './terminal-words.ts';

/** The native part of @lydell/node-pty: its own way of running commands loses output (ADR 25). */
interface Native {
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
  resize(master: number, columns: number, rows: number): void;
}

const CONTROL_FD = 3;
/** As for other commands: silence after which output is over that something holds open. */
const LINGER_MS = 500;
const LINE_BYTES_MAX = 1_024;

function loadNative(): Native {
  const load = createRequire(import.meta.url);
  const { requireBinary } = load('@lydell/node-pty/requireBinary.js') as {
    requireBinary(file: string): unknown;
  };
  return requireBinary('pty.node') as Native;
}

const control = new Socket({ fd: CONTROL_FD });
control.on('error', () => undefined);
const say = (word: object): unknown => control.write(`${JSON.stringify(word)}\n`);

/**
 * What a command inherits. The terminal's other end would be among it, and then the kernel would
 * not hang up when this process dies: in its place the command has nothing.
 */
function stdioOf(own: number, master: number, nothing: number): StdioOptions {
  const all = new Array<'ignore' | 'pipe' | number>(master + 1).fill('ignore');
  all.fill(own, 0, CONTROL_FD);
  all[CONTROL_FD] = 'pipe';
  all[master] = nothing;
  return all;
}

/** Runs the command; settles when all it has shown is handed on. */
async function run(native: Native, { argv, env, owner, size }: TerminalRequest): Promise<object> {
  const { master, slave, pty } = native.open(size.columns, size.rows);
  // It does not block, which no command expects: the same one, opened anew, does.
  closeSync(slave);
  if (owner !== undefined) chownSync(pty, owner, -1);
  const own = openSync(pty, constants.O_RDWR | constants.O_NOCTTY);
  const nothing = openSync('/dev/null', constants.O_RDWR);
  const stdio = stdioOf(own, master, nothing);
  const child = spawn('setsid', ['-c', ...argv], { cwd: '/', env, stdio });
  closeSync(nothing);
  closeSync(own);
  const screen = new ReadStream(master);
  let heardAtMs = performance.now();
  screen.on('data', (bytes: Buffer) => {
    heardAtMs = performance.now();
    if (!process.stdout.write(bytes)) screen.pause();
  });
  process.stdout.on('drain', () => screen.resume());
  process.stdin.on('data', (bytes: Buffer) => screen.write(bytes));
  const splitter = createLineSplitter((line) => {
    const next = parseSize(line);
    if (next !== undefined && !screen.destroyed) native.resize(master, next.columns, next.rows);
  }, LINE_BYTES_MAX);
  control.on('data', (bytes: Buffer) => splitter.push(bytes));
  control.once('end', () => {
    signalSession(child.pid ?? 0, 'SIGHUP');
    setTimeout(() => signalSession(child.pid ?? 0, 'SIGKILL'), EXEC_GRACE_MS).unref();
  });
  say({ pid: child.pid });
  const ready = child.stdio[CONTROL_FD] as Readable;
  ready.on('data', (word: Buffer) => say({ word: word.toString('utf8') }));
  // The last of a terminal is an error: nobody is at its other end any more.
  const drained = new Promise<void>((resolve) => {
    screen.on('error', () => resolve());
    screen.on('close', () => resolve());
  });
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ word: `125 setsid: ${message}` }));
    child.on('exit', (code, signal) => {
      const linger = setInterval(() => {
        if (!screen.isPaused() && performance.now() - heardAtMs >= LINGER_MS) screen.destroy();
      }, LINGER_MS);
      void drained.then(() => {
        clearInterval(linger);
        resolve({ code, signal });
      });
    });
  });
}

try {
  const request = JSON.parse(process.argv[2] ?? '') as TerminalRequest;
  say(await run(loadNative(), request));
} catch (error) {
  const [reason] = (error as Error).message.split('\n');
  say({ word: `125 no terminal can be made: ${reason}` });
}
process.stdout.end();
process.stdin.destroy();
control.end();
