/** A terminal that a test looks at: a shell in a tmux of its own. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const POLL_MS = 20;
/** Looks at most so often for what is to come: ten seconds and more on a busy machine. */
const POLLS_MAX = 500;

/** Whether there is a tmux to run. */
export function hasTmux(): boolean {
  return spawnSync('tmux', ['-V']).status === 0;
}

export interface Terminal {
  /** Types text, or presses keys by the names that tmux gives them. */
  type(text: string): Promise<void>;
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The screen as it is, blanks at the ends of lines left out. */
  capture(): Promise<string>;
  /** Whether a program has the alternate screen, and whether the cursor is shown. */
  flags(): Promise<{ isAlternate: boolean; isCursorShown: boolean; hasMouse: boolean }>;
  /** Looks until `isDone` of the screen; returns it. @throws with the screen when it never is. */
  until(what: string, isDone: (screen: string) => boolean): Promise<string>;
  stop(): Promise<void>;
}

/** Calls `look` until it returns something. @throws when it does not in all its time. */
export async function poll<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  for (let polls = 0; polls < POLLS_MAX; polls++) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(POLL_MS);
  }
  throw new Error(`it did not come to this: ${what}`);
}

/** Starts a shell on a screen of that size; its files are in the directory `home`. */
export async function openTerminal(home: string, columns: number, rows: number): Promise<Terminal> {
  const where = ['-u', '-S', join(home, 'tmux'), '-f', '/dev/null'];
  const tmux = async (...argv: readonly string[]): Promise<string> =>
    (await run('tmux', [...where, '-N', ...argv])).stdout;
  // In the foreground, as a child of ours: its end can be awaited.
  const server = spawn('tmux', [...where, '-D'], { stdio: 'ignore' });
  const size = ['-x', String(columns), '-y', String(rows)];
  const shell = "ENV= PS1='$ ' exec sh";
  await poll('tmux answers', () =>
    tmux('new-session', '-d', ...size, shell).catch((): undefined => undefined),
  );
  const capture = async () => (await tmux('capture-pane', '-p')).replace(/[ \n]+$/g, '');
  return {
    type: async (text) => void (await tmux('send-keys', '-l', text)),
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    resize: async (x, y) => void (await tmux('resize-window', '-x', String(x), '-y', String(y))),
    capture,
    flags: async () => {
      const format = '#{alternate_on} #{cursor_flag} #{mouse_any_flag}';
      const flags = (await tmux('display-message', '-p', format)).trim().split(' ');
      const [isAlternate = false, isCursorShown = false, hasMouse = false] = flags.map(
        (flag) => flag === '1',
      );
      return { isAlternate, isCursorShown, hasMouse };
    },
    until: async (what, isDone) => {
      let screen = '';
      const look = async () => {
        screen = await capture();
        return isDone(screen) ? screen : undefined;
      };
      return await poll(what, look).catch((error: Error) => {
        throw new Error(`${error.message}; the screen is:\n${screen}`);
      });
    },
    stop: async () => {
      const ended = once(server, 'exit');
      await tmux('kill-server');
      await ended;
    },
  };
}
