/**
 * The plan by which one content is received: which block is asked for next, what to do with one
 * that came, when to ask again. A function of inputs and time; reception.ts carries it out.
 *
 * The levels of hashes come first, from the top down; then the content in its order, a bounded
 * number of blocks at a time. What may be there already, from a copy that broke off, is looked at
 * before it is asked for.
 */
import { assert } from '../base/assert.ts';
import { DagentError, type ErrorData } from '../protocol/errors.ts';
import type { Content } from '../protocol/file.ts';
import { FILE_BLOCK_BYTES, FILE_BLOCKS_IN_FLIGHT, FILE_SOURCE_MS } from '../protocol/limits.ts';
import { blockBytes, countBlocks, HASH_BYTES } from './blocks.ts';

/** Time until a block is asked for again, the first time and at most. */
const AGAIN_MS_MIN = 100;
const AGAIN_MS_MAX = 2_000;

export interface Place {
  readonly level: number;
  readonly index: number;
}

export type PlanInput =
  | { readonly kind: 'begin' }
  /** A block came, and has its hash. */
  | { readonly kind: 'came'; readonly place: Place; readonly bytes: Buffer }
  | { readonly kind: 'failed'; readonly place: Place; readonly error: ErrorData }
  /** What was there already was looked at. */
  | { readonly kind: 'checked'; readonly index: number; readonly isGood: boolean }
  | { readonly kind: 'written'; readonly index: number }
  | { readonly kind: 'tick' };

export type PlanOutput =
  | { readonly kind: 'ask'; readonly place: Place; readonly hash: string }
  | { readonly kind: 'check'; readonly index: number; readonly hash: string }
  | { readonly kind: 'write'; readonly index: number; readonly bytes: Buffer }
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'done' }
  | { readonly kind: 'fail'; readonly error: ErrorData };

export interface Plan {
  readonly content: Content;
  /** Bytes of the content that may be there already. */
  readonly partBytes: number;
  readonly counts: readonly number[];
  /** Bytes of the levels of hashes, from 1 upwards; those that have not come are empty. */
  readonly levels: Buffer[];
  /** The level that is being received, and the next block of it. */
  level: number;
  next: number;
  /** Blocks that are asked for, looked at, or being written. */
  active: number;
  /** Blocks of the level that are in place. */
  done: number;
  /** What is to be asked for again, and from when on. */
  readonly again: Place[];
  againAtMs: number;
  failures: number;
  /** When something last went well. */
  goodAtMs: number;
  isOver: boolean;
}

export function createPlan(content: Content, partBytes: number, nowMs: number): Plan {
  const counts = countBlocks(content.size);
  const sizes = counts.slice(0, -1).map((count) => count * HASH_BYTES);
  return {
    content,
    partBytes,
    counts,
    levels: sizes.map((size) => Buffer.alloc(size)),
    level: counts.length - 1,
    next: 0,
    active: 0,
    done: 0,
    again: [],
    againAtMs: 0,
    failures: 0,
    goodAtMs: nowMs,
    isOver: false,
  };
}

function hashAt(plan: Plan, { level, index }: Place): string {
  const above = plan.levels[level];
  if (above === undefined) return plan.content.hash;
  return above.toString('hex', index * HASH_BYTES, (index + 1) * HASH_BYTES);
}

/** Bytes of content in the block at `index`. */
function bytesAt(plan: Plan, index: number): number {
  return blockBytes(plan.content.size, 0, index);
}

function askNext(plan: Plan): PlanOutput {
  const place = { level: plan.level, index: plan.next++ };
  const end = place.index * FILE_BLOCK_BYTES + bytesAt(plan, place.index);
  const hash = hashAt(plan, place);
  const mayBeThere = place.level === 0 && plan.partBytes > 0 && end <= plan.partBytes;
  return mayBeThere ? { kind: 'check', index: place.index, hash } : { kind: 'ask', place, hash };
}

/** What may be begun now. */
function pump(plan: Plan, nowMs: number): PlanOutput[] {
  const outputs: PlanOutput[] = [];
  const isWaiting = plan.again.length > 0 && nowMs < plan.againAtMs;
  // A source that fails is not asked for more before it has answered what it was asked for.
  while (!isWaiting && plan.active < FILE_BLOCKS_IN_FLIGHT) {
    const place = plan.again.shift();
    if (place === undefined && plan.next >= (plan.counts[plan.level] ?? 0)) break;
    outputs.push(
      place === undefined ? askNext(plan) : { kind: 'ask', place, hash: hashAt(plan, place) },
    );
    plan.active++;
  }
  if (isWaiting) outputs.push({ kind: 'wake', atMs: plan.againAtMs });
  return outputs;
}

/** A block of the present level is in place. */
function finishBlock(plan: Plan, nowMs: number): PlanOutput[] {
  plan.active--;
  plan.done++;
  plan.goodAtMs = nowMs;
  plan.failures = 0;
  if (plan.done < (plan.counts[plan.level] ?? 0)) return pump(plan, nowMs);
  if (plan.level === 0) {
    plan.isOver = true;
    return [{ kind: 'done' }];
  }
  plan.level--;
  plan.next = 0;
  plan.done = 0;
  return pump(plan, nowMs);
}

function take(plan: Plan, { level, index }: Place, bytes: Buffer, nowMs: number): PlanOutput[] {
  assert(level === plan.level, `a block of level ${level} while ${plan.level} is received`);
  if (level === 0) return [{ kind: 'write', index, bytes }];
  plan.levels[level - 1]?.set(bytes, index * FILE_BLOCK_BYTES);
  return finishBlock(plan, nowMs);
}

function fail(plan: Plan, place: Place, error: ErrorData, nowMs: number): PlanOutput[] {
  const { isRetryable } = new DagentError(error.code, error.values);
  if (!isRetryable || nowMs - plan.goodAtMs >= FILE_SOURCE_MS) {
    plan.isOver = true;
    return [{ kind: 'fail', error }];
  }
  plan.active--;
  if (plan.again.length === 0) {
    plan.againAtMs = nowMs + Math.min(AGAIN_MS_MAX, AGAIN_MS_MIN * 2 ** plan.failures);
    plan.failures++;
  }
  plan.again.push(place);
  return [{ kind: 'wake', atMs: plan.againAtMs }];
}

/** Feeds the plan; what it says to do comes back in order. */
export function step(plan: Plan, input: PlanInput, nowMs: number): PlanOutput[] {
  if (plan.isOver) return [];
  switch (input.kind) {
    case 'begin':
    case 'tick':
      return pump(plan, nowMs);
    case 'came':
      return take(plan, input.place, input.bytes, nowMs);
    case 'failed':
      return fail(plan, input.place, input.error, nowMs);
    case 'written':
      return finishBlock(plan, nowMs);
    case 'checked': {
      const place = { level: 0, index: input.index };
      if (input.isGood) return finishBlock(plan, nowMs);
      return [{ kind: 'ask', place, hash: hashAt(plan, place) }];
    }
  }
}
