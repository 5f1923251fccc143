/**
 * Where the lines of a log go: a file, or a descriptor, written to at once. A disk that is full, or
 * a reader that is gone, does not end the daemon: lines wait in memory, as long as they are few.
 */
import { openSync, writeSync } from 'node:fs';
import { LOG_QUEUE_BYTES_MAX } from '../protocol/limits.ts';
import { writing } from './files.ts';

const STDERR = 2;

export class LogSink {
  readonly #file: number;
  readonly #onRoom: (lostCount: number) => void;
  /** What was not taken, the oldest first; of the first one what is left of it. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #lostCount = 0;

  /**
   * `path` null: stderr. `onRoom` hears how many lines were lost, once it goes on. Throws
   * E_CANNOT_WRITE.
   */
  constructor(path: string | null, onRoom: (lostCount: number) => void) {
    this.#file = path === null ? STDERR : writing(path, () => openSync(path, 'a'));
    this.#onRoom = onRoom;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waiting.length > 0) this.#flush();
    if (this.#waitingBytes + bytes.length > LOG_QUEUE_BYTES_MAX) {
      this.#lostCount++;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#flush();
  }

  #flush(): void {
    while (this.#waiting.length > 0) {
      const [first = Buffer.alloc(0)] = this.#waiting;
      const count = this.#writeSome(first);
      this.#waitingBytes -= count;
      if (count === first.length) this.#waiting.shift();
      else if (count > 0) this.#waiting[0] = first.subarray(count);
      else return;
    }
    const lostCount = this.#lostCount;
    this.#lostCount = 0;
    if (lostCount > 0) this.#onRoom(lostCount);
  }

  /** How many bytes were taken. */
  #writeSome(bytes: Buffer): number {
    try {
      return writeSync(this.#file, bytes);
    } catch {
      return 0;
    }
  }
}
