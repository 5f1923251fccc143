/**
 * The parts of files whose copies broke off: one copy has each, and who does not come back for it
 * finds it removed. What there is, is written down, so that a crash leaves none for ever.
 */
import { basename } from 'node:path';
import type { Parts } from '../files/placing.ts';
import type { Clock } from '../ports/clock.ts';
import { DagentError } from '../protocol/errors.ts';
import { FILE_PART_MS } from '../protocol/limits.ts';

/** A copy that is over sooner is not written down. */
const NOTE_MS = 1_000;
const PART_NAME = /^\.dagent-[0-9a-f]{24}\.part$/;

export interface PartsComponents {
  readonly clock: Clock;
  /** What was written down, and writing it down. */
  recall(): unknown;
  note(paths: readonly string[]): void;
  remove(path: string): Promise<void>;
}

export class FileParts implements Parts {
  readonly #components: PartsComponents;
  readonly #open = new Set<string>();
  /** Those that nobody is writing, with what prevents their removal. */
  readonly #kept = new Map<string, () => void>();
  #stopNote: (() => void) | undefined;

  constructor(components: PartsComponents) {
    this.#components = components;
  }

  /** Takes over what a former run has left. */
  start(): void {
    const left = this.#components.recall();
    for (const path of Array.isArray(left) ? left : []) {
      if (typeof path === 'string' && PART_NAME.test(basename(path))) this.#keep(path);
    }
  }

  open(path: string): void {
    if (this.#open.has(path)) throw new DagentError('E_COPY_BUSY', { path });
    this.#kept.get(path)?.();
    this.#kept.delete(path);
    this.#open.add(path);
    this.#noteSoon();
  }

  close(path: string, isKept: boolean): void {
    this.#open.delete(path);
    if (isKept) this.#keep(path);
    this.#noteSoon();
  }

  #keep(path: string): void {
    const remove = (): void => {
      this.#kept.delete(path);
      // One that is gone, or cannot be removed, is nobody's trouble but the disk's.
      this.#components.remove(path).catch(() => undefined);
      this.#noteSoon();
    };
    this.#kept.set(path, this.#components.clock.after(FILE_PART_MS, remove));
  }

  #noteSoon(): void {
    this.#stopNote ??= this.#components.clock.after(NOTE_MS, () => this.#note());
  }

  #note(): void {
    this.#stopNote?.();
    this.#stopNote = undefined;
    this.#components.note([...this.#open, ...this.#kept.keys()]);
  }

  /** Writes down what is left. */
  stop(): void {
    if (this.#stopNote !== undefined) this.#note();
    for (const stop of this.#kept.values()) stop();
  }
}
