import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createRandom } from '../../src/base/random.ts';
import { type Claim, Claims } from '../../src/client/claims.ts';
import type { Link } from '../../src/client/link.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { At, Kind } from '../../src/protocol/frame.ts';

/** A connection whose daemon says to each claim, in turn, what is in `words`. */
class FakeLink {
  lost: DagentError | undefined;
  readonly written: number[] = [];
  readonly asked: string[] = [];
  readonly #words: (DagentError | 'granted' | 'never')[];

  constructor(...words: (DagentError | 'granted' | 'never')[]) {
    this.#words = words;
  }

  readonly confirmations = {
    ask: (_kind: Kind, head: object, then: () => void): Promise<void> => {
      this.asked.push(Object.values(head).join());
      const word = this.#words.shift() ?? 'granted';
      if (word === 'never') return new Promise((_, reject) => this.#breaks.push(reject));
      if (word !== 'granted') return Promise.reject(word);
      then();
      return Promise.resolve();
    },
  };
  readonly #breaks: ((error: DagentError) => void)[] = [];

  write(frame: Buffer): void {
    this.written.push(frame[At.KIND] ?? 0);
  }

  break(): void {
    this.lost = new DagentError('E_CONNECTION_LOST', { node: 'x', reason: 'it broke' });
    for (const fail of this.#breaks) fail(this.lost);
  }
}

const TAKEN = new DagentError('E_SERVICE_TAKEN', { service: 'orders', node: 'x' });

/** Claims by connections that are there one after the other. */
function claimsBy(...links: FakeLink[]) {
  const refused: string[] = [];
  const granted: FakeLink[] = [];
  const wakes: (() => void)[] = [];
  const claim: Claim = {
    what: 'service',
    name: 'orders',
    onGranted(link) {
      granted.push(link as unknown as FakeLink);
      for (const wake of wakes.splice(0)) wake();
    },
  };
  const claims = new Claims({
    random: createRandom(1),
    up: () => Promise.resolve(links.find(({ lost }) => lost === undefined) as unknown as Link),
    onRefused: ({ name }, { code }) => refused.push(`${name} ${code}`),
  });
  const regranted = (): Promise<void> => new Promise((resolve) => wakes.push(resolve));
  return { claims, claim, refused, granted, regranted };
}

function asLink(link: FakeLink): Link {
  return link as unknown as Link;
}

test('what is refused at first is not held', async () => {
  const [link, other] = [new FakeLink(TAKEN), new FakeLink()];
  const { claims, claim } = claimsBy(link);
  const thrown = await claims.make(claim).catch((error: unknown) => error);
  assert.is(thrown, TAKEN);
  await claims.resume(asLink(other));
  assert.equal(other.asked, []);
});

test('what a connection did not answer is asked by the next one', async () => {
  const [first, second] = [new FakeLink('never'), new FakeLink('granted')];
  const { claims, claim, granted } = claimsBy(first, second);
  const made = claims.make(claim);
  await Promise.resolve();
  first.break();
  await made;
  assert.equal([first.asked, second.asked], [['orders'], ['orders']]);
  assert.is(granted[0], second);
});

test('what was held and is refused is claimed until it is granted; that is told once', async () => {
  const [first, second] = [new FakeLink(), new FakeLink(TAKEN, TAKEN)];
  const { claims, claim, refused, granted, regranted } = claimsBy(first);
  await claims.make(claim);
  first.break();
  const again = regranted();
  // What keeps a program alive is its connection; here it is this.
  const alive = setInterval(() => undefined, 1_000);
  await claims.resume(asLink(second));
  assert.equal(refused, ['orders E_SERVICE_TAKEN']);
  await again;
  clearInterval(alive);
  assert.equal(second.asked, ['orders', 'orders', 'orders']);
  assert.is(granted[1], second);
  assert.is(refused.length, 1);
});

test('what was given back is not claimed again', async () => {
  const [first, second] = [new FakeLink(), new FakeLink()];
  const { claims, claim } = claimsBy(first);
  await claims.make(claim);
  claims.release('service', 'orders', asLink(first));
  assert.equal(first.written, [Kind.UNREGISTER]);
  await claims.resume(asLink(second));
  assert.equal(second.asked, []);
});

test('what is granted after it was given up is given back', async () => {
  const [first, second] = [new FakeLink('never'), new FakeLink()];
  const { claims, claim, granted } = claimsBy(first, second);
  const abort = new AbortController();
  const made = claims.make(claim, abort.signal);
  abort.abort(new Error('no more'));
  assert.is(await made.catch((error: Error) => error.message), 'no more');
  first.break();
  while (second.written.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(second.written, [Kind.UNREGISTER]);
  assert.is(granted.length, 0);
});

test.run();
