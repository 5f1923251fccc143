/**
 * The end of a command before its time: TERM to its process group and to what it has started
 * outside of that, a grace, KILL.
 */
import type { Clock } from '../ports/clock.ts';
import type { Child } from '../ports/spawner.ts';
import type { ExecResult } from '../protocol/exec.ts';
import { EXEC_STRAY_MS } from '../protocol/limits.ts';
import { StrayHunt } from './stray-hunt.ts';

/** Time between two looks at what is left of it. */
const LOOK_MS = 100;

export interface EndingOptions {
  readonly graceMs: number;
  readonly hasId: boolean;
}

export class ExecEnding {
  readonly #child: Child;
  readonly #clock: Clock;
  readonly #killAtMs: number;
  /** There will be no KILL any more. */
  readonly stop: () => void;
  readonly #killedCount: number;
  /** None where nobody can tell what is part of the command. */
  readonly #hunt: StrayHunt | undefined;
  /** Whether something of its group was left for KILL. */
  #hasKilled = false;

  /** Begins it: TERM now, KILL after `graceMs`. `hasId`: its processes have an id of their own. */
  constructor(child: Child, clock: Clock, { graceMs, hasId }: EndingOptions) {
    this.#child = child;
    this.#clock = clock;
    this.#killAtMs = clock.monotonicMs() + graceMs;
    this.#killedCount = child.countGroup();
    this.#hunt = hasId ? new StrayHunt(child.strays) : undefined;
    this.#signal('SIGTERM');
    this.stop = clock.after(graceMs, () => this.#signal('SIGKILL'));
  }

  #signalGroup(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#hasKilled ||= signal === 'SIGKILL' && this.#child.countGroup() > 0;
    this.#child.killGroup(signal);
  }

  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#signalGroup(signal);
    void this.#hunt?.look(signal);
  }

  /**
   * The command itself has ended: settles when nothing of it is left, or KILL has not helped in
   * time, with how many processes were ended, and that by KILL where one of them needed it.
   */
  async finish(): Promise<Pick<ExecResult, 'signal' | 'killed' | 'strays'>> {
    await this.#waitForGroup();
    this.stop();
    this.#signalGroup('SIGKILL');
    if (this.#hunt !== undefined) await this.#endStrays(this.#hunt);
    const foundCount = this.#hunt?.foundCount ?? 0;
    const hasKilled = this.#hasKilled || this.#hunt?.hasKilled === true;
    return {
      ...(hasKilled ? { signal: 'SIGKILL' } : {}),
      ...(this.#killedCount === 0 ? {} : { killed: this.#killedCount }),
      ...(foundCount === 0 ? {} : { strays: foundCount }),
    };
  }

  /** What is left of the group after its leader ended in answer to TERM has the same grace. */
  async #waitForGroup(): Promise<void> {
    const clock = this.#clock;
    while (this.#child.countGroup() > 0 && clock.monotonicMs() < this.#killAtMs) {
      await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    }
  }

  async #endStrays(hunt: StrayHunt): Promise<void> {
    const clock = this.#clock;
    const giveUpAtMs = Math.max(this.#killAtMs, clock.monotonicMs()) + EXEC_STRAY_MS;
    while (clock.monotonicMs() < giveUpAtMs) {
      const isGrace = clock.monotonicMs() < this.#killAtMs;
      if ((await hunt.look(isGrace ? 'SIGTERM' : 'SIGKILL')) === 0) return;
      await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
    }
  }
}
