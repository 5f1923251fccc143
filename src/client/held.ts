/** A durable message in the hands of a program. */

/** A message that is here, from when it comes until its ack is known to be stored. */
export interface Held {
  readonly id: string;
  /** Where it is in the present lease; undefined while it has not come by that one. */
  position: number | undefined;
  isDone: boolean;
  /** Settles when its ack is known to be stored, or not; once somebody has acked it. */
  acked: Promise<void> | undefined;
  /** Why it could not be remembered that it is done. */
  failure: unknown;
  resolve(): void;
  reject(error: unknown): void;
}

function nothing(): void {}

export function createHeld(id: string, position: number | undefined): Held {
  const ends = { acked: undefined, failure: undefined, resolve: nothing, reject: nothing };
  return { id, position, isDone: false, ...ends };
}
