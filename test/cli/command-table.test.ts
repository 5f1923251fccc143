import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from '@oclif/core/command';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentCommand } from '../../src/cli/base.ts';
import { COMMANDS, classOf, findCommand } from '../../src/cli/command-table.ts';

const SUMMARY_LENGTH_MAX = 70;
const commandsDir = resolve(import.meta.dirname, '../../src/commands');

type Loaded = typeof Command & { new (...args: never): DagentCommand };

const loaded = await Promise.all(
  Object.entries(COMMANDS).map(async ([id, load]) => {
    return { id, command: classOf(await load()) as unknown as Loaded };
  }),
);

function exampleText(example: Command.Example): string {
  return typeof example === 'string' ? example : example.command;
}

test('the table has every file of src/commands, and nothing else', () => {
  const files = globSync('**/*.ts', { cwd: commandsDir });
  const ids = files.map((file) => file.replace(/\.ts$/, '').replaceAll('/', ':'));
  assert.equal(Object.keys(COMMANDS), ids.sort());
});

for (const { id, command } of loaded) {
  const name = id.replaceAll(':', ' ');

  test(`${name} is a command of ours`, () => {
    assert.ok(command.prototype instanceof DagentCommand);
  });

  test(`${name} says in one line what it does`, () => {
    const { summary = '' } = command;
    assert.match(summary, /^[A-Z][^\n]*[^.\s]$/);
    assert.ok(summary.length <= SUMMARY_LENGTH_MAX, `${summary.length} characters`);
  });

  test(`${name} has examples, and they are of itself`, () => {
    const examples = (command.examples ?? []).map(exampleText);
    assert.ok(examples.length > 0);
    for (const example of examples) assert.ok(example.includes(`<%= config.bin %> ${name}`));
  });

  test(`${name} describes each of its flags and arguments`, () => {
    const parts = [...Object.entries(command.flags), ...Object.entries(command.args)];
    for (const [part, { description }] of parts) {
      assert.match(description ?? '', /^\S.*[^.]$/, `${part} of ${name}`);
    }
  });
}

test('a command is found by its words, and what is behind them is its own', () => {
  const found = findCommand(['daemon', 'start', '--name', 'x']);
  assert.is(found?.id, 'daemon:start');
  assert.equal(found?.rest, ['--name', 'x']);
  assert.equal(findCommand(['exec', 'web1', 'daemon', 'stop'])?.rest, ['web1', 'daemon', 'stop']);
  assert.equal(findCommand(['tree'])?.rest, []);
});

test('what is no command is not found', () => {
  const lines = [[], ['daemon'], ['start'], ['daemon', '-f', 'start'], ['Tree']];
  lines.push(['constructor'], ['__proto__'], [''], ['--help'], ['-h', 'tree']);
  for (const argv of lines) assert.is(findCommand(argv), undefined, argv.join(' '));
});

test.run();
