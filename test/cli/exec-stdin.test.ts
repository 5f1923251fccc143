import { PassThrough, Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  broadcastStdin,
  feedStdin,
  shareOfLines,
  splitStdin,
  spoolStdin,
} from '../../src/cli/exec-stdin.ts';
import type { RemoteCommand } from '../../src/client/exec.ts';
import type { ExecResult } from '../../src/protocol/exec.ts';
import { EXEC_STDIN_BYTES_MAX } from '../../src/protocol/limits.ts';
import { quiet } from '../endpoint/pair.ts';

/** A command that takes stdin as the test says. */
class FakeCommand implements RemoteCommand {
  readonly target = 'web1';
  readonly result: Promise<ExecResult>;
  readonly taken: string[] = [];
  isSlow = false;
  isEnded = false;
  #end: (result: ExecResult) => void = () => undefined;
  #wakes: (() => void)[] = [];

  constructor() {
    this.result = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  writeStdin(bytes: Buffer): boolean {
    this.taken.push(bytes.toString());
    return !this.isSlow;
  }

  endStdin(): void {
    this.isEnded = true;
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  cancel(): void {}

  wake(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }

  finish(): void {
    this.#end({ verdict: 'ok', code: 0, ms: 1 });
    this.wake();
  }
}

/** Stdin that the test writes, and two commands that get it. */
function setUp() {
  const input = new PassThrough();
  const commands = [new FakeCommand(), new FakeCommand()] as const;
  const over = broadcastStdin(input as unknown as NodeJS.ReadStream, commands);
  return { input, commands, over };
}

test('every command gets all of it, and its end', async () => {
  const { input, commands, over } = setUp();
  input.write('one');
  await quiet();
  input.end('two');
  await over;
  for (const { taken, isEnded } of commands) {
    assert.is(taken.join(''), 'onetwo');
    assert.ok(isEnded);
  }
});

test('the slowest sets the pace', async () => {
  const { input, commands, over } = setUp();
  const [slow, quick] = commands;
  slow.isSlow = true;
  input.write('one');
  await quiet();
  input.write('two');
  await quiet();
  assert.equal(quick.taken, ['one']);
  slow.isSlow = false;
  slow.wake();
  await quiet();
  assert.equal(quick.taken, ['one', 'two']);
  input.end();
  await over;
});

test('a command that has ended gets no more, and holds up nobody', async () => {
  const { input, commands, over } = setUp();
  const [ended, other] = commands;
  ended.isSlow = true;
  input.write('one');
  await quiet();
  ended.finish();
  input.write('two');
  await quiet();
  input.end();
  await over;
  assert.equal(ended.taken, ['one']);
  assert.not.ok(ended.isEnded);
  assert.equal(other.taken, ['one', 'two']);
  assert.ok(other.isEnded);
});

test('when all have ended the input is let go, though it never ends', async () => {
  const { input, commands, over } = setUp();
  for (const command of commands) command.finish();
  await over;
  assert.ok(input.destroyed);
});

test('stdin that is kept for later is given whole, at the pace of who takes it', async () => {
  const kept = await spoolStdin(Readable.from([Buffer.from('a'), Buffer.alloc(200_000, 'b')]));
  assert.is(kept.length, 200_001);
  const heard: (number | string)[] = [];
  await feedStdin(
    {
      writeStdin: (bytes: Buffer) => {
        heard.push(bytes.length);
        return false;
      },
      drained: () => Promise.resolve(void heard.push('drained')),
      endStdin: () => void heard.push('end'),
    } as unknown as RemoteCommand,
    kept,
  );
  const piece = [65_536, 'drained'];
  assert.equal(heard, [...piece, ...piece, ...piece, 3_393, 'drained', 'end']);
});

test('what is too much to be kept is refused', async () => {
  const piece = Buffer.alloc(EXEC_STDIN_BYTES_MAX / 4);
  const full = await spoolStdin(Readable.from([piece, piece, piece, piece]));
  assert.is(full.length, EXEC_STDIN_BYTES_MAX);
  const pieces = [piece, piece, piece, piece, Buffer.from('x')];
  const error = await spoolStdin(Readable.from(pieces)).catch((thrown) => thrown);
  assert.is(error.code, 'E_TOO_LARGE');
});

test('each gets a line in turn, the last one also without its end', async () => {
  const input = new PassThrough();
  const commands = [new FakeCommand(), new FakeCommand(), new FakeCommand()] as const;
  const over = splitStdin(input as unknown as NodeJS.ReadStream, commands);
  input.write('1\n2\n3\n4');
  await quiet();
  input.end('4\n5\n6');
  await over;
  assert.equal(
    commands.map(({ taken }) => taken.join('')),
    ['1\n44\n', '2\n5\n', '3\n6'],
  );
  assert.ok(commands.every(({ isEnded }) => isEnded));
});

test('lines of one that has ended go to the others, and who is slow is waited for', async () => {
  const input = new PassThrough();
  const commands = [new FakeCommand(), new FakeCommand()] as const;
  const [first, second] = commands;
  const over = splitStdin(input as unknown as NodeJS.ReadStream, commands);
  first.finish();
  await quiet();
  second.isSlow = true;
  input.write('1\n2\n');
  await quiet();
  input.write('3\n');
  await quiet();
  assert.equal(second.taken, ['1\n2\n']);
  second.isSlow = false;
  second.wake();
  input.end();
  await over;
  assert.equal([first.taken, second.taken], [[], ['1\n2\n', '3\n']]);
});

test('of what was kept each gets its share of the lines', () => {
  const bytes = Buffer.from('1\n2\n3\n4\n5');
  const shares = [0, 1, 2].map((rank) => shareOfLines(bytes, rank, 3).toString());
  assert.equal(shares, ['1\n4\n', '2\n5', '3\n']);
});

test.run();
