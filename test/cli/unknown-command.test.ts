import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findUnknown } from '../../src/cli/unknown-command.ts';

const KNOWN = ['', 'tree', 'help', 'help tree', '--help', 'daemon', 'daemon start', 'exec web1 ls'];
KNOWN.push(
  'help daemon start',
  'help help',
  'help --help',
  '-h',
  'daemon --help',
  '--version',
  'info web1 memory',
);

for (const line of KNOWN) {
  test(`there is nothing to say of dagent ${line}`, () => {
    assert.is(findUnknown(line === '' ? [] : line.split(' ')), undefined);
  });
}

const UNKNOWN: readonly (readonly [string, string, string])[] = [
  ['tre', 'tre', 'did you mean: tree, top, trace'],
  ['exce web1 ls', 'exce', 'did you mean: exec'],
  ['deamon start', 'deamon', 'did you mean: daemon, demo'],
  ['daemon strat', 'daemon strat', 'did you mean: daemon start'],
  ['help daemon strat', 'daemon strat', 'did you mean: daemon start'],
  ['daemon frobnicate', 'daemon frobnicate', 'see: dagent daemon --help'],
  ['job kill 3f9a', 'job kill', 'did you mean: job cancel'],
  ['job tail', 'job tail', 'did you mean: job output, job attach'],
  ['job logs', 'job logs', 'did you mean: job output'],
  ['daemon kill', 'daemon kill', 'did you mean: daemon stop'],
  ['flag list', 'flag list', 'did you mean: flag ls'],
  ['frobnicate', 'frobnicate', 'see: dagent --help'],
  ['help frobnicate', 'frobnicate', 'see: dagent --help'],
  ['hlep', 'hlep', 'did you mean: help'],
  ['hlep exec', 'hlep', 'did you mean: help'],
  ['help hlep', 'hlep', 'did you mean: help'],
  ['help selctors', 'selctors', 'did you mean: selectors, errors'],
  ['selectors', 'selectors', 'did you mean: help selectors'],
  ['exit-code', 'exit-code', 'did you mean: help exit-codes'],
  ['daemon help', 'daemon help', 'see: dagent daemon --help'],
  ['constructor', 'constructor', 'see: dagent --help'],
];

for (const [line, name, hint] of UNKNOWN) {
  test(`dagent ${line} is no command, and something is near`, () => {
    const [first = '', second = ''] = (findUnknown(line.split(' ')) ?? '').split('\n');
    assert.is(first, `dagent: no command ${name}`);
    assert.is(second, `  ${hint}`);
  });
}

const CODES: readonly (readonly [string, string, string])[] = [
  ['help E_UNREACHABL', 'no error code E_UNREACHABL', 'did you mean: E_UNREACHABLE; see'],
  ['help e_job_unknwon', 'no error code E_JOB_UNKNWON', 'did you mean: E_JOB_UNKNOWN'],
  ['help E_PLUGIN', 'no error code E_PLUGIN', 'did you mean: E_PLUGIN_'],
  ['help E_XYZXYZXYZXY', 'no error code E_XYZXYZXYZXY', 'see all: dagent help errors'],
  ['E_LOST', 'no command E_LOST', 'see: dagent help E_LOST'],
];

for (const [line, says, hint] of CODES) {
  test(`dagent ${line} is about the code of an error`, () => {
    const [first = '', second = ''] = (findUnknown(line.split(' ')) ?? '').split('\n');
    assert.is(first, `dagent: ${says}`);
    assert.ok(second.startsWith(`  ${hint}`), second);
  });
}

for (const line of ['--hlep', '-x', '--json tree', '--home /srv tree', '-h exec']) {
  test(`dagent ${line} does not begin with a command`, () => {
    const [flag] = line.split(' ');
    const says = `dagent: a command stands before its flags, not behind ${flag}`;
    assert.is(findUnknown(line.split(' ')), `${says}\n  see: dagent --help`);
  });
}

test('what was typed cannot act on the terminal', () => {
  assert.match(findUnknown(['\x1b[2J\n']) ?? '', /^dagent: no command \\x1b\[2J\\n\n/);
  assert.match(findUnknown(['-\x1b[2J']) ?? '', /behind -\\x1b\[2J\n/);
});

test.run();
