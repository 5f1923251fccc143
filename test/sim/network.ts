/**
 * Virtual connections. As TCP does, each direction keeps its order and may deliver what was written
 * in pieces of any size; a connection can end for both sides, go silent in one or both directions
 * without anybody being told, and be slow.
 */
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';

/** The side that dialled, and the one that accepted. */
export type Side = 0 | 1;

/** Who holds one side of a connection. */
export interface Holder {
  bytes(bytes: Buffer): void;
  closed(reason: string): void;
  /** How much waits to be read at the other side. */
  queued(bytes: number): void;
}

export interface NetworkOptions {
  readonly delayMsMin: number;
  readonly delayMsMax: number;
  /** How often a piece takes far longer. */
  spikeChance: number;
  readonly spikeMs: number;
  /** How often a piece arrives in two. */
  readonly cutChance: number;
}

interface Piece {
  readonly bytes: Buffer;
  readonly atMs: number;
}

class Direction {
  readonly pieces: Piece[] = [];
  queuedBytes = 0;
  lastAtMs = 0;
  isSilent = false;
  /** Nothing more is written; the reader hears so after the last piece. */
  endReason: string | null = null;
  isEnded = false;
  /** What the reader takes; null: all at once. */
  bytesPerMs: number | null = null;
  isPumping = false;
}

export class Wire {
  readonly #network: Network;
  readonly #directions = [new Direction(), new Direction()] as const;
  readonly holders: [Holder | null, Holder | null] = [null, null];
  isGone = false;

  constructor(network: Network) {
    this.#network = network;
  }

  /** The direction that `side` writes to. */
  #from(side: Side): Direction {
    return this.#directions[side];
  }

  #to(side: Side): Direction {
    return this.#directions[side === 0 ? 1 : 0];
  }

  write(side: Side, bytes: Buffer): void {
    const direction = this.#from(side);
    if (direction.endReason !== null || bytes.length === 0) return;
    const { agenda } = this.#network;
    const atMs = Math.max(direction.lastAtMs, agenda.nowMs + this.#network.drawDelayMs());
    direction.lastAtMs = atMs;
    direction.pieces.push({ bytes: Buffer.from(bytes), atMs });
    direction.queuedBytes += bytes.length;
    this.#schedulePump(side, atMs);
    this.holders[side]?.queued(direction.queuedBytes);
  }

  #schedulePump(side: Side, atMs: number): void {
    const direction = this.#from(side);
    if (direction.isPumping) return;
    direction.isPumping = true;
    this.#network.agenda.at(atMs, () => {
      direction.isPumping = false;
      this.#pump(side);
    });
  }

  /** Delivers what is due of what `side` wrote: one piece, a part of it, or several as one. */
  #pump(side: Side): void {
    const { agenda } = this.#network;
    const direction = this.#from(side);
    // Nobody acknowledges it: it stays in the queue of the writer, and the end with it.
    if (direction.isSilent) return;
    const due: Buffer[] = [];
    for (let piece = direction.pieces[0]; piece !== undefined; piece = direction.pieces[0]) {
      if (piece.atMs > agenda.nowMs) break;
      due.push(piece.bytes);
      direction.pieces.shift();
    }
    const all = Buffer.concat(due);
    const take = this.#network.drawTake(all.length, direction.bytesPerMs);
    if (take < all.length) {
      direction.pieces.unshift({ bytes: all.subarray(take), atMs: agenda.nowMs });
    }
    this.#deliver(side, all.subarray(0, take));
    const next = direction.pieces[0];
    if (next !== undefined) this.#schedulePump(side, Math.max(next.atMs, agenda.nowMs + 1));
    else if (direction.endReason !== null) this.#end(side);
  }

  #deliver(side: Side, bytes: Buffer): void {
    const direction = this.#from(side);
    direction.queuedBytes -= bytes.length;
    if (bytes.length > 0) this.holders[side === 0 ? 1 : 0]?.bytes(Buffer.from(bytes));
    this.holders[side]?.queued(direction.queuedBytes);
  }

  #end(side: Side): void {
    const direction = this.#from(side);
    if (direction.isEnded) return;
    direction.isEnded = true;
    const reader: Side = side === 0 ? 1 : 0;
    this.holders[reader]?.closed(direction.endReason ?? '');
  }

  /** One side closes once what it wrote has gone out. It reads nothing more. */
  close(side: Side, reason: string): void {
    const direction = this.#from(side);
    if (direction.endReason !== null) return;
    direction.endReason = reason;
    this.holders[side] = null;
    this.isGone = true;
    if (direction.pieces.length === 0) this.#schedulePump(side, this.#network.agenda.nowMs + 1);
  }

  /** The connection breaks. Some of what was on its way still arrives, cut anywhere. */
  break(reason: string): void {
    for (const side of [0, 1] as const) {
      const direction = this.#from(side);
      const rest = Buffer.concat(direction.pieces.map(({ bytes }) => bytes));
      const kept = rest.subarray(0, this.#network.chance.integer(0, rest.length));
      direction.pieces.length = 0;
      direction.queuedBytes = kept.length;
      direction.bytesPerMs = null;
      const atMs = this.#network.agenda.nowMs + this.#network.drawDelayMs();
      if (kept.length > 0) direction.pieces.push({ bytes: kept, atMs });
      direction.endReason ??= reason;
      this.#schedulePump(side, atMs);
    }
    this.isGone = true;
  }

  /** From now on nothing that `side` writes arrives, and nobody is told. */
  silence(side: Side): void {
    this.#from(side).isSilent = true;
    this.isGone = true;
  }

  /** One side is no more, and the other is not told. */
  abandon(side: Side): void {
    this.holders[side] = null;
    this.#from(side).isSilent = true;
    this.#to(side).isSilent = true;
    this.isGone = true;
  }

  /** What `side` writes is read no faster than this, or at once again. */
  throttle(side: Side, bytesPerMs: number | null): void {
    this.#from(side).bytesPerMs = bytesPerMs;
  }
}

export class Network {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly options: NetworkOptions;

  constructor(agenda: Agenda, chance: Chance, options: NetworkOptions) {
    this.agenda = agenda;
    this.chance = chance;
    this.options = options;
  }

  drawDelayMs(): number {
    const { delayMsMin, delayMsMax, spikeChance, spikeMs } = this.options;
    const delayMs = this.chance.between(delayMsMin, delayMsMax);
    return this.chance.isHit(spikeChance) ? delayMs + this.chance.between(0, spikeMs) : delayMs;
  }

  /** How much of what is due is read at once. */
  drawTake(dueBytes: number, bytesPerMs: number | null): number {
    const most = bytesPerMs === null ? dueBytes : Math.min(dueBytes, Math.ceil(bytesPerMs));
    const isCut = most > 1 && this.chance.isHit(this.options.cutChance);
    return isCut ? this.chance.integer(1, most) : most;
  }

  /** A connection that stands; who holds it says so afterwards. */
  connect(): Wire {
    return new Wire(this);
  }
}
