/**
 * Assertions: for our own bugs only. What the world can cause is a coded error
 * (protocol/errors.ts).
 */

/** Thrown when an invariant of our own code does not hold. Never caught to carry on. */
export class AssertionFailed extends Error {
  override name = 'AssertionFailed';
}

/** Throws unless `condition` holds; `what` says the invariant in words. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new AssertionFailed(`assertion failed: ${what}`);
}

/** Closes an exhaustive switch: compiles only when every kind was handled. */
export function assertNever(value: never): never {
  throw new AssertionFailed(`assertion failed: unexpected kind ${JSON.stringify(value)}`);
}
