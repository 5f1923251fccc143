import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { identifyProcess, isAlive } from '../../src/adapters/process-identity.ts';
import { createSpawner } from '../../src/adapters/spawner.ts';
import type { Child, SpawnRequest } from '../../src/ports/spawner.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'spawner-')));
const env = { PATH: process.env.PATH ?? '' };

/** A command and all that was heard of it. */
class Run {
  readonly child: Child;
  readonly stdout: Buffer[] = [];
  readonly stderr: Buffer[] = [];
  drainCount = 0;
  /** How it ended: `0`, `SIGKILL`, or why it never ran. */
  readonly ended: Promise<string>;
  /** The first output. */
  readonly spoke: Promise<void>;
  readonly #endings: string[] = [];
  #onDrain: () => void = () => undefined;
  startCount = 0;

  constructor(argv: readonly string[], more: Partial<SpawnRequest> = {}) {
    let onEnd: () => void = () => undefined;
    let onSpeak: () => void = () => undefined;
    this.spoke = new Promise((resolve) => {
      onSpeak = resolve;
    });
    this.ended = new Promise<void>((resolve) => {
      onEnd = resolve;
    }).then(() => this.#endings.join(' and '));
    const end = (how: string): void => {
      this.#endings.push(how);
      onEnd();
    };
    this.child = createSpawner().spawn(
      { argv, env, cwd: dir, ...more },
      {
        onStart: () => this.startCount++,
        onOutput: (channel, bytes) => {
          this[channel].push(bytes);
          onSpeak();
        },
        onExit: (code, signal) => end(signal ?? String(code)),
        onStdinDrain: () => {
          this.drainCount++;
          this.#onDrain();
        },
        onNotStarted: (reason, code) => end(`${code}: ${reason}`),
      },
    );
  }

  get text(): string {
    return Buffer.concat(this.stdout).toString();
  }

  /** Writes as fast as the command takes it. */
  async feed(bytes: Buffer): Promise<void> {
    if (this.child.writeStdin(bytes)) return;
    await new Promise<void>((resolve) => {
      this.#onDrain = resolve;
    });
  }
}

function shell(script: string): Run {
  return new Run(['sh', '-c', script]);
}

test('output comes by channel, and the exit status behind it', async () => {
  const run = shell('echo out; echo err >&2; exit 7');
  assert.is(await run.ended, '7');
  assert.is(run.text, 'out\n');
  assert.is(Buffer.concat(run.stderr).toString(), 'err\n');
});

test('words are passed on as they are: no shell looks at them', async () => {
  const run = new Run(['printf', '%s|', '$HOME', '*', 'a b', '', '"\n']);
  assert.is(await run.ended, '0');
  assert.is(run.text, '$HOME|*|a b||"\n|');
});

test('a command has the environment and the directory that it is given, no others', async () => {
  const given = { cwd: dir, env: { ...env, GIVEN: 'yes' } };
  const run = new Run(['sh', '-c', 'pwd; echo $GIVEN; echo "$HOME"'], given);
  assert.is(await run.ended, '0');
  assert.is(run.text, `${dir}\nyes\n\n`);
});

test('a command leads a session and a process group of its own', async () => {
  const run = new Run(['cat', '/proc/self/stat']);
  assert.is(await run.ended, '0');
  const [pid, , , , group, session] = run.text.split(' ');
  assert.is(Number(pid), run.child.pid);
  assert.is(group, pid);
  assert.is(session, pid);
});

test('who is killed by a signal is said to be', async () => {
  assert.is(await shell('kill -USR1 $$').ended, 'SIGUSR1');
});

test('what cannot be started says why, with the status that a shell would give', async () => {
  const plain = join(dir, 'plain');
  writeFileSync(plain, 'not a program');
  assert.is(await new Run(['no-such-program']).ended, '127: no such program: no-such-program');
  assert.is(await new Run([plain]).ended, `126: not executable: ${plain}`);
  assert.is(await new Run(['true'], { cwd: '/no/dir' }).ended, '125: no such directory: /no/dir');
  const run = new Run(['true', 'x'.repeat(200_000)]);
  assert.is(await run.ended, '126: the arguments are too long: true');
});

test('who was not started can be told everything, and it means nothing', async () => {
  for (const argv of [['no-such-program'], ['true', 'x'.repeat(200_000)]]) {
    const { child, ended, text } = new Run(argv);
    assert.is(child.pid, 0);
    assert.ok(child.writeStdin(Buffer.alloc(1_000_000)));
    child.endStdin();
    child.setPaused(true);
    assert.not.ok(child.killGroup('SIGKILL'));
    await ended;
    assert.not.ok(child.killGroup('SIGKILL'));
    assert.is(text, '');
  }
});

test('stdin goes in as fast as it is taken, and ends', async () => {
  const run = new Run(['cat']);
  const piece = Buffer.alloc(1_000_000, 'x');
  for (let count = 0; count < 5; count++) await run.feed(piece);
  run.child.endStdin();
  assert.is(await run.ended, '0');
  assert.is(run.text.length, 5_000_000);
  assert.ok(run.drainCount >= 1);
});

test('a command that closes its stdin stops nobody: what is written is forgotten', async () => {
  const run = shell('exec 0<&-; echo closed; sleep 300');
  await run.spoke;
  for (let count = 0; count < 5; count++) await run.feed(Buffer.alloc(1_000_000));
  run.child.endStdin();
  run.child.killGroup('SIGKILL');
  assert.is(await run.ended, 'SIGKILL');
});

test('killing ends the whole group, also what the command left in the background', async () => {
  const run = shell('sleep 300 & sh -c "sleep 300 & echo \\$!; wait" & wait');
  await run.spoke;
  const grandchild = identifyProcess(Number(run.text));
  assert.ok(isAlive(grandchild));
  assert.ok(run.child.killGroup('SIGKILL'));
  assert.is(await run.ended, 'SIGKILL');
  // Its output is at its end a moment before it is: other commands are the clock.
  for (let left = 50; left > 0 && isAlive(grandchild); left--) await shell('true').ended;
  assert.not.ok(isAlive(grandchild));
});

test('what stays in the background and holds the output does not hold up the end', async () => {
  const run = shell('sleep 300 & echo started');
  assert.is(await run.ended, '0');
  assert.is(run.text, 'started\n');
  // It is the user's to keep: only who asks for it ends it.
  assert.ok(run.child.killGroup('SIGKILL'));
});

test('a reader that pauses stops the command, and misses nothing when it goes on', async () => {
  const run = new Run(['head', '-c', '3000000', '/dev/zero']);
  run.child.setPaused(true);
  let hasEnded = false;
  const ended = run.ended.then(() => {
    hasEnded = true;
  });
  // Another command is the clock: by then this one would long be through.
  await shell('sleep 0.3').ended;
  assert.not.ok(hasEnded);
  assert.is(run.text.length, 0);
  run.child.setPaused(false);
  await ended;
  assert.is(run.text.length, 3_000_000);
});

test('output that waits while its reader pauses survives the end of the command', async () => {
  const run = shell('head -c 40000 /dev/zero');
  run.child.setPaused(true);
  await shell('sleep 0.8').ended;
  run.child.setPaused(false);
  assert.is(await run.ended, '0');
  assert.is(run.text.length, 40_000);
});

const isRoot = process.getuid?.() === 0;
/** A user that every host has. */
const NOBODY = { uid: 65_534, gid: 65_534 };

test('a umask, a niceness and a directory are set before it runs', async () => {
  const run = new Run(['sh', '-c', 'umask; nice; pwd; echo "$1" >&2', 'sh', "it's *"], {
    umask: 0o27,
    nice: 7,
  });
  assert.is(await run.ended, '0');
  assert.is(run.text, `0027\n7\n${dir}\n`);
  assert.is(Buffer.concat(run.stderr).toString(), "it's *\n");
  assert.is(run.startCount, 1);
});

test('limits are set before it runs, the soft one and the hard one', async () => {
  const words = 'ulimit -n; ulimit -Hn; ulimit -c; ulimit -v';
  const ulimits = { nofile: '50:60', core: '0:0', as: '4294967296:unlimited' };
  const run = new Run(['sh', '-c', words], { ulimits });
  assert.is(await run.ended, '0');
  assert.is(run.text, '50\n60\n0\n4194304\n');
  const beyond = new Run(['true'], { ulimits: { nofile: '1:9000000000000000' } });
  assert.match(await beyond.ended, /^125: prlimit: .*NOFILE.* not permitted$/);
});

test('stderr is stdout where that is wanted, in one order', async () => {
  const run = new Run(['sh', '-c', 'echo 1; echo 2 >&2; echo 3'], { isMerged: true });
  assert.is(await run.ended, '0');
  assert.is(run.text, '1\n2\n3\n');
  assert.is(run.stderr.length, 0);
});

test('what is prepared and cannot be started says why, and never that it was', async () => {
  writeFileSync(join(dir, 'plain'), 'x', { mode: 0o600 });
  const cases: [string[], Partial<SpawnRequest>, string][] = [
    [['no-such-program', 'x'], {}, '127: no such program: no-such-program'],
    [['/no/such'], {}, '127: no such program: /no/such'],
    [[join(dir, 'plain')], {}, `126: not executable: ${join(dir, 'plain')}`],
    [['true'], { cwd: '/no/such' }, '125: no such directory: /no/such'],
  ];
  for (const [argv, more, ended] of cases) {
    const run = new Run(argv, { ...more, umask: 0o22 });
    assert.is(await run.ended, ended);
    assert.is(run.startCount, 0);
    assert.is(run.text + run.stderr.join(''), '');
  }
});

test('a status of 127 that is the command’s own is its status', async () => {
  const run = new Run(['sh', '-c', 'exit 127'], { isMerged: true });
  assert.is(await run.ended, '127');
});

test('what is ended before it runs never ran', async () => {
  const run = new Run(['sleep', '300'], { nice: 1 });
  run.child.killGroup('SIGKILL');
  assert.match(await run.ended, /^125: it was ended before it began$|^SIGKILL$/);
});

test('a reader that pauses before it begins misses nothing', async () => {
  const run = new Run(['sh', '-c', 'echo hi'], { umask: 0o22 });
  run.child.setPaused(true);
  run.child.setPaused(false);
  assert.is(await run.ended, '0');
  assert.is(run.text, 'hi\n');
});

test('a script runs from a file of its own, which is gone at the end', async () => {
  const argv = ['a b', 'c'];
  const plain = new Run(argv, { script: Buffer.from('echo "$0|$1|$2"; stat -c %a "$0"') });
  assert.is(await plain.ended, '0');
  const [path = '', ...rest] = plain.text.split(/[|\n]/);
  assert.equal(rest, ['a b', 'c', '700', '']);
  assert.not.ok(existsSync(path) || existsSync(dirname(path)));
  const awk = Buffer.from('#!/usr/bin/awk -f\nBEGIN { print "awk", ARGV[1]; exit 3 }\n');
  const other = new Run(['x'], { script: awk, umask: 0o77 });
  assert.is(await other.ended, '3');
  assert.is(other.text, 'awk x\n');
});

test('another user has all of its groups, and only what is its own', async () => {
  if (!isRoot) return;
  const run = new Run(['sh', '-c', 'id -u; id -g; id -G'], { runAs: NOBODY, cwd: '/' });
  assert.is(await run.ended, '0');
  assert.match(run.text, /^65534\n65534\n65534( |\n)/);
  const closed = new Run(['true'], { runAs: NOBODY, cwd: '/root' });
  assert.match(await closed.ended, /^125: not permitted: directory \/root$|^0$/);
});

test('a script of another user is its own', async () => {
  if (!isRoot) return;
  const { TMPDIR } = process.env;
  // Where this test may write nobody else may look.
  process.env.TMPDIR = '/tmp';
  const script = new Run([], { runAs: NOBODY, cwd: '/', script: Buffer.from('id -u') });
  process.env.TMPDIR = TMPDIR;
  assert.is(await script.ended, '0');
  assert.is(script.text, '65534\n');
});

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
