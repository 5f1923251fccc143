/** A nats-server of our own: loopback, a port of its choice, its files in a temporary directory. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTemporaryDirectory, hold, quote } from '../hold.ts';
import { readGreeting, waitFor } from '../wait.ts';

export interface NatsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** The version of nats-server, or undefined when it is not installed. */
export function readNatsVersion(): string | undefined {
  try {
    return execFileSync('nats-server', ['--version'], { encoding: 'utf8' })
      .trim()
      .split(' ')
      .at(-1);
  } catch {
    return undefined;
  }
}

/** The port that the server wrote down, once it has. */
function readPort(directory: string): number | undefined {
  if (!existsSync(directory)) return undefined;
  const file = readdirSync(directory).find((name) => name.endsWith('.ports'));
  if (file === undefined) return undefined;
  try {
    const ports = JSON.parse(readFileSync(join(directory, file), 'utf8'));
    return Number(new URL(ports.nats[0]).port);
  } catch {
    return undefined; // still being written
  }
}

/**
 * When JetStream syncs: as it does unless told otherwise (from time to time; who published has
 * heard long before), or before it confirms.
 */
export type JetStreamSync = 'default' | 'always';

/** The options for a server with JetStream, its files in a directory. */
function configureJetStream(directory: string, sync: JetStreamSync): readonly string[] {
  const setting = sync === 'always' ? ', sync_interval: always' : '';
  const path = join(directory, 'nats.conf');
  writeFileSync(path, `jetstream { store_dir: "${directory}"${setting} }\n`);
  return ['-c', path];
}

/** Starts nats-server, with JetStream if wanted, and resolves when it greets. */
export async function startNats(sync?: JetStreamSync): Promise<NatsServer> {
  const directory = createTemporaryDirectory('nats');
  const more = sync === undefined ? [] : configureJetStream(directory, sync);
  const place = ['-a', '127.0.0.1', '-p', '-1', '--ports_file_dir', directory];
  const held = hold({
    command: ['nats-server', ...place, ...more],
    cleanup: `rm -rf ${quote(directory)}`,
  });
  try {
    const port = await waitFor(held, 'nats-server', () => readPort(directory));
    await waitFor(held, 'nats-server', async () => {
      const greeting = await readGreeting(port);
      return greeting?.startsWith('INFO ') ? greeting : undefined;
    });
    return { url: `nats://127.0.0.1:${port}`, stop: () => held.release() };
  } catch (error) {
    await held.release();
    throw error;
  }
}
