import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { toComplaint } from '../../src/cli/complaint.ts';

const HELP = '\nSee more help with --help';

test('a missing word is told by its name', () => {
  const one = `Missing 1 required arg:\ntopic  Words with dots between: a.b${HELP}`;
  const two = `Missing 2 required args:\naddress  NODE:SERVICE\nmethod   class.method${HELP}`;
  assert.is(toComplaint(one), 'TOPIC missing');
  assert.is(toComplaint(two), 'ADDRESS and METHOD missing');
  const advised = `${two.replace(HELP, '')}\n\nNote: --file allow multiple${HELP}`;
  assert.is(toComplaint(advised), 'ADDRESS and METHOD missing');
});

test('flags that exclude or need each other are told in few words', () => {
  const excluding = '--json=true cannot also be provided when using --stdin';
  const needing = 'All of the following must be provided when using --keep-going: --stdin';
  const head = 'The following error occurred:\n  ';
  assert.is(toComplaint(`${head}${excluding}${HELP}`), '--json does not go with --stdin');
  assert.is(toComplaint(`${head}${needing}${HELP}`), '--keep-going needs --stdin');
});

test('a flag that there is not, and a word too many, are named', () => {
  assert.is(toComplaint(`Nonexistent flag: --bogus${HELP}`), 'there is no flag --bogus');
  assert.is(toComplaint(`Unexpected argument: b${HELP}`), 'too many words: b');
});

test('a value that is none is told with its flag, once', () => {
  assert.is(
    toComplaint(`Parsing --count \n\tExpected an integer but received: x${HELP}`),
    '--count: Expected an integer but received: x',
  );
  assert.is(
    toComplaint('Parsing --limit \n\t--limit is a number; not x'),
    '--limit is a number; not x',
  );
});

test.run();
