/**
 * Following events for as long as they are wanted: on when the daemon, or who tells of them, is
 * back, and elsewhere when another node is at the top.
 */
import type { Client } from '../client/client.ts';
import { openRecordStream, type StreamRecord } from '../client/record-stream.ts';
import { askTop } from '../client/tree.ts';
import { DagentError, type ErrorCode } from '../protocol/errors.ts';
import type { Ending } from './ending.ts';
import { stdoutDrained } from './output.ts';

/** Who tells of the events, or the way there, is away. */
const AWAY: ReadonlySet<ErrorCode> = new Set([
  'E_UNREACHABLE',
  'E_LOST',
  'E_LEAVING',
  'E_STREAM_BROKEN',
]);

/** How long after a loss it is tried again, and how often a part of the tree looks for the rest. */
const PAUSE_MS = 500;

export interface EventsRun {
  /** The node that is asked; the one at the top when absent. */
  readonly node: string | undefined;
  readonly expression: string;
  /** Begin with those of so long ago. */
  readonly sinceMs: number;
  /** Whether to go on after a loss. */
  readonly isComingBack: boolean;
  readonly ending: Ending;
  onRecord(record: StreamRecord): void;
  /** Called once each time with why nothing comes; not when that is our own connection. */
  onAway(error: DagentError): void;
}

class EventsReader {
  readonly #client: Client;
  readonly #run: EventsRun;
  #hasOpened = false;
  #isAway = false;
  /** When the last record came of all that is wanted: what has been since is still to come. */
  #lastAtMs: number;

  constructor(client: Client, run: EventsRun) {
    this.#client = client;
    this.#run = run;
    this.#lastAtMs = performance.now() - run.sinceMs;
  }

  async readAll(): Promise<void> {
    const { ending } = this.#run;
    let isWanted = true;
    while (isWanted && !ending.isOver) {
      try {
        isWanted = await this.#read();
      } catch (error) {
        this.#noteLoss(error);
        await Promise.race([this.#client.connected(), ending.over]);
        await ending.wait(PAUSE_MS);
      }
    }
  }

  /** Throws what is no loss, and what is the end. */
  #noteLoss(error: unknown): void {
    const isOurs = this.#client.isReturning;
    const isPassing = isOurs || (error instanceof DagentError && AWAY.has(error.code));
    if (!this.#run.isComingBack || !this.#hasOpened || !isPassing) throw error;
    if (!isOurs && !this.#isAway) this.#run.onAway(error as DagentError);
    this.#isAway ||= !isOurs;
  }

  /** Reads until it is over, or lost. True: elsewhere there is more to be heard. */
  async #read(): Promise<boolean> {
    const { node, expression, sinceMs, ending } = this.#run;
    const to = node === undefined ? await askTop(this.#client, this.#client.node) : `${node}:`;
    const backMs = performance.now() - this.#lastAtMs;
    const wish = { expression, sinceMs: this.#hasOpened ? backMs : sinceMs };
    let isReading = true;
    let isPart = false;
    const stream = openRecordStream(
      this.#client,
      to,
      { method: 'events.open', args: [wish] },
      {
        onRecord: (record) => {
          if (!isReading) return;
          if (record.type === 'open') isPart = record.isCutOff === true && node === undefined;
          this.#take(record, isPart);
        },
        drained: stdoutDrained,
      },
    );
    const isElsewhere = async (): Promise<boolean> => {
      for (;;) {
        await ending.wait(PAUSE_MS);
        if (!isReading || ending.isOver) return false;
        if (isPart && (await askTop(this.#client, this.#client.node)) !== to) return true;
      }
    };
    try {
      const ended = Promise.race([stream.over, ending.over]).then(() => false);
      return await Promise.race(node === undefined ? [ended, isElsewhere()] : [ended]);
    } finally {
      isReading = false;
      stream.cancel();
    }
  }

  #take(record: StreamRecord, isPart: boolean): void {
    this.#hasOpened = true;
    this.#isAway = false;
    if (!isPart) this.#lastAtMs = performance.now();
    this.#run.onRecord(record);
  }
}

/** Hands over what happens until it is over. Throws what keeps it from being heard. */
export function runEvents(client: Client, run: EventsRun): Promise<void> {
  return new EventsReader(client, run).readAll();
}
