import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home, isRunning, recordsOf } from './harness.ts';
import type { Program } from './program.ts';

const test = suite('how a remote command ends before its time');
const home = new Home();

test.before(async () => {
  const hold = ['--hold', '1s'];
  await home.startTree({ root: null, east: 'root', web1: 'east', web2: 'east', db1: 'root' }, hold);
});
test.after(() => home.close());

/**
 * A command that runs for long, with a child and a grandchild; each writes its pid into a file that
 * begins with `mark` and the name of the node.
 */
function family(mark: string): string {
  const file = `${home.file(mark)}-$DAGENT_TARGET`;
  const grandchild = `(sleep 90 & echo $! > ${file}-3.pid; wait)`;
  return `echo $$ > ${file}-1.pid; ${grandchild} & echo $! > ${file}-2.pid; echo begun; wait`;
}

/** Files of the family on a node. */
function filesOf(mark: string, node: string): string[] {
  return [1, 2, 3].map((number) => `${mark}-${node}-${number}.pid`);
}

/** Waits until the whole family runs, on each of the nodes. */
async function begun(mark: string, ...nodes: string[]): Promise<void> {
  for (const file of nodes.flatMap((node) => filesOf(mark, node))) {
    assert.ok(isRunning(await home.pid(file)), file);
  }
}

/** Waits until nobody of the family is left, on any of the nodes. */
async function ended(mark: string, ...nodes: string[]): Promise<void> {
  await home.gone(...nodes.flatMap((node) => filesOf(mark, node)));
}

test('--timeout ends the whole process group, and the status is 124', async () => {
  const { status, stdout, stderr } = await home.run(['exec', '-t', '700ms', 'web1', family('t')]);
  assert.is(status, 124);
  assert.is(stdout, 'begun\n');
  assert.match(stderr, 'dagent: web1: timeout');
  await ended('t', 'web1');
});

test('--json tells of a timeout as its verdict', async () => {
  const args = ['exec', '--json', '--timeout', '300ms', 'web1', 'sleep 60'];
  const { status, stdout } = await home.run(args);
  assert.is(status, 124);
  const records = recordsOf(stdout);
  assert.is(records.find(({ type }) => type === 'result')?.verdict, 'timeout');
  assert.equal(records.at(-1)?.counts, { timeout: 1 });
});

test('Ctrl-C ends it where it runs, on all of several nodes, and the status is 130', async () => {
  const one = home.start(['exec', 'web1', family('i')]);
  const many = home.start(['exec', 'web*,db1', family('j')]);
  await Promise.all([begun('i', 'web1'), begun('j', 'web1', 'web2', 'db1')]);
  for (const program of [one, many]) program.signal('SIGINT');
  const [first, second] = await Promise.all([one.end(), many.end()]);
  assert.is(first.status, 130);
  assert.is(second.status, 130);
  assert.match(second.stderr, '3 targets: 3 cancelled');
  // A shell, its child and a grandchild, which is what was asked to end.
  assert.match(first.stderr, /^dagent: web1: cancelled: SIGTERM, [34] processes$/m);
  assert.match(second.stderr, /^ {2}cancelled +db1,web\[1-2\] {2}SIGTERM, [34] processes$/m);
  await ended('i', 'web1');
  await ended('j', 'web1', 'web2', 'db1');
});

test('SIGTERM and SIGHUP of the client do the same, and the status tells of them', async () => {
  const ends: [NodeJS.Signals, number][] = [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ];
  await Promise.all(
    ends.map(async ([signal, status]) => {
      const program = home.start(['exec', 'web1', family(signal)]);
      await begun(signal, 'web1');
      program.signal(signal);
      assert.is((await program.end()).status, status);
      await ended(signal, 'web1');
    }),
  );
});

/** A command that does not heed TERM, and writes its pid into a file. */
function stubborn(file: string): string {
  return `trap "" TERM; echo $$ > ${home.file(file)}; echo begun; sleep 90 & sleep 90; sleep 90`;
}

async function timeOutStubborn(): Promise<void> {
  const { status, ms } = await home.run(['exec', '-t', '200ms', 'web1', stubborn('timed.pid')]);
  assert.is(status, 124);
  assert.ok(ms > 4_000 && ms < 15_000, `it took ${ms} ms`);
  await home.gone('timed.pid');
}

async function interruptStubborn(): Promise<void> {
  const program = home.start(['exec', 'web1', stubborn('left.pid')]);
  await program.sees(/begun/);
  program.signal('SIGINT');
  await program.sees(/cancelling/, 'stderr');
  program.signal('SIGINT');
  const { status, ms } = await program.end(4_000);
  assert.is(status, 130, `after ${ms} ms`);
  await home.gone('left.pid');
}

test('what does not heed TERM is killed after a grace; a second Ctrl-C leaves before', async () => {
  await Promise.all([timeOutStubborn(), interruptStubborn()]);
});

/** Starts the family from somewhere, and ends the client without a word. */
async function killClient(mark: string, node: string, args: string[]): Promise<Program> {
  const program = home.start(['exec', ...args, node, family(mark)]);
  await begun(mark, node);
  program.signal('SIGKILL');
  await program.end();
  return program;
}

test('a client that is killed takes the command with it, through any number of nodes', async () => {
  await Promise.all([
    killClient('k', 'web1', []),
    killClient('l', 'web2', ['--via', 'db1']),
    killClient('m', 'web1', ['--via', 'web1']),
  ]);
  await Promise.all([ended('k', 'web1'), ended('l', 'web2'), ended('m', 'web1')]);
});

test('a client that is killed while it sends stdin takes the command with it', async () => {
  const words = `echo $$ > ${home.file('stdin.pid')}; cat > /dev/null`;
  const program = home.start(['exec', 'web1', words], { isStdinOpen: true });
  program.stdin.write(Buffer.alloc(1_000_000));
  await home.pid('stdin.pid');
  program.signal('SIGKILL');
  await home.gone('stdin.pid');
});

test('when the daemon of a client is killed, the command ends and the client says so', async () => {
  const program = home.start(['exec', '--via', 'db1', 'web1', family('n')]);
  await begun('n', 'web1');
  await home.kill9('db1');
  const { status, stderr } = await program.end();
  assert.is(status, 255);
  assert.match(stderr, /^dagent: web1: lost: /m);
  await ended('n', 'web1');
  await home.ok(['daemon', 'restart', 'db1']);
});

test('when the node of the command is killed, the client hears that it is lost', async () => {
  const words = `echo $$ > ${home.file('orphan.pid')}; echo begun; read x`;
  const program = home.start(['exec', 'web1', words], { isStdinOpen: true });
  await program.sees(/begun/);
  await home.kill9('web1');
  const { status, stderr } = await program.end();
  assert.is(status, 255);
  assert.match(stderr, /^dagent: web1: lost: /m);
  // Its stdin was a pipe of the daemon, and is at its end now.
  await home.gone('orphan.pid');
  await home.ok(['daemon', 'restart', 'web1']);
});

test('when the way between them breaks, both sides end', async () => {
  const program = home.start(['exec', 'web2', family('o')]);
  await begun('o', 'web2');
  await home.kill9('east');
  const { status, stderr } = await program.end();
  assert.is(status, 255);
  assert.match(stderr, /^dagent: web2: lost: /m);
  await ended('o', 'web2');
});

test.run();
