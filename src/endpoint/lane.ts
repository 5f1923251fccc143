/**
 * All that goes from one sender to one destination: it keeps its order, and so goes by one line.
 */
import type { ExchangeAddress } from './exchange.ts';
import type { Line } from './line.ts';

export interface Lane {
  /** The destination as it was written. */
  readonly to: string;
  /** The service in whose name it is sent. */
  readonly from: string;
  readonly address: ExchangeAddress;
  /** Whether it may end at another program of this node, and so have a direct line. */
  readonly isNear: boolean;
  /** Where what is sent goes now. */
  line: Line;
  /** Messages and requests since its line was last thought about, and when that was. */
  count: number;
  sinceMs: number;
  /** It has a direct line, or is about to: it must not be forgotten. */
  isPinned: boolean;
}
