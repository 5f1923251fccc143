/** What a router has not told its neighbours yet. */
import type { Router } from '../../src/router/state.ts';

/** Whether neighbours of a router are still to hear of nodes. */
export function hasNews({ dirty, links }: Router): boolean {
  return dirty.size > 0 || [...links.values()].some(({ untold }) => untold.size > 0);
}
