import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCommand, readEnv, toArgv } from '../../src/cli/exec-command.ts';
import { EXEC_SCRIPT_BYTES_MAX } from '../../src/protocol/limits.ts';

const dir = mkdtempSync(join(tmpdir(), 'command-'));
test.after(() => rmSync(dir, { recursive: true }));

function write(name: string, content: string | Buffer): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

test('several words run as they are, a single one is for the shell', () => {
  assert.equal(toArgv(['ls', '-l', 'a b']), ['ls', '-l', 'a b']);
  assert.equal(toArgv(['df -h | sort']), ['sh', '-c', 'df -h | sort']);
  assert.equal(toArgv(['uptime']), ['sh', '-c', 'uptime']);
  assert.equal(toArgv(['echo', '$HOME'], 'bash'), ['bash', '-c', 'echo $HOME']);
});

test('variables come from files, from here, and from the flags, which have the last word', () => {
  const first = write('first', '# comment\nA=1\n\n  B=b = "b"\r\nC=3');
  const second = write('second', 'A=2\n');
  const flags = { 'env-file': [first, second], env: ['C=4', 'D', 'E='] };
  const env = readEnv(flags, { D: 'here', X: 'x' });
  assert.equal(env, { A: '2', B: 'b = "b"', C: '4', D: 'here', E: '' });
});

test('what is asked for is what is sent, and nothing else', () => {
  assert.equal(readCommand(['ls', '-l'], {}, {}), { argv: ['ls', '-l'] });
  const script = write('script', 'echo hi\n');
  const more = {
    cwd: '/x',
    user: 'ann',
    'user-group': 'adm',
    umask: 0o22,
    nice: 0,
    merge: true,
    login: true,
    sudo: true,
  };
  assert.equal(readCommand(['a'], { script, timeout: 5_000, ...more }, {}), {
    argv: ['a'],
    script: Buffer.from('echo hi\n'),
    timeoutMs: 5_000,
    ...{
      cwd: '/x',
      user: 'ann',
      group: 'adm',
      umask: 0o22,
      nice: 0,
      isMerged: true,
      isLogin: true,
      isSudo: true,
    },
  });
  assert.equal(readCommand([], { script }, {}).argv, []);
});

test('limits are a number, or two, or none; sizes have units', () => {
  const ulimit = ['nofile=64', 'as=1Gi:unlimited', 'core=unlimited', 'cpu=1:2', 'nofile=128'];
  assert.equal(readCommand(['a'], { ulimit }, {}).ulimits, {
    nofile: '128:128',
    as: '1073741824:unlimited',
    core: 'unlimited:unlimited',
    cpu: '1:2',
  });
});

type Fault = readonly [string, () => unknown, RegExp];
const FAULTS: readonly Fault[] = [
  ['a template for a shell', () => readCommand(['a {host}'], { template: true }, {}), /no shell/],
  ['no command', () => readCommand([], {}, {}), /the command is empty/],
  ...(['cwd', 'user', 'user-group', 'shell'] as const).map((name): Fault => {
    return [`an empty --${name}`, () => readCommand(['a'], { [name]: '' }, {}), /is empty/];
  }),
  ['an empty command', () => readCommand([''], {}, {}), /the command is empty/],
  ...['files=1', 'nofile', '', '=1', 'NOFILE=1'].map((text): Fault => {
    const isKnown = text === 'nofile';
    const why = isKnown ? /what follows = is a number/ : /its name is one of as, core, cpu/;
    return [`the limit ${text}`, () => readCommand(['a'], { ulimit: [text] }, {}), why];
  }),
  ...['nofile=', 'nofile=1k', 'nofile=2:1', 'as=unlimited:1', 'core=1:2:3', 'cpu=-1'].map(
    (text): Fault => {
      const act = () => readCommand(['a'], { ulimit: [text] }, {});
      return [`the limit ${text}`, act, /what follows = is a number, or SOFT:HARD/];
    },
  ),
  [
    'no such script',
    () => readCommand([], { script: '/no/such' }, {}),
    /cannot read .*: there is no such file$/,
  ],
  ['a script and a shell', () => readCommand([], { script: 'x', shell: 'sh' }, {}), /leave out/],
  [
    'a script that is too long',
    () => {
      const script = write('long', Buffer.alloc(EXEC_SCRIPT_BYTES_MAX + 1));
      readCommand([], { script }, {});
    },
    /long has 524289 bytes; a script has 524288 at most/,
  ],
  ['a variable that is not here', () => readEnv({ env: ['NO'] }, {}), /NO is not set here/],
  [
    'a variable with a name that is none',
    () => readEnv({ env: ['1BAD=secret'] }, {}),
    /-e: 1BAD is no name of a variable: letters, digits and _, and no digit first/,
  ],
  [
    'a variable that no node takes',
    () => readEnv({ env: ['LD_PRELOAD=x'] }, {}),
    /^-e: LD_PRELOAD is not taken by nodes/,
  ],
  ['a variable without a name', () => readEnv({ env: ['=x'] }, {}), /-e: nothing is no name/],
  [
    'a line with a name that is none',
    () => readEnv({ 'env-file': [write('name', 'A=1\nB-C=2\n')] }, {}),
    /name, line 2: B-C is no name of a variable/,
  ],
  [
    'a line that is none',
    () => readEnv({ 'env-file': [write('odd', 'A=1\nexport\n')] }, {}),
    /odd, line 2: not NAME=VALUE/,
  ],
];

for (const [title, act, message] of FAULTS) {
  test(`${title} is wrong usage`, () => {
    assert.throws(act, message);
  });
}

test.run();
