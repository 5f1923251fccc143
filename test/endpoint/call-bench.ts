/** A service of `there` that answers calls, and calls to it. */
import type { Asking } from '../../src/endpoint/asking.ts';
import { CallServer, type CallServerOptions } from '../../src/endpoint/call-server.ts';
import { type CallWish, decodeValue, openCall, type Served } from '../../src/endpoint/methods.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { FakeClock } from '../fakes/clock.ts';
import { createPair, type Pair } from './pair.ts';

export interface Bench extends Pair {
  readonly clock: FakeClock;
  readonly server: CallServer;
}

export function serve(served: Served, options: Partial<CallServerOptions> = {}): Bench {
  const pair = createPair();
  const clock = new FakeClock();
  const server = new CallServer(served, { node: 'there', timer: clock, ...options });
  pair.there.handle('kennel', server.handlers);
  return { ...pair, clock, server };
}

export function open({ here }: Pair, method: string, wish: CallWish = {}): Asking {
  return openCall(here, 'there:kennel', method, wish);
}

export async function call(pair: Pair, method: string, wish: CallWish = {}): Promise<unknown> {
  return decodeValue((await open(pair, method, wish).outcome).data);
}

export async function failure(
  pair: Pair,
  method: string,
  wish: CallWish = {},
): Promise<DagentError> {
  return (await call(pair, method, wish).catch((error) => error)) as DagentError;
}
