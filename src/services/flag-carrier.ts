/**
 * Carries flags upwards: tells the parent of all that is known when a link to it comes up, and of
 * what changes from then on. One call is on its way at a time; what changes meanwhile gathers by
 * node, so that the parent gets the newest, not each.
 */
import type { Clock } from '../ports/clock.ts';
import type { NodeFlags } from '../protocol/flag.ts';
import { FLAGS_RETELL_MS_MAX, FLAGS_TELL_MS, FLAGS_TOLD_BYTES } from '../protocol/limits.ts';

export interface FlagCarrierComponents {
  readonly clock: Clock;
  /** The flags of this node, or of one below; undefined when it is known no more. */
  flagsOf(node: string): NodeFlags | undefined;
  /** All nodes of which there is something to tell. */
  nodes(): Iterable<string>;
  /** Tells the parent; the names of those that it did not take. Throws why it could not be told. */
  tell(flags: readonly NodeFlags[]): Promise<readonly string[]>;
}

export class FlagCarrier {
  readonly #components: FlagCarrierComponents;
  /** Nodes of which the parent has not the newest. */
  readonly #untold = new Set<string>();
  /** Raised with each link: what was under way by a former one counts no more. Even: no link. */
  #epoch = 0;
  #isTelling = false;
  #readyAtMs = 0;
  #retellMs = FLAGS_TELL_MS;
  #timer: { readonly dueAtMs: number; readonly stop: () => void } | undefined;

  constructor(components: FlagCarrierComponents) {
    this.#components = components;
  }

  get #hasLink(): boolean {
    return this.#epoch % 2 === 1;
  }

  /** There is a parent, which knows nothing yet. It hears of the nodes first, then of flags. */
  linkUp(): void {
    this.linkDown();
    this.#epoch++;
    this.#isTelling = false;
    this.#retellMs = FLAGS_TELL_MS;
    for (const node of this.#components.nodes()) this.#untold.add(node);
    this.#tellIn(FLAGS_TELL_MS);
  }

  /** There is none. */
  linkDown(): void {
    if (this.#hasLink) this.#epoch++;
    this.#untold.clear();
    this.#timer?.stop();
    this.#timer = undefined;
  }

  /** The flags of a node are others now. */
  changed(node: string): void {
    if (!this.#hasLink) return;
    this.#untold.add(node);
    this.#tellIn(this.#readyAtMs - this.#components.clock.monotonicMs());
  }

  /** At the latest after so long, unless a call is on its way. */
  #tellIn(waitMs: number): void {
    const { clock } = this.#components;
    const dueAtMs = clock.monotonicMs() + Math.max(0, waitMs);
    if (this.#isTelling || (this.#timer !== undefined && this.#timer.dueAtMs <= dueAtMs)) return;
    this.#timer?.stop();
    const stop = clock.after(Math.max(0, waitMs), () => {
      this.#timer = undefined;
      void this.#tell();
    });
    this.#timer = { dueAtMs, stop };
  }

  /** As much of what is untold as goes in one call. */
  #take(): NodeFlags[] {
    const taken: NodeFlags[] = [];
    let bytes = 0;
    for (const node of this.#untold) {
      if (bytes >= FLAGS_TOLD_BYTES) break;
      this.#untold.delete(node);
      const flags = this.#components.flagsOf(node);
      if (flags === undefined) continue;
      bytes += JSON.stringify(flags).length;
      taken.push(flags);
    }
    return taken;
  }

  async #tell(): Promise<void> {
    const told = this.#take();
    if (told.length === 0) return;
    const epoch = this.#epoch;
    this.#isTelling = true;
    const refused = await this.#components.tell(told).catch(() => told.map(({ node }) => node));
    if (epoch !== this.#epoch) return;
    this.#isTelling = false;
    this.#readyAtMs = this.#components.clock.monotonicMs() + FLAGS_TELL_MS;
    const fresh = this.#untold.size;
    for (const node of refused) this.#untold.add(node);
    if (refused.length === 0) this.#retellMs = FLAGS_TELL_MS;
    if (fresh > 0) return this.#tellIn(FLAGS_TELL_MS);
    if (refused.length === 0) return;
    this.#tellIn(this.#retellMs);
    this.#retellMs = Math.min(FLAGS_RETELL_MS_MAX, 2 * this.#retellMs);
  }
}
