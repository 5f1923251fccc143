/**
 * `dagent top` with nothing behind it: what it shows comes in as lines of JSON from the Unix socket
 * that is its only argument, so that a test can say word by word what happens. It says its process
 * id first. A line `{"type":"crash"}` breaks the program where nobody catches it.
 */
import { connect } from 'node:net';
import type { Subscribe } from '../../src/tui/feed.ts';
import { runTop } from '../../src/tui/run.ts';

const [path = ''] = process.argv.slice(2);

const subscribe: Subscribe = (onRecord, onLost) =>
  new Promise((opened, failed) => {
    const socket = connect(path).setEncoding('utf8');
    let rest = '';
    socket.on('error', failed);
    socket.on('connect', () => {
      socket.write(`${process.pid}\n`);
      opened({ close: async () => void socket.destroy() });
    });
    socket.on('close', () => onLost('the other end of the socket went away'));
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const record of lines.map((line) => JSON.parse(line))) {
        if (record.type === 'crash') throw new Error('broken on purpose');
        onRecord(record);
      }
    });
  });

await runTop({
  fetch: () => Promise.reject(new Error('nothing can be fetched here')),
  runs: {
    connect: () => Promise.reject(new Error('nothing can be run here')),
    monotonicMs: () => 0,
  },
  follow: () => () => undefined,
  subscribe,
  mouse: true,
  nowMs: () => Date.now(),
  stdout: process.stdout,
  stdin: process.stdin,
  colour: process.env.NO_COLOR === undefined,
  ascii: process.env.LC_ALL === 'C',
}).then(
  () => process.stdout.write('left top\n'),
  (error: Error) => process.stdout.write(`cannot show: ${error.message}\n`),
);
