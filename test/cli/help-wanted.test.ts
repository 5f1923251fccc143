import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isHelpWanted } from '../../src/cli/help-wanted.ts';

const LINES: readonly (readonly [string, string, boolean])[] = [
  ['tree', 'tree', false],
  ['tree', 'tree --help', true],
  ['tree', 'tree --json -h', true],
  ['daemon:start', 'daemon start --help', true],
  ['daemon:start', 'daemon start --name help', false],
  ['exec', 'exec --help', true],
  ['exec', 'exec -h', true],
  ['exec', 'exec', false],
  ['exec', 'exec web1 ls --help', false],
  ['exec', 'exec web1 df -h', false],
  ['exec', 'exec web1 --help', false],
  ['call', 'call --help', true],
  ['call', 'call web1:kennel Dog --help', false],
  ['send', 'send web1:printer HELP --help', true],
];

for (const [id, line, isWanted] of LINES) {
  test(`dagent ${line} ${isWanted ? 'asks' : 'does not ask'} for help`, () => {
    assert.is(isHelpWanted(id, line.split(' ')), isWanted);
  });
}

test.run();
