/** The mailboxes of a daemon: where their store is, and what they know of the tree. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openLmdbStore } from '../adapters/lmdb-store.ts';
import type { Asking } from '../endpoint/asking.ts';
import type { MailboxEvent } from '../mailbox/io.ts';
import { messageCountMax } from '../mailbox/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { serviceKeyOf } from '../protocol/address.ts';
import { errorFromData } from '../protocol/errors.ts';
import { findNearest } from '../router/anycast.ts';
import type { RouterEvent } from '../router/io.ts';
import { parentLink, type Router } from '../router/state.ts';
import type { Damage } from '../services/flag-checks.ts';
import { Mailbox } from '../services/mailbox.ts';
import type { StartOptions } from './options.ts';

export interface MailboxHostComponents {
  readonly router: Router;
  readonly clock: Clock;
  readonly log: Logger;
  readonly seed: number;
  /** Directory of the node. */
  readonly dataDir: string;
  readonly options: Pick<StartOptions, 'mailboxMax'>;
  call(node: string, method: string, args: readonly unknown[], timeoutMs: number): Asking;
}

/** The nearest node that has a service, as far as the router knows; of this one itself first. */
function findNode(router: Router, service: string): string | undefined {
  const key = serviceKeyOf(service);
  if (router.endpoints.get(key)?.services.get(key) === service) return router.config.name;
  const record = findNearest(router, key)?.record;
  return record?.services.includes(service) === true ? record.name : undefined;
}

function logMailboxEvent(log: Logger, event: MailboxEvent): void {
  switch (event.kind) {
    case 'dead': {
      const { box, position, reason } = event;
      return log.warn('dead letter', { box, position, reason });
    }
    case 'storeFailed':
      return log.error('the store takes nothing', { reason: errorFromData(event.error).message });
    case 'storeRecovered':
      return log.info('the store takes messages again');
    case 'lost': {
      const { box, position, count } = event;
      return log.error('messages of a broken record are lost', { box, position, count });
    }
    case 'transferFailed': {
      const { box, error, retryMs } = event;
      const reason = errorFromData(error).message;
      return log.debug('messages wait', { box, retryMs, reason });
    }
  }
}

/** The directory of the store in that of a node. */
function storePathOf(dataDir: string): string {
  return join(dataDir, 'mailboxes');
}

export class MailboxHost {
  readonly mailbox: Mailbox;
  readonly #components: MailboxHostComponents;
  #trouble: string | null = null;
  readonly #damage = { brokenCount: 0, lostCount: 0, lostCountMax: 0 };

  constructor(components: MailboxHostComponents) {
    this.#components = components;
    const { router, clock, log, seed, dataDir, call, options } = components;
    const openStore = () =>
      openLmdbStore({
        directory: storePathOf(dataDir),
        newId: randomBytes(8).toString('hex'),
        nowMs: clock.wallMs(),
        onBroken: (key, reason) => {
          const messages = messageCountMax(key);
          this.#damage.brokenCount++;
          this.#damage.lostCountMax += messages;
          const upTo = Number.isFinite(messages) ? messages : 'unknown';
          log.error('a record is broken and set aside', { key, reason, messagesUpTo: upTo });
        },
      });
    this.mailbox = new Mailbox({
      config: { node: router.config.name, seed, quotaCount: options.mailboxMax },
      clock,
      openStore,
      soon: (then) => setImmediate(then),
      call,
      findNode: (service) => findNode(router, service),
      parent: () => parentLink(router)?.peer?.name,
      onEvent: (event) => {
        this.#note(event);
        logMailboxEvent(log, event);
      },
    });
  }

  /** Why the store takes nothing; null while it does. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** What was found broken, and set aside, since the daemon was started. */
  get damage(): Damage {
    return this.#damage;
  }

  #note(event: MailboxEvent): void {
    if (event.kind === 'storeFailed') this.#trouble = errorFromData(event.error).message;
    else if (event.kind === 'storeRecovered') this.#trouble = null;
    else if (event.kind === 'lost') this.#damage.lostCount += event.count;
  }

  /** Opens what is there: messages wait for others, and others for them. */
  async start(): Promise<void> {
    const { dataDir, log } = this.#components;
    if (!existsSync(storePathOf(dataDir))) return;
    try {
      await this.mailbox.open();
    } catch (error) {
      // No reason not to start: who needs it is told.
      log.error('cannot open the store', { reason: String(error) });
    }
  }

  /** Hears what the router says. */
  observe(event: RouterEvent): void {
    switch (event.kind) {
      case 'nodeUp':
      case 'nodeChanged':
        return this.mailbox.nodeUp(event.record.name);
      case 'peerUp':
        return this.mailbox.nodeUp(event.record.name);
      case 'serviceUp':
        return this.mailbox.nodeUp(this.#components.router.config.name);
      case 'uplinkUp':
      case 'joined':
        return this.mailbox.uplinkUp();
      default:
        return;
    }
  }
}
