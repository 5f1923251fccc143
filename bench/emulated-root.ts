/**
 * A root with nothing below it, which says what it is told to: a real router behind a real socket,
 * and of its service only the watch of the tree.
 */
import { systemClock } from '../src/adapters/system-clock.ts';
import { createTransport } from '../src/adapters/transport.ts';
import { Driver } from '../src/daemon/driver.ts';
import type { Answering } from '../src/endpoint/answering.ts';
import { CallServer } from '../src/endpoint/call-server.ts';
import { Endpoint } from '../src/endpoint/endpoint.ts';
import type { Method } from '../src/endpoint/methods.ts';
import type { Listener } from '../src/ports/transport.ts';
import { BUILTIN_SERVICE } from '../src/protocol/address.ts';
import { HOLD_MS_DEFAULT } from '../src/protocol/limits.ts';
import { STATUS_CHANNEL } from '../src/protocol/status.ts';
import { BUILTIN_LINK } from '../src/router/io.ts';
import { createRouter } from '../src/router/state.ts';

const NAME = 'root1';

export class EmulatedRoot {
  readonly #driver: Driver;
  readonly #viewers = new Set<Answering>();
  readonly #transport = createTransport({});
  #listener: Listener | undefined;

  /** Who looks gets `snapshot` first. */
  constructor(snapshot: string) {
    const router = createRouter({
      ...{ name: NAME, id: '0123456789abcdef', seed: 1, role: 'root', realm: null },
      ...{ parents: [], peers: [], labels: {}, urls: [], childrenMax: 0, version: '0.0.0' },
      incarnation: Date.now(),
      holdMs: HOLD_MS_DEFAULT,
    });
    const endpoint = new Endpoint(
      { node: NAME, service: BUILTIN_SERVICE, seed: 1 },
      {
        write: (bytes) => this.#driver.input({ kind: 'bytes', link: BUILTIN_LINK, bytes }),
        schedule: (flush) => queueMicrotask(flush),
      },
    );
    const first = Buffer.from(snapshot);
    const open: Method = {
      doc: 'Streams what it is told.',
      run: (_, { exchange, signal }) => {
        this.#viewers.add(exchange);
        exchange.write(STATUS_CHANNEL, first);
        return new Promise<void>((resolve) => {
          signal.addEventListener('abort', () => {
            this.#viewers.delete(exchange);
            resolve();
          });
        });
      },
    };
    const calls = new CallServer({ 'watch.open': open }, { node: NAME, timer: systemClock });
    endpoint.handle(BUILTIN_SERVICE, calls.handlers);
    this.#driver = new Driver({
      router,
      transport: this.#transport,
      resolve: async (url) => [url],
      clock: systemClock,
      deliver: (run) => endpoint.receive(run),
      onEvent: () => undefined,
      onTapped: () => undefined,
      collectYoung: () => undefined,
    });
  }

  async listen(url: string): Promise<void> {
    this.#driver.start();
    this.#listener = await this.#transport.listen(url, (connection) =>
      this.#driver.accept(connection),
    );
  }

  /** Tells all who look. */
  tell(lines: string): void {
    const bytes = Buffer.from(lines);
    for (const exchange of this.#viewers) exchange.write(STATUS_CHANNEL, bytes);
  }

  async stop(): Promise<void> {
    await this.#driver.stop(0);
    await this.#listener?.close();
  }
}
