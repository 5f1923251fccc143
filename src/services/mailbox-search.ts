/**
 * Looks for a node that has the service which messages wait for: here, then upwards, one node after
 * the other; again after a while, and when something has changed.
 */
import type { Clock } from '../ports/clock.ts';
import { isServiceName } from '../protocol/address.ts';
import { MAILBOX_FIND_MS_MAX, MAILBOX_FIND_MS_MIN } from '../protocol/limits.ts';

export interface MailboxSearchComponents {
  readonly clock: Clock;
  /** Name of the nearest node known here that has a service. */
  findNode(service: string): string | undefined;
  /** The same of the parent, and of whom it asks. */
  askParent(service: string): Promise<string | undefined>;
  /** Services that messages wait for. */
  waiting(): Iterable<string>;
  resolve(service: string, node: string): void;
}

export class MailboxSearch {
  readonly #components: MailboxSearchComponents;
  #waitMs = MAILBOX_FIND_MS_MIN;
  #isSearching = false;
  #isStopped = false;
  #stopTimer: (() => void) | undefined;

  constructor(components: MailboxSearchComponents) {
    this.#components = components;
  }

  /** The nearest node that has a service, or null. Throws why the parent cannot be asked. */
  async find(service: string): Promise<string | null> {
    if (!isServiceName(service)) return null;
    const { findNode, askParent } = this.#components;
    return findNode(service) ?? (await askParent(service)) ?? null;
  }

  /** Something is new: looks at once. */
  begin(): void {
    this.#waitMs = MAILBOX_FIND_MS_MIN;
    this.#search();
  }

  #search(): void {
    if (this.#isStopped || this.#isSearching) return;
    const services = [...this.#components.waiting()];
    if (services.length === 0) return;
    this.#stopTimer?.();
    this.#isSearching = true;
    void Promise.all(services.map((service) => this.#look(service))).then(() => {
      this.#isSearching = false;
      if (this.#isStopped) return;
      this.#stopTimer = this.#components.clock.after(this.#waitMs, () => this.#search());
      this.#waitMs = Math.min(MAILBOX_FIND_MS_MAX, this.#waitMs * 2);
    });
  }

  async #look(service: string): Promise<void> {
    // A parent that does not answer now is asked again.
    const node = await this.find(service).catch(() => null);
    if (node !== null) this.#components.resolve(service, node);
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopTimer?.();
  }
}
