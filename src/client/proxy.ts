/** An object whose methods are called elsewhere. */
import type { CallContext } from '../endpoint/methods.ts';

/** What a caller passes: the context is added where the method runs. */
type Passed<Args extends readonly unknown[]> = Args extends readonly [...infer Given, CallContext]
  ? Given
  : Args;

/** The methods of `T`, each of which now takes a while. */
export type Remote<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never]: T[K] extends (
    ...args: infer Args
  ) => infer Value
    ? (...args: Passed<Args>) => Promise<Awaited<Value>>
    : never;
};

/** Makes one; `call` gets the name of the method and its arguments. */
export function createProxy<T extends object>(
  call: (method: string, args: readonly unknown[]) => Promise<unknown>,
): Remote<T> {
  const get = (_: object, name: string | symbol): unknown => {
    // What is awaited is asked for `then`: it is no promise.
    if (typeof name === 'symbol' || name === 'then') return undefined;
    return (...args: unknown[]) => call(name, args);
  };
  return new Proxy({}, { get }) as Remote<T>;
}
