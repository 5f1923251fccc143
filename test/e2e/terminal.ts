/**
 * A real terminal for a program: a window of a tmux of its own, with keys to press and a screen.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Home } from './harness.ts';
import { until } from './poll.ts';

const COLUMNS = 100;
const ROWS = 24;

export class Terminal {
  readonly #home: Home;
  readonly #socket: string;
  /** Not every tmux can tell the exit status of a program: its shell writes it down. */
  readonly #statusFile: string;

  private constructor(home: Home, name: string) {
    this.#home = home;
    this.#socket = home.file(`${name}.tmux`);
    this.#statusFile = home.file(`${name}.status`);
  }

  /** Runs a line of shell in a new terminal, which is there as long as the home. */
  static async open(home: Home, name: string, line: string): Promise<Terminal> {
    const terminal = new Terminal(home, name);
    const config = home.file(`${name}.conf`);
    // The last screen stays to be read.
    writeFileSync(config, 'set -g remain-on-exit on\nset -g status off\n');
    home.atEnd(() => home.spawn(['tmux', '-S', terminal.#socket, 'kill-server']).end());
    // A Ctrl-C is for the program, not for the shell that waits for it.
    const wrapped = `trap : INT; ${line}\necho $? >${terminal.#statusFile}`;
    const size = ['-x', String(COLUMNS), '-y', String(ROWS)];
    await terminal.#tmux(['-f', config, 'new-session', '-d', ...size, wrapped]);
    return terminal;
  }

  async #tmux(args: readonly string[]): Promise<string> {
    const env = { LC_ALL: 'C.UTF-8', TERM: 'xterm-256color', NO_COLOR: '' };
    const argv = ['tmux', '-u', '-S', this.#socket, ...args];
    const { status, stdout, stderr } = await this.#home.spawn(argv, { env }).end();
    if (status !== 0) throw new Error(`tmux ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Presses keys, by the names that tmux has for them. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux(['send-keys', ...keys]);
  }

  /** The lines that can be seen. */
  async screen(): Promise<string> {
    return await this.#tmux(['capture-pane', '-p']);
  }

  /** Whether the cursor can be seen. */
  async hasCursor(): Promise<boolean> {
    const flag = await this.#tmux(['display-message', '-p', '#{cursor_flag}']);
    return flag.trim() === '1';
  }

  /** Looks until there is what is looked for; says what the screen shows when there is not. */
  async #until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    try {
      return await until(what, look);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${await this.screen()}`);
    }
  }

  /** Waits until the screen matches. */
  sees(pattern: RegExp): Promise<string> {
    return this.#until(`the screen shows ${pattern}`, async () => {
      const screen = await this.screen();
      return pattern.test(screen) && screen;
    });
  }

  /** Changes the size of the window. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** Waits until the program has ended; its exit status. */
  async end(): Promise<number> {
    const line = await this.#until('the program has ended', async () => {
      const text = existsSync(this.#statusFile) ? readFileSync(this.#statusFile, 'utf8') : '';
      return text.endsWith('\n') && text;
    });
    return Number(line);
  }
}
