/** A narrow way to a daemon: what takes long over it does so on any machine. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import type { Home } from './harness.ts';

/** After each piece, up to 64 KiB, that a program sends: at most 2.5 MiB a second. */
const PAUSE_MS = 25;

export interface NarrowWay {
  /** For `--via`. */
  readonly url: string;
}

/** Opens one to a daemon of the home, which is there as long as the home. */
export async function openNarrowWay(home: Home, daemon: string): Promise<NarrowWay> {
  const sockets: Socket[] = [];
  const path = home.file('narrow.sock');
  const server = createServer((near) => {
    const far = createConnection(home.socketUrl(daemon).replace(/^cd:/, ''));
    sockets.push(near, far);
    near.on('data', (piece) => {
      far.write(piece);
      near.pause();
      setTimeout(() => near.resume(), PAUSE_MS);
    });
    near.on('end', () => far.end());
    far.pipe(near);
    for (const socket of [near, far]) socket.on('error', () => undefined);
  });
  home.atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(path), 'listening');
  return { url: `cd:${path}` };
}
