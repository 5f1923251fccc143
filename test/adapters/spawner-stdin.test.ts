import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSpawner } from '../../src/adapters/spawner.ts';
import type { Child } from '../../src/ports/spawner.ts';

const spawner = createSpawner();
const env = { PATH: process.env.PATH ?? '' };

test('who closes its stdin and runs on is told of when written to; who ends is not', async () => {
  const closed: string[] = [];
  const start = (script: string): Promise<void> => {
    let onEnd: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      onEnd = resolve;
    });
    let child: Child | undefined;
    child = spawner.spawn(
      { argv: ['sh', '-c', script], env, cwd: '/' },
      {
        onStart: () => undefined,
        onOutput: () => child?.writeStdin(Buffer.from('hello\n')),
        onExit: () => onEnd(),
        onStdinDrain: () => undefined,
        onStdinClose: () => {
          closed.push(script);
          child?.killGroup('SIGKILL');
        },
        onNotStarted: () => onEnd(),
      },
    );
    return ended;
  };
  const deaf = 'exec <&-; echo ready; exec sleep 60';
  await start(deaf);
  await start('echo ready; read line; exit 0');
  assert.equal(closed, [deaf]);
});

test.run();
