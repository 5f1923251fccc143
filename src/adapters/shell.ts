/** A shell command with input, as a whole: for small answers. */
import { spawn } from 'node:child_process';

export interface ShellResult {
  readonly status: number;
  readonly output: Buffer;
}

/**
 * Runs `command` with `sh -c`, `input` on its stdin, its stderr on ours. What writes more than
 * `outputBytesMax` is stopped; a little more than that is returned. Throws what Node says when the
 * shell cannot be started, as with a zero byte in its environment.
 */
export async function runShell(
  command: string,
  input: Buffer,
  env: Readonly<Record<string, string | undefined>>,
  outputBytesMax: number,
): Promise<ShellResult> {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const output: Buffer[] = [];
  let outputBytes = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    output.push(bytes);
    outputBytes += bytes.length;
    // Whoever writes on, the shell or what it runs, is ended by a pipe that nobody reads.
    if (outputBytes > outputBytesMax) child.stdout.destroy();
  });
  // A command that does not read its input closes the pipe: that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ status: code ?? 128, output: Buffer.concat(output) }));
  });
}
