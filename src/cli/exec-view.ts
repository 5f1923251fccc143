/** How a run shows what its commands write: chosen by flags, and put together here. */
import { escapeLine } from '../base/escape.ts';
import { cappedOutput, severalOutputs, sortedOutput } from './exec-arranged.ts';
import { shareOf } from './exec-capture.ts';
import { groupedOutput, printGroups, recordGroups } from './exec-groups.ts';
import { fileOutput, findStale } from './exec-log-dir.ts';
import {
  type ChannelName,
  type ExecOutput,
  labelledOutput,
  plainOutput,
  recordOutput,
  type Write,
} from './exec-output.ts';
import { hasColour } from './output.ts';

export interface ExecView {
  readonly isRaw: boolean;
  readonly isJson: boolean;
  /** No summary, no progress, no notes. */
  readonly isQuiet: boolean;
  /** Output is shown while it comes, also when it is grouped at the end. */
  readonly isLive: boolean;
  readonly isGrouped: boolean;
  readonly isDiff: boolean;
  readonly isSorted: boolean;
  readonly hidesEmpty: boolean;
  readonly masksHost: boolean;
  readonly logDir: string | undefined;
  /** Bytes of each stream of each target that are shown. */
  readonly outputBytesMax: number | undefined;
}

const COLOURS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** Writes to our own streams. */
export const writeOut: Write = (channel, bytes, done) => {
  const stream = channel === 'stdout' ? process.stdout : process.stderr;
  // After a closed pipe the callback still comes, with the error that was dealt with elsewhere.
  stream.write(bytes, () => done());
};

/** Names in columns, each in a colour of its own. */
function createLabel(targets: readonly string[]): (target: string, channel: ChannelName) => string {
  const width = targets.reduce((widest, target) => Math.max(widest, target.length), 0);
  const places = new Map(targets.map((target, place) => [target, place]));
  const isColoured = hasColour(process.stdout);
  return (target, channel) => {
    const name = target.padEnd(width);
    const bar = channel === 'stdout' ? '|' : '!';
    const colour = COLOURS[(places.get(target) ?? 0) % COLOURS.length] ?? 0;
    return isColoured ? `\x1b[${colour}m${name} ${bar}\x1b[0m ` : `${name} ${bar} `;
  };
}

/**
 * Puts the output of a run together. `isSingle` is one target that is named in full; `write` is
 * where it goes. Throws E_CANNOT_WRITE.
 */
export function createOutput(
  view: ExecView,
  targets: readonly string[],
  { isSingle, write }: { readonly isSingle: boolean; readonly write: Write },
): ExecOutput {
  const { isJson, isGrouped, isSorted, hidesEmpty, masksHost, outputBytesMax } = view;
  const isEscaped = (channel: ChannelName): boolean =>
    !view.isRaw && process[channel].isTTY === true;
  const bytesMax = shareOf(targets.length, outputBytesMax);
  const chooseShown = (): ExecOutput => {
    if (isJson) return recordOutput(write, Date.now, !isGrouped || view.isLive);
    if (isSingle && !isGrouped && !isSorted) return plainOutput(write, isEscaped);
    return labelledOutput(write, createLabel(targets), isEscaped);
  };
  const arrange = (shown: ExecOutput): ExecOutput => {
    if (isSorted) return sortedOutput(shown, targets, { bytesMax, masksHost, hidesEmpty });
    return outputBytesMax === undefined ? shown : cappedOutput(shown, outputBytesMax);
  };
  const outputs: ExecOutput[] = [];
  if (isJson || view.isLive || !isGrouped) outputs.push(arrange(chooseShown()));
  if (isGrouped) {
    const { isDiff } = view;
    const print = isJson
      ? recordGroups(write, Date.now, hidesEmpty)
      : printGroups({ write, isEscaped, hidesEmpty, isDiff });
    outputs.push(groupedOutput({ bytesMax, masksHost }, print));
  }
  if (view.logDir !== undefined) {
    outputs.push(fileOutput(view.logDir, targets, hidesEmpty));
    const stale = view.isQuiet ? undefined : findStale(view.logDir, targets);
    if (stale !== undefined) process.stderr.write(`dagent: ${escapeLine(stale)}\n`);
  }
  return severalOutputs(outputs);
}
