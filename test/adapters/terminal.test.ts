import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createSpawner } from '../../src/adapters/spawner.ts';
import type { Child, SpawnRequest } from '../../src/ports/spawner.ts';
import { isRunning } from '../e2e/harness.ts';
import { until } from '../e2e/poll.ts';
import { ID } from '../services/jobs-bench.ts';

const dir = mkdtempSync(join(tmpdir(), 'terminal-'));
test.after(() => rmSync(dir, { recursive: true, force: true }));

/** A command with a terminal, and all that is heard of it. */
class Command {
  readonly child: Child;
  shown = '';
  pid = 0;
  end: string | undefined;

  constructor(argv: readonly string[], more: Partial<SpawnRequest> = {}) {
    const env = { PATH: process.env.PATH ?? '', TERM: 'vt100' };
    const terminal = { columns: 90, rows: 20 };
    this.child = createSpawner().spawn(
      { argv, env, cwd: dir, terminal, ...more },
      {
        onStart: (pid) => {
          this.pid = pid;
        },
        onOutput: (channel, bytes) => {
          assert.is(channel, 'stdout');
          this.shown += bytes.toString();
        },
        onExit: (code, signal) => {
          this.end = `${code ?? signal}`;
        },
        onStdinDrain: () => undefined,
        onNotStarted: (reason, code) => {
          this.end = `${code} ${reason}`;
        },
      },
    );
  }

  sees(pattern: RegExp): Promise<boolean> {
    return until(`it shows ${pattern}`, () => pattern.test(this.shown));
  }

  ended(): Promise<string> {
    return until('it has ended', () => this.end);
  }
}

/** The pid that a command has written into a file. */
function pidIn(name: string): Promise<number> {
  const path = join(dir, name);
  return until(`a pid in ${name}`, () => {
    return existsSync(path) && Number(readFileSync(path, 'utf8').trim());
  });
}

test('a command has a terminal of the size and kind that was asked for', async () => {
  const line = 'test -t 0 && test -t 1 && test -t 2 && stty size && echo $TERM >/dev/tty; exit 7';
  const command = new Command(['sh', '-c', line]);
  assert.is(await command.ended(), '7');
  assert.is(command.shown, '20 90\r\nvt100\r\n');
});

test('what is typed is read there, Ctrl-C is a signal, and the size can change', async () => {
  const sized = 'until [ "$(stty size)" = "11 77" ]; do sleep 0.05; done; echo sized';
  // A signal between two commands is heard of behind the next one: a short one.
  const looping = 'while :; do sleep 0.05; done';
  const line = `trap "echo caught; exit 130" INT; echo ready; read a; echo "got $a"; ${sized}`;
  const command = new Command(['sh', '-c', `${line}; ${looping}`]);
  await command.sees(/ready/);
  command.child.writeStdin(Buffer.from('word\r'));
  await command.sees(/got word/);
  command.child.resize?.({ columns: 77, rows: 11 });
  await command.sees(/sized/);
  command.child.writeStdin(Buffer.from('\x03'));
  await command.sees(/caught/);
  assert.is(await command.ended(), '130');
});

test('all of its output comes before its end, also to who is slow', async () => {
  const slow = new Command(['seq', '2000']);
  slow.child.setPaused(true);
  await until('it has ended', () => slow.pid > 0 && !isRunning(slow.pid));
  slow.child.setPaused(false);
  assert.is(await slow.ended(), '0');
  assert.is(slow.shown.split('\n').length, 2_001);
  const long = new Command(['seq', '100000']);
  assert.is(await long.ended(), '0');
  assert.ok(long.shown.endsWith('99999\r\n100000\r\n'));
  assert.is(long.shown.split('\n').length, 100_001);
});

test('what cannot be run says why, as other commands do', async () => {
  assert.is(await new Command(['nosuch']).ended(), '127 no such program: nosuch');
  const nowhere = new Command(['true'], { cwd: '/no/such' });
  assert.is(await nowhere.ended(), '125 no such directory: /no/such');
});

test('a signal ends all groups of its session', async () => {
  const line = 'set -m; sh -c "echo \\$\\$ >job; exec sleep 60" & wait';
  const command = new Command(['bash', '-c', line]);
  const job = await pidIn('job');
  await until('both run', () => command.child.countGroup() === 2);
  command.child.killGroup('SIGKILL');
  assert.is(await command.ended(), 'SIGKILL');
  await until('the other group is gone', () => !isRunning(job));
});

test('what has left its session is left alone, as tmux is by ssh', async () => {
  const env = { PATH: process.env.PATH ?? '', DAGENT_JOB_ID: ID, DAGENT_TARGET: 'web1' };
  const line = "setsid sh -c 'echo $$ >away; exec sleep 60' & read line";
  const command = new Command(['sh', '-c', line], { env });
  const away = await pidIn('away');
  assert.equal(await command.child.strays.find(), []);
  command.child.killGroup('SIGKILL');
  await command.ended();
  assert.ok(isRunning(away));
  process.kill(away, 'SIGKILL');
});

test('the command does not hold the other end of its terminal', async () => {
  const command = new Command(['sh', '-c', 'readlink /proc/$$/fd/*']);
  await command.ended();
  assert.match(command.shown, '/dev/pts/');
  assert.not.match(command.shown, 'ptmx');
});

test('when whoever looks is gone, the command is ended', async () => {
  const command = new Command(['sh', '-c', 'echo $$ >orphan; sleep 60']);
  const pid = await pidIn('orphan');
  process.kill(command.child.pid, 'SIGKILL');
  await command.ended();
  await until('it has ended', () => !isRunning(pid));
});

test.run();
