/**
 * Wires that are worse than any connection: what is routed gets lost on them, comes twice, or
 * behind what was sent after it. So whatever comes of ways that break, heal and turn is tried.
 */
import { At, Kind, ROUTED_KIND_MIN } from '../../src/protocol/frame.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';
import type { Chance } from './chance.ts';

const LOSS_CHANCE = 0.01;
const TWIN_CHANCE = 0.03;
const LATE_CHANCE = 0.03;

/** What tables are made of is spared: a link that loses it is none. */
function isSpared(frame: Buffer): boolean {
  const kind = frame[At.KIND] ?? 0;
  return kind < ROUTED_KIND_MIN || kind === Kind.JOINED || kind === Kind.EVICTED;
}

export class Jumble {
  readonly #chance: Chance;
  /** What is still to come, behind others. */
  readonly #late: Buffer[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** What arrives of whole frames, and of those before them. */
  pass(bytes: Buffer): Buffer {
    const chance = this.#chance;
    const passed: Buffer[] = [];
    eachFrame(bytes, (frame) => {
      if (isSpared(frame)) passed.push(frame);
      else if (chance.isHit(LOSS_CHANCE)) return;
      else if (chance.isHit(LATE_CHANCE)) this.#late.push(Buffer.from(frame));
      else passed.push(frame, ...(chance.isHit(TWIN_CHANCE) ? [frame] : []));
    });
    if (passed.length > 0 && chance.isHit(0.5)) passed.push(...this.#late.splice(0));
    return Buffer.concat(passed);
  }
}
