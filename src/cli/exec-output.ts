/**
 * What commands write, on its way to our stdout and stderr: as it is, with names in front, or as
 * records.
 */
import { escapeForTerminal } from '../base/escape.ts';
import { createLineSplitter, type LineSplitter } from '../base/lines.ts';
import type { ExecSink } from '../client/exec.ts';
import type { ExecResult } from '../protocol/exec.ts';

/** A line longer than this is shown in pieces. */
export const LINE_BYTES_MAX = 65_536;

export const CHANNEL_NAMES = ['stdout', 'stderr'] as const;
export type ChannelName = (typeof CHANNEL_NAMES)[number];

/** Writes to one of our own streams; `done` is called when it has taken it. */
export type Write = (channel: ChannelName, bytes: Buffer, done: () => void) => void;

export interface ExecOutput {
  sink(target: string): ExecSink;
  /** The command of a target ended: what is left of its last line goes out. */
  finish(target: string, result: ExecResult): void;
  /** All targets have ended. Throws E_CANNOT_WRITE. */
  end?(): void;
}

const NEWLINE = 0x0a;

/** The line that stands for what is not shown. */
function omission(bytes: number): string {
  return `[... ${bytes} bytes are not shown ...]\n`;
}

const nothing = (): void => undefined;

/** One target: byte for byte, as ssh. On a terminal, what would act on it is shown instead. */
export function plainOutput(
  write: Write,
  isEscaped: (channel: ChannelName) => boolean,
): ExecOutput {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const endsLine = { stdout: true, stderr: true };
  const sink: ExecSink = {
    onOutput(channel, bytes, done): void {
      if (bytes.length > 0) endsLine[channel] = bytes.at(-1) === NEWLINE;
      if (!isEscaped(channel)) return write(channel, bytes, done);
      const text = decoders[channel].decode(bytes, { stream: true });
      write(channel, Buffer.from(escapeForTerminal(text)), done);
    },
    onOmitted(channel, bytes): void {
      const text = `${endsLine[channel] ? '' : '\n'}${omission(bytes)}`;
      write(channel, Buffer.from(text), nothing);
    },
  };
  const finish = (): void => {
    for (const channel of CHANNEL_NAMES) {
      // A character of which the rest never came.
      const text = decoders[channel].decode();
      if (text !== '') write(channel, Buffer.from(text), nothing);
    }
  };
  return { sink: () => sink, finish };
}

/** Several targets: whole lines, each with the name of its node in front. */
export function labelledOutput(
  write: Write,
  label: (target: string, channel: ChannelName) => string,
  isEscaped: (channel: ChannelName) => boolean,
): ExecOutput {
  const ends: Ends = new Map();
  const sink = (target: string): ExecSink => {
    const format = (channel: ChannelName, line: Buffer): Buffer => {
      const prefix = Buffer.from(label(target, channel));
      const body = isEscaped(channel)
        ? Buffer.from(escapeForTerminal(line.toString('utf8')))
        : line;
      const end = line.at(-1) === NEWLINE ? '' : '\n';
      return Buffer.concat([prefix, body, Buffer.from(end)]);
    };
    const taken = lines(target, ends, (channel, line, done) =>
      write(channel, format(channel, line), done),
    );
    const onOmitted = (channel: ChannelName, bytes: number): void => {
      ends.get(target)?.([channel]);
      write(channel, Buffer.from(`${label(target, channel)}${omission(bytes)}`), nothing);
    };
    return { ...taken, onOmitted };
  };
  return { sink, finish: (target) => ends.get(target)?.(CHANNEL_NAMES) };
}

/** For each target, what brings out the rest of its last lines. */
type Ends = Map<string, (channels: readonly ChannelName[]) => void>;

/** Feeds lines to `emit`; a piece is done when its last whole line has been taken. */
function lines(
  target: string,
  ends: Ends,
  emit: (channel: ChannelName, line: Buffer, done: () => void) => void,
): ExecSink {
  let taken: Buffer[] = [];
  const make = (): LineSplitter => createLineSplitter((line) => taken.push(line), LINE_BYTES_MAX);
  const splitters: Record<ChannelName, LineSplitter> = { stdout: make(), stderr: make() };
  const flush = (channel: ChannelName, done: () => void): void => {
    const ready = taken;
    taken = [];
    if (ready.length === 0) return done();
    emitAll(channel, ready, done, emit);
  };
  ends.set(target, (channels) => {
    for (const channel of channels) {
      splitters[channel].end();
      flush(channel, nothing);
    }
  });
  return {
    onOutput(channel, bytes, done): void {
      splitters[channel].push(bytes);
      flush(channel, done);
    },
  };
}

function emitAll(
  channel: ChannelName,
  ready: readonly Buffer[],
  done: () => void,
  emit: (channel: ChannelName, line: Buffer, done: () => void) => void,
): void {
  for (const [at, line] of ready.entries()) {
    emit(channel, line, at === ready.length - 1 ? done : nothing);
  }
}

/** Text of a line for a record, or its bytes in base64 when it is no UTF-8. */
export function encodeText(line: Buffer): { data: string; enc?: 'base64' } {
  const data = line.toString('utf8');
  if (Buffer.byteLength(data) === line.length && !data.includes('\ufffd')) return { data };
  return { data: line.toString('base64'), enc: 'base64' };
}

/**
 * Records (NDJSON): `start`, `out`, `err`, `omitted`, `result`; without `hasText` only the first
 * and the last of these.
 */
export function recordOutput(write: Write, nowMs: () => number, hasText: boolean): ExecOutput {
  const ends: Ends = new Map();
  const seqs = new Map<string, number>();
  const print = (type: string, target: string, more: object, done: () => void): void => {
    const seq = seqs.get(target) ?? 0;
    seqs.set(target, seq + 1);
    const record = { v: 1, t: new Date(nowMs()).toISOString(), type, target, seq, ...more };
    write('stdout', Buffer.from(`${JSON.stringify(record)}\n`), done);
  };
  const sink = (target: string): ExecSink => {
    const { onOutput } = lines(target, ends, (channel, line, done) => {
      print(channel === 'stdout' ? 'out' : 'err', target, encodeText(line), done);
    });
    const onOmitted = (channel: ChannelName, bytes: number): void => {
      ends.get(target)?.([channel]);
      print('omitted', target, { channel, bytes }, nothing);
    };
    const onStart = (): void => print('start', target, {}, nothing);
    if (!hasText) return { onOutput: (_channel, _bytes, done) => done(), onStart };
    return { onOutput, onOmitted, onStart };
  };
  const finish = (target: string, result: ExecResult): void => {
    ends.get(target)?.(CHANNEL_NAMES);
    print('result', target, result, nothing);
  };
  return { sink, finish };
}
