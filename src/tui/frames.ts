/**
 * When to draw. Changes that come close together cost one frame; what came from the network waits
 * for a slower beat than what the reader's own fingers did. Owns no timer: it is handed one.
 */

/** Runs `task` after `ms`; what is returned takes that back. */
export type Schedule = (task: () => void, ms: number) => () => void;

/** Shortest time between two frames for changes that came in, and for keys. */
export const FRAME_MS = 100;
export const KEY_FRAME_MS = 33;

export interface FramesOptions {
  readonly draw: () => void;
  /** Whether the terminal has not yet taken what was written to it. */
  readonly isBlocked: () => boolean;
  readonly nowMs: () => number;
  readonly schedule: Schedule;
}

export interface Frames {
  /** Asks for a frame not later than `spacingMs` after the last one. */
  request(spacingMs: number): void;
  stop(): void;
}

export function createFrames(options: FramesOptions): Frames {
  let lastAtMs = -Infinity;
  let dueAtMs = Infinity;
  let cancel = () => {};

  const arm = (waitMs: number) => {
    const atMs = options.nowMs() + waitMs;
    if (atMs >= dueAtMs) return;
    cancel();
    dueAtMs = atMs;
    cancel = options.schedule(run, waitMs);
  };
  const run = () => {
    dueAtMs = Infinity;
    // A terminal behind a slow line gets fewer frames, not older ones.
    if (options.isBlocked()) return arm(FRAME_MS);
    lastAtMs = options.nowMs();
    options.draw();
  };
  const request = (spacingMs: number) => {
    // A clock that was set back must not hold up the next frame.
    arm(Math.min(Math.max(0, lastAtMs + spacingMs - options.nowMs()), spacingMs));
  };
  return {
    request,
    stop: () => {
      cancel();
      // No request is for an earlier time than this.
      dueAtMs = -Infinity;
    },
  };
}
