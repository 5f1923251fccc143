/**
 * Drives the mailboxes of one node with a store in memory: carries out what belongs to the store,
 * and hands the rest to the test.
 */
import type { Delivery, Instant, MailboxInput, MailboxOutput } from '../../src/mailbox/io.ts';
import { step } from '../../src/mailbox/mailboxes.ts';
import type { Message } from '../../src/mailbox/message.ts';
import { restoreMailboxes } from '../../src/mailbox/recovery.ts';
import type { MailboxConfig, Mailboxes } from '../../src/mailbox/state.ts';
import { FakeStore } from './store.ts';

export interface HostOptions extends Partial<MailboxConfig> {
  readonly node: string;
  readonly store: string;
  readonly seed: number;
}

export class MailboxHost {
  readonly store: FakeStore;
  /** Last token that was used. */
  reply = 0;
  readonly options: HostOptions;
  state: Mailboxes;
  now: Instant = { ms: 0, wallMs: 1_000_000 };
  wakeAtMs = Number.POSITIVE_INFINITY;
  /** The process ends when it has carried out so many more outputs. */
  outputsLeft = Number.POSITIVE_INFINITY;
  /** Everything that is not the store's, and that nobody has taken yet. */
  outputs: MailboxOutput[] = [];
  onOutput: (output: MailboxOutput) => void = (output) => void this.outputs.push(output);
  onWrite: () => void = () => undefined;
  onCrash: () => void = () => undefined;
  readonly #inputs: MailboxInput[] = [];
  #isRunning = false;
  #isDead = false;

  constructor(options: HostOptions) {
    this.options = options;
    this.store = new FakeStore(options.store);
    this.state = this.#restore();
  }

  #restore(): Mailboxes {
    return restoreMailboxes(this.options, (range) => this.store.read(range), this.now);
  }

  /** Feeds an input, and what follows from it at once. */
  feed(input: MailboxInput): void {
    this.#inputs.push(input);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      for (const output of step(this.state, next, this.now)) {
        if (this.outputsLeft-- <= 0) this.#isDead = true;
        if (this.#isDead) break;
        this.#carryOut(output);
      }
      if (this.#isDead) break;
    }
    this.#isRunning = false;
    if (!this.#isDead) return;
    this.#inputs.length = 0;
    this.onCrash();
  }

  #carryOut(output: MailboxOutput): void {
    switch (output.kind) {
      case 'write':
        this.store.write(output.writes, (error) =>
          this.feed(error === undefined ? { kind: 'written' } : { kind: 'writeFailed', error }),
        );
        return this.onWrite();
      case 'read':
        this.#inputs.push({
          kind: 'page',
          read: output.read,
          page: this.store.read(output.range),
        });
        return;
      case 'setAside':
        return this.store.setAside(output.key, output.reason);
      case 'wake':
        this.wakeAtMs = output.atMs;
        return;
      default:
        return this.onOutput(output);
    }
  }

  /** The end of what came at once; then the disk does all that it was asked for. */
  settle(): void {
    this.feed({ kind: 'flush' });
    while (this.store.waitingCount > 0) this.store.sync();
  }

  pass(ms: number, wallMs = ms): void {
    this.now = { ms: this.now.ms + ms, wallMs: this.now.wallMs + wallMs };
    this.feed({ kind: 'tick' });
  }

  /** The process ends; `keptCount` batches on their way to the disk are there all the same. */
  crash(keptCount = 0): void {
    this.store.crash(keptCount);
    this.outputs = [];
    this.outputsLeft = Number.POSITIVE_INFINITY;
    this.wakeAtMs = Number.POSITIVE_INFINITY;
    this.#inputs.length = 0;
    this.#isDead = false;
  }

  restart(): void {
    this.state = this.#restore();
    this.feed({ kind: 'tick' });
  }

  /** The outputs of a kind that nobody has taken yet. */
  take<Kind extends MailboxOutput['kind']>(kind: Kind): Extract<MailboxOutput, { kind: Kind }>[] {
    const isOfKind = (output: MailboxOutput): output is Extract<MailboxOutput, { kind: Kind }> =>
      output.kind === kind;
    const taken = this.outputs.filter(isOfKind);
    this.outputs = this.outputs.filter((output) => !isOfKind(output));
    return taken;
  }

  deliveries(): Delivery[] {
    return this.take('deliver').map(({ delivery }) => delivery);
  }
}

/** A message whose content tells its id. */
export function createMessage(
  sender: string,
  sequence: number,
  more: Partial<Message> = {},
): Message {
  const content = Buffer.from(`${sender}.${sequence}`);
  return { sender, sequence, from: 'x:~1', sentAtMs: 1_000_000, expiresAtMs: 0, content, ...more };
}
