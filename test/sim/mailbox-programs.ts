/** The programs of the simulation: senders that repeat what was not confirmed, and receivers. */
import type { Delivery } from '../../src/mailbox/io.ts';
import type { Message } from '../../src/mailbox/message.ts';
import { demand } from './envelopes.ts';
import { idOf, type Ledger } from './mailbox-ledger.ts';
import type { MailboxNode, World } from './mailbox-node.ts';

const LEASE_MS = 1_500;

export interface SenderOptions {
  readonly id: string;
  readonly to: string;
  readonly nodes: readonly MailboxNode[];
}

/** One stream of messages to one address. With several nodes it goes to another when one dies. */
export class SimSender {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #options: SenderOptions;
  readonly #unconfirmed = new Map<number, Message>();
  #at = 0;
  #sequence = 0;

  constructor(world: World, ledger: Ledger, options: SenderOptions) {
    this.#world = world;
    this.#ledger = ledger;
    this.#options = options;
    options.nodes.forEach((node, index) => {
      node.onUp.push(() => this.#repeat(index));
      node.onDown.push(() => this.#leave(index));
    });
    this.#sendLater();
  }

  get #node(): MailboxNode {
    return this.#options.nodes[this.#at]!;
  }

  #sendLater(): void {
    const { agenda, chance, plan } = this.#world;
    agenda.after(chance.untilNextMs(plan.messageMs), () => {
      if (!this.#world.isFaulty) return;
      for (let count = chance.integer(1, 4); count > 0; count--) this.#send();
      this.#sendLater();
    });
  }

  #send(): void {
    const { chance, plan } = this.#world;
    const { id: sender, nodes } = this.#options;
    const sequence = ++this.#sequence;
    const sentAtMs = this.#node.wallMs;
    const expiresAtMs = chance.isHit(plan.ttlRate) ? sentAtMs + chance.integer(1, 5_000) : 0;
    const content = Buffer.from(`${sender}.${sequence}`);
    const message = { sender, sequence, from: 'x:~1', sentAtMs, expiresAtMs, content };
    this.#unconfirmed.set(sequence, message);
    this.#ledger.send(message, nodes.length === 1);
    if (this.#node.isUp) this.#deposit(message);
  }

  #deposit(message: Message): void {
    const { to, nodes } = this.#options;
    const via = to.startsWith(':') && this.#world.chance.isHit(0.5) ? 'r' : null;
    this.#node.ask(
      (reply) => ({ kind: 'deposit', to, via, message, reply }),
      (output) => {
        this.#unconfirmed.delete(message.sequence);
        const entry = this.#ledger.entryOf(message);
        if (output.kind === 'stored') entry.isStored = true;
        // Another node may have taken it before.
        else if (nodes.length === 1) entry.isRefused = true;
      },
    );
  }

  #repeat(index: number): void {
    if (index !== this.#at) return;
    for (const message of [...this.#unconfirmed.values()]) this.#deposit(message);
  }

  #leave(index: number): void {
    if (index !== this.#at) return;
    this.#at = (this.#at + 1) % this.#options.nodes.length;
    if (this.#options.nodes.length > 1 && this.#node.isUp) {
      this.#world.agenda.after(1, () => this.#node.isUp && this.#repeat(this.#at));
    }
  }
}

/** A receiver of one service, as the library makes them: what it has done it never does again. */
export class SimReceiver {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #node: MailboxNode;
  readonly #service: string;
  #id = 0;

  constructor(
    world: World,
    ledger: Ledger,
    { node, service }: { node: MailboxNode; service: string },
  ) {
    this.#world = world;
    this.#ledger = ledger;
    this.#node = node;
    this.#service = service;
    node.onDown.push(() => {
      this.#id = 0;
    });
    node.onUp.push(() => this.attach());
    this.attach();
    this.#crashLater();
  }

  attach(): void {
    if (this.#id !== 0 || !this.#node.isUp) return;
    const receiver = this.#world.nextToken++;
    this.#id = receiver;
    this.#node.takers.set(receiver, ({ delivery }) => this.#take(delivery));
    const { leaseCount } = this.#world.plan;
    const service = this.#service;
    this.#node.feed({ kind: 'attach', receiver, service, leaseCount, leaseMs: LEASE_MS });
  }

  #crashLater(): void {
    const { agenda, chance, plan } = this.#world;
    if (!Number.isFinite(plan.receiverCrashMs)) return;
    agenda.after(chance.untilNextMs(plan.receiverCrashMs), () => {
      if (!this.#world.isFaulty) return;
      const receiver = this.#id;
      this.#id = 0;
      if (receiver !== 0) this.#node.feed({ kind: 'detach', receiver });
      agenda.after(chance.between(0, 500), () => this.attach());
      this.#crashLater();
    });
  }

  #take(delivery: Delivery): void {
    const { agenda, chance, isFaulty, plan } = this.#world;
    const entry = this.#ledger.deliver(delivery);
    const { receiver, position, message } = delivery;
    if (isFaulty && chance.isHit(plan.hangRate)) return;
    agenda.after(chance.between(0, 2 * plan.workMs), () => {
      if (this.#id !== receiver) return;
      const isPoison = (message.sequence * 7_919) % 1_000 < 1_000 * plan.poisonRate;
      if (isPoison || (isFaulty && chance.isHit(plan.nackRate))) {
        const delayMs = chance.isHit(0.5) ? 0 : chance.integer(1, 800);
        this.#node.feed({ kind: 'nack', receiver, position, delayMs, reason: 'not now' });
        return;
      }
      entry.isProcessed = true;
      if (chance.isHit(0.1)) {
        this.#node.feed({ kind: 'extend', receiver, positions: [position] });
      }
      if (chance.isHit(0.8)) this.#ack(delivery);
      else agenda.after(chance.between(0, 50), () => this.#ack(delivery));
    });
  }

  #ack({ store, position, message }: Delivery): void {
    const receiver = this.#id;
    if (receiver === 0) return;
    this.#node.ask(
      (reply) => ({ kind: 'ack', receiver, store, positions: [position], reply }),
      (output) => {
        if (output.kind !== 'acked' || output.unknown.length > 0) return;
        const entry = this.#ledger.entryOf(message);
        demand(entry.isProcessed, () => `${idOf(message)} is acked without having been done`);
        entry.isAcked = true;
      },
    );
  }
}
