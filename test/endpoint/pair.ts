/** Two endpoints wired back to back in memory: what one sends the other receives, and nothing else. */
import { Endpoint } from '../../src/endpoint/endpoint.ts';
import { bodyOf, decodeHeader, type FrameHeader, headOf } from '../../src/protocol/frame.ts';
import { unpackMap } from '../../src/protocol/pack.ts';
import { eachFrame } from '../../src/protocol/splitter.ts';

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
  /** While false, what `here` should receive is kept back. */
  isOpen: boolean;
  /** Hands over what was kept back. */
  open(): void;
}

export const SEED_HERE = 0x11111111;
export const SEED_THERE = 0x22222222;

export function createPair(): Pair {
  const kept: Buffer[] = [];
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
        if (pair.isOpen) here.receive(bytes);
        else kept.push(bytes);
      },
    },
  );
  const pair: Pair = {
    here,
    there,
    passed,
    isOpen: true,
    open() {
      pair.isOpen = true;
      for (const bytes of kept.splice(0)) here.receive(bytes);
    },
  };
  return pair;
}

/** Settles when all that was started has gone over, and back, and so on until all is quiet. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
