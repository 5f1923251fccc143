/**
 * `dagent top` with nothing behind it but lines of a watch, which come from the Unix socket that is
 * its only argument: as from a daemon, without one. It says its process id first.
 */
import { connect } from 'node:net';
import { createLineSplitter } from '../../src/base/lines.ts';
import { createWatchReader } from '../../src/client/watch.ts';
import type { Subscribe } from '../../src/tui/feed.ts';
import { runTop } from '../../src/tui/run.tsx';

const [path = ''] = process.argv.slice(2);

const subscribe: Subscribe = async (onRecord, onLost) => {
  const socket = connect(path);
  const onForeign = () => onLost('a watch of another version');
  const read = createWatchReader({ onRecord, onForeign });
  const lines = createLineSplitter((line) => read(line.toString('utf8')));
  socket.on('data', (bytes: Buffer) => lines.push(bytes));
  socket.on('close', () => onLost('the bench went away'));
  await new Promise<void>((opened) => socket.on('connect', () => opened()));
  socket.write(`${process.pid}\n`);
  return { close: async () => void socket.destroy() };
};

await runTop({
  subscribe,
  fetch: () => Promise.reject(new Error('nothing can be fetched here')),
  runs: {
    connect: () => Promise.reject(new Error('nothing can be run here')),
    monotonicMs: () => 0,
  },
  follow: () => () => undefined,
  nowMs: Date.now,
  stdout: process.stdout,
  stdin: process.stdin,
  colour: true,
  ascii: false,
});
