/**
 * Remote objects: a class in two versions, whose objects are made for each call, with progress,
 * cancelling and callbacks. A daemon must run: `dagent daemon start`.
 *
 *     node examples/kennel.ts serve &
 *     dagent call kennel --help
 *     dagent call kennel Dog.bark hello --new Rex --kw times=2
 *     dagent call kennel Dog.bark hello --new Rex --version 1
 *     dagent call kennel Dog.walk 5 --new Rex --progress
 *     node examples/kennel.ts play
 */
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { type CallContext, connect, DagentError, RemoteError, remoteClass } from 'dagent';

/** The time that a dog needs for a step, in milliseconds. */
const STEP_MS = 100;

/** What arrives elsewhere as an error with this class, these arguments and this state. */
class OutOfBiscuits extends Error {
  override name = 'OutOfBiscuits';
  readonly args: readonly unknown[];
  readonly bowl = 'empty';

  constructor(dog: string, wanted: number) {
    super(`${dog} wants ${wanted}, and there is none`);
    this.args = [dog, wanted];
  }
}

class Dog {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  bark(words: string, times = 1): string {
    return `${this.#name}: ${Array(times).fill(words).join(' ')}`;
  }

  /** Tells of each step, and stops when it is told to. */
  async walk(steps: number, context: CallContext): Promise<string> {
    for (let completed = 1; completed <= steps; completed++) {
      await wait(STEP_MS, undefined, { signal: context.signal });
      context.progress({ total: steps, completed, details: 'sniffs' });
    }
    return `${this.#name} is back`;
  }

  /** Brings each stick to who has thrown them. */
  async fetch(
    sticks: readonly string[],
    bring: (stick: string) => Promise<unknown>,
  ): Promise<number> {
    for (const stick of sticks) await bring(`${this.#name} has the ${stick}`);
    return sticks.length;
  }

  eat(biscuits: number): never {
    throw new OutOfBiscuits(this.#name, biscuits);
  }
}

/** How dogs were before: quieter, and without names. */
class OldDog {
  bark(words: string): string {
    return words;
  }
}

async function serve(): Promise<void> {
  const client = await connect();
  await client.serve('kennel', {
    Dog: [
      remoteClass(Dog, {
        doc: 'A dog, made for each call.',
        version: '2.1.0',
        args: ['name'],
        methods: {
          bark: { doc: 'Barks.', args: ['words', 'times?'] },
          walk: { doc: 'Walks, and tells of each step.', args: ['steps'] },
          fetch: { doc: 'Brings sticks, one by one.', args: ['sticks', 'bring'] },
          eat: { doc: 'Throws: there is nothing.', args: ['biscuits'] },
        },
      }),
      remoteClass(OldDog, {
        doc: 'A dog as it was before.',
        version: '1.3.0',
        methods: { bark: { doc: 'Barks.', args: ['words'] } },
      }),
    ],
  });
  process.stderr.write(`kennel: at your service as ${client.node}:kennel; Ctrl-C ends it\n`);
  await Promise.race([client.closed, once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await client.close();
}

/** What a caller can do. */
async function play(): Promise<void> {
  const client = await connect();
  const print = (text: string): boolean => process.stdout.write(`${text}\n`);
  // An object here that stands for one there.
  const rex = client.proxy<Dog>('kennel', 'Dog', { cntr: ['Rex'], version: '2' });
  print(await rex.bark('hello', 2));
  const count = await rex.fetch(['oak', 'elm'], async (stick) => print(stick));
  print(`${count} sticks`);
  try {
    await rex.eat(3);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    const { exception, service } = error;
    print(`${exception.class} of ${service}: ${JSON.stringify([exception.args, exception.state])}`);
  }
  // Made now, sent when it fires; followed, and cancelled.
  const walk = client.prepare('kennel', 'Dog.walk', [1_000], {
    cntr: ['Rex'],
    onProgress: ({ completed }) => completed === 1 && walk.handle?.cancel(),
  });
  const { result } = walk.fire();
  print(await result.then(String, (error: DagentError) => error.code));
  await client.close();
}

const [mode] = process.argv.slice(2);
try {
  if (mode === 'serve') await serve();
  else if (mode === 'play') await play();
  else throw new DagentError('E_USAGE', { reason: 'say serve, or play' });
} catch (error) {
  if (!(error instanceof DagentError)) throw error;
  process.stderr.write(`kennel: ${error.message} [${error.code}]\n`);
  // One that is connected would wait for more.
  process.exit(error.exit);
}
