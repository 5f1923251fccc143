/**
 * What a run has to say, gathered: many lines make one event, and a node may send more only when
 * what it sent has been told. So however fast it writes, the screen has little to do.
 */
import { escapeForTerminal } from '../../base/escape.ts';
import { createLineSplitter, type LineSplitter } from '../../base/lines.ts';
import type { ExecSink } from '../../client/exec.ts';
import { DagentError } from '../../protocol/errors.ts';
import type { Verdict } from '../../protocol/exec.ts';
import { TOP_LINE_CHARS_MAX, TOP_LINES_MAX } from '../../protocol/limits.ts';
import { textOf } from '../feed.ts';
import type { Schedule } from '../frames.ts';
import type { OutputLine, OutputNews } from '../output.ts';
import type { Style } from '../palette.ts';

/** Time for which news are gathered. */
export const GATHER_MS = 100;
/** Cells up to which a tab goes. */
const TAB = '        ';

/** One line as it can be shown: nothing in it acts on a terminal. */
function showable(text: string): string {
  return escapeForTerminal(text.replace(/\r?\n$/, '').replaceAll('\t', TAB)).replaceAll(
    '\n',
    '\\n',
  );
}

export interface NewsOptions {
  readonly tell: (news: OutputNews) => void;
  readonly schedule: Schedule;
}

export class News {
  readonly #options: NewsOptions;
  #lines: OutputLine[] = [];
  #droppedCount = 0;
  #verdicts: Verdict[] = [];
  #progress: string | null = null;
  /** What gives leave for more, of all that has come since the last event. */
  #done: (() => void)[] = [];
  #cancel: (() => void) | undefined;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  #gather(): void {
    this.#cancel ??= this.#options.schedule(() => this.flush(), GATHER_MS);
  }

  /** Tells what there is. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const lines = this.#lines;
    const droppedCount = this.#droppedCount;
    const [verdicts, progress, done] = [this.#verdicts, this.#progress, this.#done];
    [this.#lines, this.#droppedCount, this.#verdicts] = [[], 0, []];
    [this.#progress, this.#done] = [null, []];
    if (lines.length + droppedCount + verdicts.length > 0 || progress !== null) {
      this.#options.tell({ lines, droppedCount, verdicts, progress });
    }
    for (const each of done) each();
  }

  /** Says a line, or a long one as several. */
  line(source: string, text: string, style: Style = 'plain'): void {
    const shown = showable(text);
    for (let at = 0; at === 0 || at < shown.length; at += TOP_LINE_CHARS_MAX) {
      this.#lines.push({ source, text: shown.slice(at, at + TOP_LINE_CHARS_MAX), style });
    }
    // Twice as many, so that not each line moves all others.
    if (this.#lines.length >= 2 * TOP_LINES_MAX) {
      this.#droppedCount += this.#lines.splice(0, TOP_LINES_MAX).length;
    }
    this.#gather();
  }

  /** Says what went wrong, its code, and what to do about it. */
  error(source: string, error: unknown): void {
    if (!(error instanceof DagentError)) return this.line(source, textOf(error), 'bad');
    this.line(source, `${error.message} (${error.code})`, 'bad');
    if (error.hint !== undefined) this.line(source, `  ${error.hint}`, 'faint');
  }

  verdict(verdict: Verdict): void {
    this.#verdicts.push(verdict);
    this.#gather();
  }

  progress(text: string): void {
    this.#progress = text;
    this.#gather();
  }

  /** What a command of a node writes, line by line; `end` brings out what has no line end. */
  sink(source: string): ExecSink & { end(): void } {
    const splitter = (style: Style): LineSplitter =>
      createLineSplitter(
        (line) => this.line(source, line.toString('utf8'), style),
        TOP_LINE_CHARS_MAX,
      );
    const splitters = { stdout: splitter('plain'), stderr: splitter('warning') };
    return {
      onOutput: (channel, bytes, done) => {
        splitters[channel].push(bytes);
        this.#done.push(done);
        this.#gather();
      },
      onOmitted: (channel, bytes) => {
        splitters[channel].end();
        this.line(source, `[... ${bytes} bytes are not shown ...]`, 'faint');
      },
      end: () => {
        splitters.stdout.end();
        splitters.stderr.end();
      },
    };
  }
}
