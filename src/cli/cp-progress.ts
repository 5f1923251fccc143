/** How far a copy to or from several nodes is, for the line on the terminal. */
import { escapeLine } from '../base/escape.ts';
import { formatBytes } from '../base/size.ts';
import type { CopyProgress, CopyResult } from '../protocol/file.ts';

/** Time over which the rate is told. */
const RATE_MS = 3_000;

export class CopyMeter {
  readonly #targets: number;
  /** Bytes of one target; undefined: it is not known before they are there. */
  #bytes: number | undefined;
  #hasBegun = false;
  /** Bytes of what is to be copied that were looked at here. */
  #readBytes = 0;
  readonly #under = new Map<string, CopyProgress>();
  #okCount = 0;
  #failedCount = 0;
  #endedBytes = 0;
  /** Bytes that were there, and when. */
  readonly #marks: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(targets: number) {
    this.#targets = targets;
  }

  read(bytes: number): void {
    this.#readBytes += bytes;
  }

  /** The targets begin; each is to get so many bytes, if that is known. */
  begin(bytes: number | undefined): void {
    this.#bytes = bytes;
    this.#hasBegun = true;
  }

  heard(target: string, progress: CopyProgress): void {
    this.#under.set(target, progress);
  }

  ended(target: string, { verdict, bytes }: CopyResult): void {
    this.#under.delete(target);
    if (verdict === 'ok') this.#okCount++;
    else this.#failedCount++;
    if (verdict === 'ok') this.#endedBytes += bytes;
  }

  get #doneBytes(): number {
    let bytes = this.#endedBytes;
    for (const { doneBytes } of this.#under.values()) bytes += doneBytes;
    return bytes;
  }

  /** Bytes a second, of late. */
  #rate(nowMs: number): number {
    const marks = this.#marks;
    marks.push({ atMs: nowMs, bytes: this.#doneBytes });
    while ((marks[1]?.atMs ?? nowMs) < nowMs - RATE_MS) marks.shift();
    const [first] = marks;
    const ms = nowMs - (first?.atMs ?? nowMs);
    return ms <= 0 ? 0 : Math.max(0, ((this.#doneBytes - (first?.bytes ?? 0)) * 1000) / ms);
  }

  /**
   * `reading here: 1.2 GiB`; then `12/20 ok  61%  3.1 GiB of 5.0 GiB  104 MiB/s  slowest web7 40%`.
   */
  format(nowMs: number): string {
    if (!this.#hasBegun) return `reading here: ${formatBytes(this.#readBytes)}`;
    const rate = this.#rate(nowMs);
    const doneBytes = this.#doneBytes;
    const parts = [`${this.#okCount}/${this.#targets} ok`];
    if (this.#failedCount > 0) parts.push(`${this.#failedCount} failed`);
    if (this.#bytes === undefined) {
      parts.push(formatBytes(doneBytes));
    } else {
      const total = this.#bytes * (this.#targets - this.#failedCount);
      parts.push(percent(doneBytes, total), `${formatBytes(doneBytes)} of ${formatBytes(total)}`);
    }
    parts.push(`${formatBytes(rate)}/s`);
    if (this.#targets > 1) parts.push(...this.#slowest());
    return parts.join('  ');
  }

  #slowest(): string[] {
    let slowest: [string, number] | undefined;
    for (const [target, { doneBytes }] of this.#under) {
      if (slowest === undefined || doneBytes < slowest[1]) slowest = [target, doneBytes];
    }
    if (slowest === undefined) return [];
    const [target, bytes] = slowest;
    const far = this.#bytes === undefined ? formatBytes(bytes) : percent(bytes, this.#bytes);
    return [`slowest ${escapeLine(target)} ${far}`];
  }
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '100%' : `${Math.min(100, Math.floor((part * 100) / whole))}%`;
}
