/**
 * Virtual time: what is to happen, and when. Of two things at one instant the one entered first.
 */

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A binary heap of things to do, and the clock that jumps from one to the next. */
export class Agenda {
  nowMs = 0;
  /** How many things have happened. */
  doneCount = 0;
  readonly #heap: Entry[] = [];
  #order = 0;

  at(atMs: number, run: () => void): void {
    this.#heap.push({ atMs: Math.max(atMs, this.nowMs), order: this.#order++, run });
    this.#siftUp(this.#heap.length - 1);
  }

  after(ms: number, run: () => void): void {
    this.at(this.nowMs + ms, run);
  }

  /** Does all that is to be done until then. */
  runUntil(endMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= endMs; next = this.#heap[0]) {
      this.#pop();
      this.nowMs = next.atMs;
      this.doneCount++;
      next.run();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  #swap(a: number, b: number): void {
    const first = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = first;
  }

  #siftUp(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isBefore(this.#heap[at]!, this.#heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const entry = this.#heap[child];
        if (entry !== undefined && isBefore(entry, this.#heap[least]!)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }
}
