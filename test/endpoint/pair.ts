/**
 * Two endpoints wired back to back in memory: what one sends the other receives, and nothing else.
 */
import type { Answering } from '../../src/endpoint/answering.ts';
import type { Asking } from '../../src/endpoint/asking.ts';
import { CallServer } from '../../src/endpoint/call-server.ts';
import { Endpoint, type ServiceHandlers } from '../../src/endpoint/endpoint.ts';
import type { Incoming } from '../../src/endpoint/incoming.ts';
import type { Served } from '../../src/endpoint/methods.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { bodyOf, decodeHeader, type FrameHeader, headOf } from '../../src/protocol/frame.ts';
import { unpackMap } from '../../src/protocol/pack.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';
import { FakeClock } from '../fakes/clock.ts';

/** A frame that went over, taken apart. */
export interface Passed extends FrameHeader {
  readonly by: 'here' | 'there';
  readonly head: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export interface Pair {
  /** The side that asks: service `asker` of the node `here`. */
  readonly here: Endpoint;
  /** The side that answers: service `dagent` of the node `there`. */
  readonly there: Endpoint;
  /** All that went over, in its order. */
  readonly passed: Passed[];
}

export const SEED_HERE = 0x11111111;
const SEED_THERE = 0x22222222;

export function createPair(): Pair {
  const passed: Passed[] = [];
  const note = (by: 'here' | 'there', bytes: Buffer): void =>
    eachFrame(bytes, (frame) => {
      const head = unpackMap(headOf(frame));
      passed.push({ by, ...decodeHeader(frame), head, body: bodyOf(frame) });
    });
  const schedule = (flush: () => void): void => queueMicrotask(flush);
  const here = new Endpoint(
    { node: 'here', service: 'asker', seed: SEED_HERE },
    {
      schedule,
      write(bytes) {
        note('here', bytes);
        there.receive(bytes);
      },
    },
  );
  const there: Endpoint = new Endpoint(
    { node: 'there', service: 'dagent', seed: SEED_THERE },
    {
      schedule,
      write(bytes) {
        note('there', bytes);
        here.receive(bytes);
      },
    },
  );
  return { here, there, passed };
}

/** Handlers of a service of `there` that answers calls. */
export function answering(served: Served): ServiceHandlers {
  return new CallServer(served, { node: 'there', timer: new FakeClock() }).handlers;
}

/** Settles when all that was started has gone over, and back, and so on until all is quiet. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export interface Opened extends Pair {
  readonly asking: Asking;
  readonly answering: Answering;
}

/** An exchange that is open at both ends. */
export async function openExchange(): Promise<Opened> {
  const pair = createPair();
  let answering: Answering | undefined;
  pair.there.handle('dagent', {
    onRequest(exchange) {
      answering = exchange;
    },
  });
  const asking = pair.here.request({ to: 'there:', command: 'WORK' });
  await quiet();
  if (answering === undefined) throw new Error('the request did not arrive');
  return { ...pair, asking, answering };
}

/** What comes to the service `printer` of `there`. */
export function listen({ there }: Pair): Incoming[] {
  const heard: Incoming[] = [];
  there.handle('printer', { onMessage: (message) => heard.push(message) });
  return heard;
}

/** A request of `here` that is open at `there`. */
export async function openAt(pair: Pair): Promise<Answering> {
  let answering: Answering | undefined;
  pair.there.handle('printer', {
    onRequest: (exchange) => {
      answering = exchange;
    },
  });
  pair.here.request({ to: 'there:printer', command: 'WORK' });
  await quiet();
  if (answering === undefined) throw new Error('the request did not arrive');
  return answering;
}

/** How an exchange ended, as soon as it has. */
export function watch(asking: Asking): { code?: string; data?: string } {
  const seen: { code?: string; data?: string } = {};
  asking.outcome.then(
    ({ data }) => {
      seen.data = data.toString();
    },
    (error: DagentError) => {
      seen.code = error.code;
    },
  );
  return seen;
}

/** Kinds of the frames that one side sent. */
export function kindsBy({ passed }: Pair, side: 'here' | 'there'): number[] {
  return passed.filter(({ by }) => by === side).map(({ kind }) => kind);
}
