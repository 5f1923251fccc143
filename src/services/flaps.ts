/** How often nodes were lost lately: to come and go is another trouble than to go. */
import { FLAP_WINDOW_MS, FLAPS_COUNTED_MAX } from '../protocol/limits.ts';

export class Flaps {
  /** When each node was lost, the oldest first; the node that was lost last stands last. */
  readonly #losses = new Map<string, number[]>();

  /** A node is lost. Returns how often it was, this time included, within FLAP_WINDOW_MS. */
  lost(node: string, nowMs: number): number {
    const times = this.#recent(node, nowMs);
    times.push(nowMs);
    if (times.length > FLAPS_COUNTED_MAX) times.shift();
    this.#losses.delete(node);
    this.#losses.set(node, times);
    this.#forgetOld(nowMs);
    return times.length;
  }

  /** It was not lost: it left. */
  undo(node: string): void {
    this.#losses.get(node)?.pop();
  }

  /** How often it was lost within FLAP_WINDOW_MS. */
  count(node: string, nowMs: number): number {
    return this.#recent(node, nowMs).length;
  }

  /** Nodes that are remembered. */
  get size(): number {
    return this.#losses.size;
  }

  #recent(node: string, nowMs: number): number[] {
    return (this.#losses.get(node) ?? []).filter((atMs) => atMs > nowMs - FLAP_WINDOW_MS);
  }

  #forgetOld(nowMs: number): void {
    for (const [node, times] of this.#losses) {
      if ((times.at(-1) ?? 0) > nowMs - FLAP_WINDOW_MS) return;
      this.#losses.delete(node);
    }
  }
}
