/** Our own streams as a test sees them: they take what is written when it says so. */
import type { ChannelName, ExecOutput, Write } from '../../src/cli/exec-output.ts';
import type { ExecResult } from '../../src/protocol/exec.ts';

export const OK: ExecResult = { verdict: 'ok', code: 0, ms: 5 };

export class Streams {
  readonly written: { channel: ChannelName; bytes: Buffer }[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly write: Write = (channel, bytes, done) => {
    this.written.push({ channel, bytes });
    this.#waiting.push(done);
  };

  take(): void {
    for (const done of this.#waiting.splice(0)) done();
  }

  text(channel: ChannelName = 'stdout'): string {
    return this.bytes(channel).toString();
  }

  bytes(channel: ChannelName = 'stdout'): Buffer {
    return Buffer.concat(
      this.written.filter((each) => each.channel === channel).map(({ bytes }) => bytes),
    );
  }

  records(): Record<string, unknown>[] {
    const lines = this.text().trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** Lets the command of a target write on stdout; returns for how much of it more may come. */
export function say(
  output: ExecOutput,
  target: string,
  ...pieces: readonly (string | Buffer)[]
): number {
  let doneCount = 0;
  const sink = output.sink(target);
  for (const piece of pieces) sink.onOutput('stdout', Buffer.from(piece), () => doneCount++);
  return doneCount;
}

/** Lets the command of a target write, and end. */
export function play(
  output: ExecOutput,
  target: string,
  text: { readonly stdout?: string; readonly stderr?: string },
  result: ExecResult = OK,
): void {
  const sink = output.sink(target);
  for (const channel of ['stdout', 'stderr'] as const) {
    const bytes = Buffer.from(text[channel] ?? '');
    if (bytes.length > 0) sink.onOutput(channel, bytes, () => undefined);
  }
  output.finish(target, result);
}
