/** What one simulation of mailboxes is: drawn from its seed, and printed when it fails. */
import { Chance } from './chance.ts';

export interface MailboxPlan {
  readonly seed: number;
  /** Time with faults. */
  readonly faultyMs: number;
  readonly senderCount: number;
  readonly receiverCount: number;
  /** Mean time between the messages of a sender. */
  readonly messageMs: number;
  /** Mean time between crashes of a node; of receivers; Infinity for none. */
  readonly crashMs: number;
  readonly receiverCrashMs: number;
  readonly refusalMs: number;
  readonly lossRate: number;
  readonly twiceRate: number;
  readonly latencyMs: number;
  readonly diskMs: number;
  readonly workMs: number;
  readonly nackRate: number;
  readonly hangRate: number;
  readonly poisonRate: number;
  readonly ttlRate: number;
  readonly clockJumps: boolean;
  readonly leaseCount: number;
  readonly quotaCount: number;
  readonly tryCountMax: number;
}

/** Draws a plan: each kind of trouble is there in some of them, so that none hides another. */
export function drawMailboxPlan(seed: number): MailboxPlan {
  const chance = new Chance(seed);
  const sometimes = (probability: number, min: number, max: number, otherwise: number) => {
    const drawn = chance.between(min, max);
    return chance.isHit(probability) ? drawn : otherwise;
  };
  const never = Number.POSITIVE_INFINITY;
  return {
    seed,
    faultyMs: chance.integer(1_000, 8_000),
    senderCount: chance.integer(1, 5),
    receiverCount: chance.integer(1, 3),
    messageMs: chance.between(20, 400),
    crashMs: sometimes(0.8, 200, 3_000, never),
    receiverCrashMs: sometimes(0.6, 200, 4_000, never),
    refusalMs: sometimes(0.3, 500, 3_000, never),
    lossRate: sometimes(0.6, 0, 0.4, 0),
    twiceRate: sometimes(0.5, 0, 0.4, 0),
    latencyMs: chance.between(0, 80),
    diskMs: chance.between(0, 30),
    workMs: chance.between(0, 60),
    nackRate: sometimes(0.4, 0, 0.3, 0),
    hangRate: sometimes(0.3, 0, 0.1, 0),
    poisonRate: sometimes(0.3, 0, 0.1, 0),
    ttlRate: sometimes(0.3, 0, 0.5, 0),
    clockJumps: chance.isHit(0.3),
    leaseCount: chance.integer(1, 20),
    quotaCount: chance.isHit(0.2) ? chance.integer(3, 30) : 100_000,
    tryCountMax: chance.isHit(0.3) ? chance.integer(1, 4) : 20,
  };
}
