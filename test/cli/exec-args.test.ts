import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatAgain, hasFileFlag, separateCommand } from '../../src/cli/exec-args.ts';
import Exec from '../../src/commands/exec.ts';

/** What is typed, and what it means: the same with a `--` in front of the command. */
const LINES: readonly (readonly [string, string])[] = [
  ['web1 ls -l', 'web1 -- ls -l'],
  ['web1 ls', 'web1 -- ls'],
  ['web1 ls --json -t 5s', 'web1 -- ls --json -t 5s'],
  ['-t 5s web1 ls -l', '-t 5s web1 -- ls -l'],
  ['web1 -t 5s ls -l', 'web1 -t 5s -- ls -l'],
  ['web1 --timeout 5s ls', 'web1 --timeout 5s -- ls'],
  ['web1 --timeout=5s ls', 'web1 --timeout=5s -- ls'],
  ['--json web1 ls', '--json web1 -- ls'],
  ['web1 -n --raw ls', 'web1 -n --raw -- ls'],
  ['--home /srv --via east web1 ls', '--home /srv --via east web1 -- ls'],
  ['web1 -- -t', 'web1 -- -t'],
  ['-- web1 ls', '-- web1 ls'],
  ['web1 --json -- ls -- x', 'web1 --json -- ls -- x'],
  ['web1 sh -c x -- y', 'web1 -- sh -c x -- y'],
  ['web1 -', 'web1 -- -'],
  ['- ls', '- -- ls'],
  ['web1', 'web1'],
  ['--help', '--help'],
  ['web1 -t', 'web1 -t'],
  ['', ''],
  ['-e A=1 --cwd /x web1 ls', '-e A=1 --cwd /x web1 -- ls'],
  ['-c web1 ls -c', '--shell=sh web1 -- ls -c'],
  ['--shell web1 ls', '--shell=sh web1 -- ls'],
  ['web1 --shell=bash ls', 'web1 --shell=bash -- ls'],
  ['--script x web1 a', '--script x web1 -- a'],
  ['web1 -- --shell', 'web1 -- --shell'],
];

for (const [typed, meant] of LINES) {
  test(`exec ${typed} means exec ${meant}`, () => {
    const words = (line: string) => (line === '' ? [] : line.split(' '));
    assert.equal(separateCommand(words(typed)), words(meant));
  });
}

test('every flag of exec that takes a value is known to take one', () => {
  for (const [name, flag] of Object.entries(Exec.flags)) {
    // Its value stands behind a =, so that it may have none.
    if (name === 'shell') continue;
    const spellings = [`--${name}`, ...('char' in flag && flag.char ? [`-${flag.char}`] : [])];
    for (const spelling of spellings) {
      const words = flag.type === 'option' ? [spelling, 'value'] : [spelling];
      // A file is the target, and all that follows is the command.
      const target = name === 'file' ? [] : ['web1'];
      const separated = separateCommand([...words, ...target, 'ls']);
      assert.equal(separated, [...words, ...target, '--', 'ls'], spelling);
    }
  }
});

test('what failed is run again with the same flags, but for those of its targets', () => {
  const again = (ours: string, ...words: readonly string[]) => formatAgain(ours.split(' '), words);
  const ours = '-n -t 5s web* -x web1 --file=h --limit 5 --home /a';
  assert.is(again(ours, 'ls'), 'dagent exec -n -t 5s --home /a @last:failed -- ls');
  assert.is(again('-', 'a b', "it's"), "dagent exec @last:failed -- 'a b' 'it'\\''s'");
  assert.is(again('web*', '$HOME', '', '/x'), "dagent exec @last:failed -- '$HOME' '' /x");
});

test('a flag for a file is known in each of its spellings', () => {
  for (const words of [['-f', 'x'], ['-fx'], ['--file', 'x'], ['--file=x']]) {
    assert.is(hasFileFlag(words), true, words.join(' '));
  }
  assert.is(hasFileFlag(['--limit', '5', 'web1']), false);
});

test('what was typed is not changed', () => {
  const words = ['web1', 'ls'];
  separateCommand(words);
  assert.equal(words, ['web1', 'ls']);
});

test.run();
