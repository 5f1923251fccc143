/**
 * Follows what goes to many: each broadcast and event has a number in its body. Nobody hears one
 * twice, or one that it did not ask for.
 */
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { At, bodyOf, decodeHeader, Flag, headOf, Kind, Scope } from '../../src/protocol/frame.ts';
import { unpackMap } from '../../src/protocol/pack.ts';
import { matchesTopic } from '../../src/protocol/topic.ts';
import type { Chance } from './chance.ts';
import { demand } from './envelopes.ts';
import type { Program } from './program.ts';

export const TOPICS = ['a', 'a.b', 'a.c', 'a.b.c', 'd'] as const;
export const PATTERNS = ['a', 'a.*', 'a.>', '*.b', '>', 'd'] as const;

interface Flood {
  readonly from: Program;
  readonly hearers: Set<Program>;
}

/** Whether a frame goes to many. */
export function isFlood(kind: number, flags: number): boolean {
  return kind === Kind.EVENT || (kind === Kind.MESSAGE && (flags & Flag.BROADCAST) !== 0);
}

/** Whether a frame may be dropped where others wait. */
export function isOneWay(frame: Buffer): boolean {
  return frame[At.KIND] === Kind.MESSAGE || frame[At.KIND] === Kind.EVENT;
}

export class Floods {
  readonly #floods = new Map<number, Flood>();
  #number = 0;
  heardCount = 0;

  get sentCount(): number {
    return this.#number;
  }

  #begin(from: Program): { readonly number: number; readonly body: Buffer } {
    const number = ++this.#number;
    this.#floods.set(number, { from, hearers: new Set() });
    const body = Buffer.alloc(4);
    body.writeUInt32BE(number);
    return { number, body };
  }

  /** Sends a broadcast to a service, or to all; returns its number. */
  broadcast(from: Program, scope: Scope, service = ''): number {
    const { number, body } = this.#begin(from);
    const toService = service === '' ? 0 : serviceKeyOf(service);
    const to = { flags: Flag.BROADCAST, channel: scope, toNode: 0, toService };
    from.flood({ kind: Kind.MESSAGE, ...to }, { to: service }, body);
    return number;
  }

  /** Publishes an event; returns its number. */
  publish(from: Program, topic: string): number {
    const { number, body } = this.#begin(from);
    from.flood({ kind: Kind.EVENT, toNode: 0, toService: serviceKeyOf(topic) }, { topic }, body);
    return number;
  }

  /** A program has one of them before it. */
  heard(program: Program, frame: Buffer): void {
    const { kind, channel, toService, fromNode } = decodeHeader(frame);
    const number = bodyOf(frame).readUInt32BE(0);
    const flood = this.#floods.get(number);
    const what = `broadcast or event ${number}`;
    demand(flood !== undefined, () => `${what} was never sent`);
    if (flood === undefined) return;
    demand(flood.from !== program, () => `${what} comes back to its sender`);
    demand(
      !flood.hearers.has(program),
      () => `${what} comes twice to a program of ${program.node}`,
    );
    flood.hearers.add(program);
    this.heardCount++;
    if (kind === Kind.EVENT) {
      const topic = String(unpackMap(headOf(frame)).topic);
      const isWanted = [...program.patterns].some((pattern) => matchesTopic(pattern, topic));
      demand(isWanted, () => `${what} comes to ${program.node}, which never wanted ${topic}`);
      return;
    }
    const isMeant = toService === 0 || program.services.has(toService);
    demand(isMeant, () => `${what} comes to ${program.node}, which is not meant`);
    const isNear = channel !== Scope.NODE || fromNode === nodeKeyOf(program.node);
    demand(isNear, () => `${what} has left its node`);
  }

  /** Who has heard one. */
  hearersOf(number: number): ReadonlySet<Program> {
    return this.#floods.get(number)?.hearers ?? new Set();
  }

  /** What a program does at random. */
  use(program: Program, chance: Chance, services: readonly string[]): void {
    const dice = chance.between(0, 1);
    const pattern = chance.pick(PATTERNS) ?? 'a';
    const scope = chance.pick(Object.values(Scope)) ?? Scope.REALM;
    if (dice < 0.2) program.subscribe(pattern);
    else if (dice < 0.3) program.unsubscribe(pattern);
    else if (dice < 0.7) this.publish(program, chance.pick(TOPICS) ?? 'a');
    else this.broadcast(program, scope, chance.isHit(0.5) ? '' : chance.pick(services));
  }
}
