import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { identifyProcess, isAlive } from '../../src/adapters/process-identity.ts';
import { env, Run } from './spawner-run.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'spawner-')));

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

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
