/**
 * Ties servers and temporary directories to the life of this process. Each is in the hands of a
 * small shell in a session of its own, which waits for the end of its standard input: that comes
 * when we release it and when we die, however we die (Ctrl-C, kill -9, an exception). Then it ends
 * what it holds.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs the server "$@" until it exits or standard input ends; then `$CLEANUP`. */
const HOLD_SERVER = `
exec 3<&0
"$@" 3<&- </dev/null & server=$!
{ read -r _ <&3; kill -TERM "$server" 2>/dev/null; } & watch=$!
wait "$server"
kill "$watch" 2>/dev/null
eval "$CLEANUP"`;

/** Waits for the end of standard input; then `$CLEANUP`. */
const HOLD_ONLY = 'read -r _; eval "$CLEANUP"';

/** Characters of a server's output that are kept, to say why it did not start. */
const OUTPUT_LENGTH_MAX = 4_000;

/** Something that must end with us. */
export interface Hold {
  /** Whether the server has ended, by itself or by us. */
  hasEnded(): boolean;
  /** The end of what the server has written so far. */
  output(): string;
  /** Ends what is held and resolves when it is gone. May be called twice. */
  release(): Promise<void>;
}

export interface HoldOptions {
  /** The server, as argv; without it only the clean-up is held. */
  readonly command?: readonly string[];
  /** Shell text to run at the end. */
  readonly cleanup: string;
}

/** Starts `options.command`, if any, and promises its end and the clean-up. */
export function hold({ command = [], cleanup }: HoldOptions): Hold {
  const script = command.length > 0 ? HOLD_SERVER : HOLD_ONLY;
  const child = spawn('sh', ['-c', script, 'hold', ...command], {
    detached: true,
    env: { ...process.env, CLEANUP: cleanup },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output = (output + data).slice(-OUTPUT_LENGTH_MAX);
    });
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const exited = once(child, 'exit');
  return {
    hasEnded,
    output: () => output,
    async release() {
      child.stdin.end();
      if (!hasEnded()) await exited;
    },
  };
}

/** A new directory right below the temporary one: the path of a socket has 107 bytes at most. */
export function createTemporaryDirectory(name: string): string {
  return mkdtempSync(join(tmpdir(), `dagent-bench-${name}-`));
}

/** `text` as one word of a shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
