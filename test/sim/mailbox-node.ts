/** A node of the simulation: mailboxes that crash in the middle of what they do, on a slow disk. */
import type { MailboxInput, MailboxOutput, Transfer } from '../../src/mailbox/io.ts';
import { MailboxHost } from '../fakes/mailbox-host.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import { demand } from './envelopes.ts';
import type { MailboxPlan } from './mailbox-plan.ts';

type Of<Kind extends MailboxOutput['kind']> = Extract<MailboxOutput, { kind: Kind }>;

/** Time that an exchange between two nodes may take. */
const EXCHANGE_MS = 600;
const WALL_MS = 1_700_000_000_000;

/** What all nodes of a simulation share. */
export interface World {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly plan: MailboxPlan;
  readonly nodes: Map<string, MailboxNode>;
  isFaulty: boolean;
  nextToken: number;
}

export class MailboxNode {
  readonly name: string;
  readonly host: MailboxHost;
  readonly world: World;
  isUp = true;
  /** Counts its processes. */
  incarnation = 0;
  wallOffsetMs = 0;
  crashCount = 0;
  /** Who waits for the answer to a token. */
  readonly replies = new Map<number, (output: MailboxOutput) => void>();
  /** Who gets what a receiver is handed. */
  readonly takers = new Map<number, (output: Of<'deliver'>) => void>();
  /** The programs of this node lose their connection, and find it again. */
  onDown: (() => void)[] = [];
  onUp: (() => void)[] = [];

  constructor(world: World, name: string, store: string) {
    this.world = world;
    this.name = name;
    const { quotaCount, tryCountMax } = world.plan;
    const seed = world.chance.seed();
    this.host = new MailboxHost({ node: name, store, seed, quotaCount, tryCountMax });
    this.host.onOutput = (output) => this.#handle(output);
    this.host.onWrite = () => this.#sync();
    this.host.onCrash = () => this.crash();
    this.#setTime();
  }

  #setTime(): void {
    const ms = this.world.agenda.nowMs;
    this.host.now = { ms, wallMs: WALL_MS + Math.round(ms) + this.wallOffsetMs };
  }

  get wallMs(): number {
    this.#setTime();
    return this.host.now.wallMs;
  }

  /** Something happens here, unless nobody is there. */
  feed(input: MailboxInput): void {
    if (!this.isUp) return;
    const { agenda, chance } = this.world;
    this.#setTime();
    this.host.feed(input);
    if (chance.isHit(0.6)) this.#flush();
    else this.#later(chance.between(0, 5), () => this.#flush());
    this.#checkBounds();
    const { wakeAtMs } = this.host;
    if (Number.isFinite(wakeAtMs) && this.isUp) {
      this.host.wakeAtMs = Number.POSITIVE_INFINITY;
      this.#later(wakeAtMs - agenda.nowMs, () => this.feed({ kind: 'tick' }));
    }
  }

  #flush(): void {
    if (!this.isUp) return;
    this.#setTime();
    this.host.feed({ kind: 'flush' });
  }

  /** Runs in this very process, or not at all. */
  #later(ms: number, run: () => void): void {
    const { incarnation } = this;
    this.world.agenda.after(ms, () => {
      if (this.incarnation === incarnation && this.isUp) run();
    });
  }

  #sync(): void {
    const { chance, plan } = this.world;
    this.#later(chance.between(0, plan.diskMs), () => {
      this.#setTime();
      this.host.store.sync();
    });
  }

  ask(input: (reply: number) => MailboxInput, then: (output: MailboxOutput) => void): void {
    const token = this.world.nextToken++;
    this.replies.set(token, then);
    this.feed(input(token));
  }

  #handle(output: MailboxOutput): void {
    switch (output.kind) {
      case 'transfer':
        return this.#send(output);
      case 'deliver':
        return this.takers.get(output.delivery.receiver)?.(output);
      case 'event':
        return;
      default: {
        if (!('reply' in output)) return;
        const then = this.replies.get(output.reply);
        this.replies.delete(output.reply);
        then?.(output);
      }
    }
  }

  /** An exchange with another node: it has one outcome here, whatever happens there. */
  #send({ node, epoch, transfer }: Of<'transfer'>): void {
    const { agenda, plan } = this.world;
    const { incarnation } = this;
    let isOpen = true;
    const end = (input: MailboxInput) => {
      if (isOpen && this.incarnation === incarnation) this.feed(input);
      isOpen = false;
    };
    const fail = () => {
      const error = { code: 'E_DEADLINE', values: { to: node, ms: EXCHANGE_MS } } as const;
      end({ kind: 'transferFailed', box: transfer.box, epoch, error });
    };
    agenda.after(EXCHANGE_MS, fail);
    const to = this.world.nodes.get(node);
    for (let copy = 0; copy < this.#copies(); copy++) {
      agenda.after(this.world.chance.between(0, 2 * plan.latencyMs), () =>
        to?.takeOver(transfer, (output) => {
          for (let answer = 0; answer < this.#copies(); answer++) {
            agenda.after(this.world.chance.between(0, 2 * plan.latencyMs), () => {
              const { upTo, error } = output;
              end({ kind: 'transferred', box: transfer.box, epoch, upTo, error });
            });
          }
        }),
      );
    }
  }

  #copies(): number {
    const { chance, isFaulty, plan } = this.world;
    if (!isFaulty) return 1;
    if (chance.isHit(plan.lossRate)) return 0;
    return chance.isHit(plan.twiceRate) ? 2 : 1;
  }

  takeOver(transfer: Transfer, then: (output: Of<'taken'>) => void): void {
    this.ask(
      (reply) => ({ kind: 'transfer', transfer, reply }),
      (output) => output.kind === 'taken' && then(output),
    );
  }

  /** The process ends after a few more things that it does. */
  crashSoon(): void {
    this.host.outputsLeft = this.world.chance.integer(0, 12);
    this.#later(this.world.chance.between(0, 100), () => {
      if (Number.isFinite(this.host.outputsLeft)) this.crash();
    });
  }

  crash(): void {
    if (!this.isUp) return;
    const { agenda, chance } = this.world;
    this.isUp = false;
    this.incarnation++;
    this.crashCount++;
    this.host.crash(chance.integer(0, 1));
    this.replies.clear();
    this.takers.clear();
    for (const tell of this.onDown) tell();
    agenda.after(chance.between(0, 400), () => this.start());
  }

  start(): void {
    this.isUp = true;
    this.#setTime();
    this.host.restart();
    this.feed({ kind: 'tick' });
    for (const tell of this.onUp) tell();
    for (const node of this.world.nodes.values()) {
      if (this.world.chance.isHit(0.8)) node.feed({ kind: 'reachable', node: this.name });
    }
  }

  #checkBounds(): void {
    const { boxes, reads } = this.host.state;
    demand(reads.size <= 4 * boxes.size, () => `${this.name} reads ${reads.size} times at once`);
    for (const box of boxes.values()) {
      const count = box.count + box.deadCount;
      const isTooFull = box.isLocal && count > this.world.plan.quotaCount;
      demand(!isTooFull, () => `${box.name} has ${count} messages`);
    }
  }
}
