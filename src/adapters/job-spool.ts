/**
 * The output of a command that is no job, in files as a job has them (job-files.ts). We write them
 * ourselves: the beginning as it comes, and the end of a stream, when all is over, at its own place
 * in the file. What is between the two was never written, and takes no room on a disk.
 */
import { createWriteStream, mkdirSync, openSync, type WriteStream, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { JobNote, OutputSpool, SpoolEnd, SpoolHandlers } from '../ports/job-host.ts';
import type { OutputChannel } from '../ports/spawner.ts';
import { explain, makeDirectory, writing } from './files.ts';

/** One stream of a command. */
class SpoolFile {
  readonly #path: string;
  readonly #stream: WriteStream;

  constructor(path: string, handlers: SpoolHandlers) {
    this.#path = path;
    this.#stream = createWriteStream('', { fd: openSync(path, 'wx', 0o600) });
    this.#stream.on('error', (error) => handlers.onError(explain(error).reason));
    this.#stream.on('drain', () => handlers.onDrain());
  }

  get writtenBytes(): number {
    return this.#stream.bytesWritten;
  }

  write(bytes: Buffer, onWritten: () => void): boolean {
    return this.#stream.write(bytes, onWritten);
  }

  async close({ at, bytes }: SpoolEnd): Promise<void> {
    this.#stream.end();
    await finished(this.#stream);
    const file = await open(this.#path, 'r+');
    try {
      await file.write(bytes, 0, bytes.length, at);
    } finally {
      await file.close();
    }
  }
}

/** Writes a command down in a directory of its own below `parent`. Throws E_CANNOT_WRITE. */
export function openSpool(parent: string, note: JobNote, handlers: SpoolHandlers): OutputSpool {
  makeDirectory(parent);
  const dir = join(parent, note.id);
  const files = writing(dir, (): Record<OutputChannel, SpoolFile> => {
    mkdirSync(dir, { mode: 0o700 });
    writeFileSync(join(dir, 'job.json'), JSON.stringify(note), { mode: 0o600 });
    const stdout = new SpoolFile(join(dir, 'out'), handlers);
    return { stdout, stderr: new SpoolFile(join(dir, 'err'), handlers) };
  });
  return {
    write: (channel, bytes) => files[channel].write(bytes, () => handlers.onWritten()),
    written: (channel) => files[channel].writtenBytes,
    async close({ stdout, stderr }): Promise<void> {
      await Promise.all([files.stdout.close(stdout), files.stderr.close(stderr)]);
    },
  };
}
