/** What a daemon looks at to raise flags of its own, and how often (services/flag-checks.ts). */
import { readDiskRoom } from '../adapters/disk-room.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import { FLAG_CHECK_MS, FLAG_CLOCK_CHECK_MS } from '../protocol/limits.ts';
import type { Router } from '../router/state.ts';
import { FlagChecks, type Seen, type SeenLink } from '../services/flag-checks.ts';
import type { Flags } from '../services/flags.ts';
import { Flaps } from '../services/flaps.ts';
import { measureLevels } from '../services/mailbox-levels.ts';
import type { MailboxHost } from './mailbox-host.ts';

export interface OwnFlagComponents {
  readonly router: Router;
  readonly clock: Clock;
  readonly probe: HostProbe;
  readonly mailboxes: Pick<MailboxHost, 'mailbox' | 'trouble' | 'damage'>;
  readonly flags: Flags;
  /** Directory of the node: it is the room on its disk that matters. */
  readonly dataDir: string;
  /** Paths of what is not on the disk as it should be. */
  unwritten(): readonly string[];
}

/** Time that the keeper of the clock has to answer. */
const CLOCK_MS_MAX = 5_000;
const UPLINK = 'uplink';

/** Links to other nodes. */
function seeLinks({ links }: Router): SeenLink[] {
  const seen: SeenLink[] = [];
  for (const { peer, isCongested, rttMs } of links.values()) {
    if (peer !== null) seen.push({ peer: peer.name, isSlow: isCongested, rttMs });
  }
  return seen;
}

export class OwnFlags {
  readonly #components: OwnFlagComponents;
  readonly #checks: FlagChecks;
  readonly #flaps = new Flaps();
  #clockDueAtMs = 0;
  #isLooking = false;
  #stopTimer: (() => void) | undefined;

  constructor(components: OwnFlagComponents) {
    this.#components = components;
    const { router, flags } = components;
    this.#checks = new FlagChecks(router.config.name, flags.own.flags);
  }

  /** Looks every FLAG_CHECK_MS. */
  start(): void {
    this.#stopTimer = this.#components.clock.every(FLAG_CHECK_MS, () => void this.#look());
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  uplinkDown(): void {
    this.#flaps.lost(UPLINK, this.#components.clock.monotonicMs());
  }

  async #look(): Promise<void> {
    // A disk that is ill may not answer; then nobody waits for it twice.
    if (this.#isLooking) return;
    this.#isLooking = true;
    const seen = await this.#see();
    if (this.#stopTimer !== undefined) {
      for (const input of this.#checks.look(seen)) await this.#components.flags.say(input);
    }
    this.#isLooking = false;
  }

  /** Whether a look is under way. */
  get isLooking(): boolean {
    return this.#isLooking;
  }

  async #see(): Promise<Seen> {
    const { router, clock, mailboxes, dataDir } = this.#components;
    const [disk, isClockRight] = await Promise.all([readDiskRoom(dataDir), this.#askClock()]);
    return {
      links: seeLinks(router),
      disk,
      isClockRight,
      uplinkLosses: this.#flaps.count(UPLINK, clock.monotonicMs()),
      ...measureLevels(mailboxes.mailbox.driver),
      unwritten: this.#components.unwritten(),
      storeTrouble: mailboxes.trouble,
      damage: mailboxes.damage,
    };
  }

  async #askClock(): Promise<boolean | null> {
    const { clock, probe } = this.#components;
    if (clock.monotonicMs() < this.#clockDueAtMs) return null;
    this.#clockDueAtMs = clock.monotonicMs() + FLAG_CLOCK_CHECK_MS;
    return probe.clock(CLOCK_MS_MAX).then(
      ({ isSynchronised }) => isSynchronised,
      () => null,
    );
  }
}
