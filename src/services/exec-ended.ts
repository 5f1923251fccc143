/**
 * Commands that have ended and whose callers have heard how: for a while others can still ask about
 * them. In memory, so that they cost no file: the next run of the daemon knows nothing of them.
 */
import { EXEC_ENDED_BYTES_MAX, EXEC_ENDED_MAX, EXEC_ENDED_MS } from '../protocol/limits.ts';
import type { Recording } from './exec-recording.ts';

interface Ended {
  readonly recording: Recording;
  readonly endedAtMs: number;
  readonly bytes: number;
}

export class EndedRuns {
  /** In the order in which they ended. */
  readonly #kept = new Map<string, Ended>();
  #bytes = 0;

  /** One has ended; what is too old or too much is forgotten. */
  add(recording: Recording, nowMs: number): void {
    const { id } = recording.note;
    this.remove(id);
    const bytes = recording.memoryBytes;
    this.#kept.set(id, { recording, endedAtMs: nowMs, bytes });
    this.#bytes += bytes;
    this.expire(nowMs);
  }

  expire(nowMs: number): void {
    for (const [id, { endedAtMs }] of this.#kept) {
      const isOld = nowMs - endedAtMs >= EXEC_ENDED_MS;
      const isTooMuch = this.#kept.size > EXEC_ENDED_MAX || this.#bytes > EXEC_ENDED_BYTES_MAX;
      if (!isOld && !isTooMuch) return;
      this.remove(id);
    }
  }

  remove(id: string): void {
    this.#bytes -= this.#kept.get(id)?.bytes ?? 0;
    this.#kept.delete(id);
  }

  find(id: string): Recording | undefined {
    return this.#kept.get(id)?.recording;
  }

  get all(): readonly Recording[] {
    return [...this.#kept.values()].map(({ recording }) => recording);
  }
}
