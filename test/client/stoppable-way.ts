/** A way to a daemon that can be stopped: nothing passes then, and nothing is closed. */
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { pathsOf } from '../../src/adapters/home.ts';
import type { Realm } from './realm.ts';

export async function openStoppableWay(realm: Realm, to: string) {
  const pairs: [Socket, Socket][] = [];
  const path = join(realm.dir, 'way.sock');
  const server = createServer((near) => {
    const far = createConnection(pathsOf(realm.home, to).socket);
    near.pipe(far).pipe(near);
    pairs.push([near, far]);
  });
  await once(server.listen(path), 'listening');
  return {
    /** For `via`. */
    url: `cd:${path}`,
    stop() {
      for (const socket of pairs.flat()) socket.unpipe().pause();
    },
    goOn() {
      for (const [near, far] of pairs) near.pipe(far).pipe(near);
    },
    close() {
      for (const socket of pairs.flat()) socket.destroy();
      server.close();
    },
  };
}
