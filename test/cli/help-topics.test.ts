import { resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COMMANDS } from '../../src/cli/command-table.ts';
import { listTopics, TOPICS } from '../../src/cli/help-topics.ts';
import { findHelp } from '../../src/cli/topic-help.ts';

const root = resolve(import.meta.dirname, '../..');

test('each topic is listed, has its document, and is no command', () => {
  const list = listTopics();
  for (const topic of Object.keys(TOPICS)) {
    assert.match(list, new RegExp(`^  ${topic} `, 'm'));
    assert.match(findHelp(topic, root) ?? '', /^# /);
    assert.not.ok(Object.keys(COMMANDS).includes(topic), topic);
  }
});

test('an error is explained by its code, however it is written', () => {
  assert.match(findHelp('E_ARGUMENT_INVALID', root) ?? '', /says .*\n[\s\S]*exit status {3}2\n/);
  assert.match(findHelp('e_lost', root) ?? '', /^E_LOST\n/);
});

test('what is neither is left to others', () => {
  for (const word of ['exec', 'constructor', 'E_NOTHING', '../README']) {
    assert.is(findHelp(word, root), undefined);
  }
});

test.run();
