/** The end of a command that goes on until somebody, or something, ends it. */
import { onPipeClosed } from './pipe.ts';

export interface Ending {
  readonly isOver: boolean;
  /** Settles when it is over. */
  readonly over: Promise<void>;
  end(): void;
  /** Settles after so many milliseconds, or earlier when it is over. */
  wait(ms: number): Promise<void>;
}

/**
 * Ends by Ctrl-C, by SIGTERM, when nobody reads our output any more, or after `forMs`, if that is
 * given. The command then says what it has to say, and leaves by itself.
 */
export function createEnding(forMs?: number): Ending {
  let isOver = false;
  let settle: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const end = (): void => {
    isOver = true;
    settle();
  };
  onPipeClosed(end);
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  if (forMs !== undefined) setTimeout(end, forMs).unref();
  const wait = async (ms: number): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([elapsed, over]);
    clearTimeout(timer);
  };
  return {
    get isOver() {
      return isOver;
    },
    over,
    end,
    wait,
  };
}
