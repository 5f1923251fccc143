/** Runs what is asked for on the screen: each over a connection of its own, which ends with it. */
import type { Client } from '../../client/client.ts';
import type { Schedule } from '../frames.ts';
import type { OutputNews } from '../output.ts';
import { News } from './news.ts';
import type { RunSpec } from './spec.ts';

export interface RunnerOptions {
  /** Opens a connection. Rejects as `connect` does. */
  readonly connect: () => Promise<Client>;
  /** A clock in milliseconds that never goes back. */
  readonly monotonicMs: () => number;
  readonly schedule: Schedule;
  onNews(id: number, news: OutputNews): void;
  onEnd(id: number): void;
}

/** What a run has to work with. */
export interface RunTools {
  readonly client: Client;
  readonly news: News;
  readonly monotonicMs: () => number;
  /** Aborted when it is to end. What it says then is still shown. */
  readonly signal: AbortSignal;
}

export interface Runner {
  start(id: number, spec: RunSpec): void;
  cancel(id: number): void;
  /** Ends all that runs, without waiting for what it still says. */
  close(): Promise<void>;
}

interface Running {
  readonly ending: AbortController;
  /** Undefined until it stands. */
  client: Client | undefined;
}

/** A connection that breaks while it is closed is nobody's trouble. */
async function closeOf({ client }: Running): Promise<void> {
  await client?.close().catch(() => undefined);
}

/** Does it. Each kind is loaded when it is first wanted: who only looks waits for none of them. */
async function perform(spec: RunSpec, tools: RunTools): Promise<void> {
  switch (spec.kind) {
    case 'exec':
      return (await import('./exec-run.ts')).runExec(spec, tools);
    case 'copy':
      return (await import('./copy-run.ts')).runCopy(spec, tools);
    case 'end':
      return (await import('./end-run.ts')).runEnd(spec, tools);
    default:
      return (await import('./look-run.ts')).runLook(spec, tools);
  }
}

export function createRunner(options: RunnerOptions): Runner {
  const { connect, monotonicMs, schedule, onNews, onEnd } = options;
  const running = new Map<number, Running>();
  const run = async (id: number, spec: RunSpec, mine: Running): Promise<void> => {
    const news = new News({ tell: (told) => onNews(id, told), schedule });
    try {
      const client = await connect();
      mine.client = client;
      await perform(spec, { client, news, monotonicMs, signal: mine.ending.signal });
    } catch (error) {
      news.error('', error);
    }
    news.flush();
    running.delete(id);
    onEnd(id);
    await closeOf(mine);
  };
  return {
    start: (id, spec) => {
      const mine: Running = { ending: new AbortController(), client: undefined };
      running.set(id, mine);
      void run(id, spec, mine);
    },
    cancel: (id) => running.get(id)?.ending.abort(),
    close: async () => {
      const all = [...running.values()];
      for (const { ending } of all) ending.abort();
      await Promise.all(all.map(closeOf));
    },
  };
}
