/** Output on its way to who prints it: in the order of the targets, cut short, or to several. */
import { HeadTail } from '../base/head-tail.ts';
import type { ExecSink } from '../client/exec.ts';
import type { ExecResult } from '../protocol/exec.ts';
import { Capture, type Captured, type CaptureOptions, isSilent, replay } from './exec-capture.ts';
import { CHANNEL_NAMES, type ChannelName, type ExecOutput } from './exec-output.ts';

/**
 * In the order of `targets`, however they end: each is printed when it has ended and those before
 * it are printed.
 */
export function sortedOutput(
  inner: ExecOutput,
  targets: readonly string[],
  options: CaptureOptions & { readonly hidesEmpty: boolean },
): ExecOutput {
  const captures = new Map<string, Capture>();
  const waiting = new Map<string, { captured: Captured; result: ExecResult }>();
  let next = 0;
  const printOne = (target: string, captured: Captured, result: ExecResult): void => {
    if (!(options.hidesEmpty && isSilent(captured))) replay(captured, inner.sink(target));
    inner.finish(target, result);
  };
  const printReady = (): void => {
    for (; next < targets.length; next++) {
      const target = targets[next] ?? '';
      const ready = waiting.get(target);
      if (ready === undefined) return;
      waiting.delete(target);
      printOne(target, ready.captured, ready.result);
    }
  };
  return {
    sink(target) {
      const capture = new Capture(target, options);
      captures.set(target, capture);
      return capture;
    },
    finish(target, result): void {
      const captured = (captures.get(target) ?? new Capture(target, options)).end();
      captures.delete(target);
      waiting.set(target, { captured, result });
      printReady();
    },
    end: () => inner.end?.(),
  };
}

const nothing = (): void => undefined;

/** Hands on the beginning of each stream, and its end when it has ended: `--max-output`. */
export function cappedOutput(inner: ExecOutput, bytesMax: number): ExecOutput {
  const ends = new Map<string, () => void>();
  const sink = (target: string): ExecSink => {
    const to = inner.sink(target);
    const streams = new Map<ChannelName, HeadTail>();
    ends.set(target, () => {
      for (const channel of CHANNEL_NAMES) {
        const { omittedBytes = 0, tail } = streams.get(channel)?.kept ?? {};
        if (omittedBytes > 0) to.onOmitted?.(channel, omittedBytes);
        if (tail !== undefined && tail.length > 0) to.onOutput(channel, tail, nothing);
      }
    });
    const streamOf = (channel: ChannelName): HeadTail => {
      const stream = streams.get(channel) ?? new HeadTail(bytesMax);
      streams.set(channel, stream);
      return stream;
    };
    return {
      onStart: (hostNames) => to.onStart?.(hostNames),
      // The node may keep to the bound by itself: what comes behind its omission is the tail.
      onOmitted(channel, bytes): void {
        const ready = streamOf(channel).skip(bytes);
        if (ready.length > 0) to.onOutput(channel, ready, nothing);
      },
      onOutput(channel, bytes, done): void {
        const ready = streamOf(channel).push(bytes);
        if (ready.length > 0) to.onOutput(channel, ready, done);
        else done();
      },
    };
  };
  return {
    sink,
    finish(target, result): void {
      ends.get(target)?.();
      ends.delete(target);
      inner.finish(target, result);
    },
    end: () => inner.end?.(),
  };
}

/** Hands everything to each of several; the slowest gives leave for more. */
export function severalOutputs(outputs: readonly ExecOutput[]): ExecOutput {
  const [only] = outputs;
  if (only !== undefined && outputs.length === 1) return only;
  const sink = (target: string): ExecSink => {
    const sinks = outputs.map((output) => output.sink(target));
    return {
      onStart: (hostNames) => {
        for (const each of sinks) each.onStart?.(hostNames);
      },
      onOmitted: (channel, bytes, hash) => {
        for (const each of sinks) each.onOmitted?.(channel, bytes, hash);
      },
      onOutput(channel, bytes, done): void {
        let left = sinks.length;
        const oneDone = (): void => {
          left -= 1;
          if (left === 0) done();
        };
        if (left === 0) return done();
        for (const each of sinks) each.onOutput(channel, bytes, oneDone);
      },
    };
  };
  return {
    sink,
    finish(target, result): void {
      for (const output of outputs) output.finish(target, result);
    },
    end(): void {
      for (const output of outputs) output.end?.();
    },
  };
}
