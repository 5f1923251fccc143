/** A real terminal for a program: a window of a tmux of its own, with keys to press and a screen. */
import { writeFileSync } from 'node:fs';
import type { Home } from './harness.ts';
import { until } from './poll.ts';

const COLUMNS = 100;
const ROWS = 24;

export class Terminal {
  readonly #home: Home;
  readonly #socket: string;

  private constructor(home: Home, name: string) {
    this.#home = home;
    this.#socket = home.file(`${name}.tmux`);
  }

  /** Runs a line of shell in a new terminal, which is there as long as the home. */
  static async open(home: Home, name: string, line: string): Promise<Terminal> {
    const terminal = new Terminal(home, name);
    const config = home.file(`${name}.conf`);
    // The last screen stays to be read, with the exit status.
    writeFileSync(config, 'set -g remain-on-exit on\nset -g status off\n');
    home.atEnd(() => home.spawn(['tmux', '-S', terminal.#socket, 'kill-server']).end());
    const size = ['-x', String(COLUMNS), '-y', String(ROWS)];
    await terminal.#tmux(['-f', config, 'new-session', '-d', ...size, line]);
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

  /** Waits until the screen matches. */
  async sees(pattern: RegExp): Promise<string> {
    let screen = '';
    try {
      return await until(`the screen shows ${pattern}`, async () => {
        screen = await this.screen();
        return pattern.test(screen) && screen;
      });
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${screen}`);
    }
  }

  /** Changes the size of the window. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux(['resize-window', '-x', String(columns), '-y', String(rows)]);
  }

  /** Waits until the program has ended; its exit status. */
  async end(): Promise<number> {
    const format = '#{pane_dead} #{pane_dead_status}';
    const status = await until('the program has ended', async () => {
      const [, found] =
        /^1 (\d+)$/m.exec(await this.#tmux(['display-message', '-p', format])) ?? [];
      return found;
    });
    return Number(status);
  }
}
