/** The runner of these tests, run on small test files that go wrong in every way there is. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../e2e/poll.ts';

const RUNNER = resolve(import.meta.dirname, '../../scripts/test.ts');
const UVU = import.meta.resolve('uvu');
const PASSES = `import { test } from '${UVU}';\ntest('x', () => {});\ntest.run();\n`;
const FAILS = `import { test } from '${UVU}';
test('x', () => {});
test('y', () => { throw new Error('the reason'); });
test.run();
`;

const test = suite('', { directory: '' });

test.before.each((context) => {
  context.directory = mkdtempSync(join(tmpdir(), 'runner-'));
});
test.after.each((context) => {
  rmSync(context.directory, { recursive: true, force: true });
});

function write(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
}

/** Runs the runner on the files; the last line of its output, all of it, and its exit status. */
function run(directory: string, files: Readonly<Record<string, string>>, ...args: string[]) {
  write(directory, files);
  const options = { encoding: 'utf8' } as const;
  const argv = [RUNNER, '--dir', directory, ...args];
  const { stdout, status } = spawnSync(process.execPath, argv, options);
  return { last: stdout.trimEnd().split('\n').at(-1), stdout, status };
}

test('what passes is counted, file by file', ({ directory }) => {
  const result = run(directory, { 'a.test.ts': PASSES, 'sub/b.test.ts': PASSES });
  assert.is(result.last, '2 passed, 0 failed');
  assert.is(result.status, 0);
});

test('what fails is counted, shown, and the status', ({ directory }) => {
  const result = run(directory, { 'a.test.ts': PASSES, 'b.test.ts': FAILS });
  assert.is(result.last, '2 passed, 1 failed');
  assert.is(result.status, 1);
  assert.match(result.stdout, 'the reason');
});

test('what is skipped is counted when there is any', ({ directory }) => {
  const skips = PASSES.replace('test.run', "test.skip('z', () => {});\ntest.run");
  assert.is(run(directory, { 'a.test.ts': skips }).last, '1 passed, 0 failed, 1 skipped');
});

test('only the files whose path contains an argument are run', ({ directory }) => {
  const result = run(directory, { 'a.test.ts': PASSES, 'b.test.ts': FAILS }, 'a.test');
  assert.is(result.last, '1 passed, 0 failed');
});

test('nothing to run is a failure', ({ directory }) => {
  const result = run(directory, { 'a.test.ts': PASSES }, 'no-such-file');
  assert.is(result.last, '0 passed, 0 failed');
  assert.is(result.status, 1);
});

const BROKEN: readonly (readonly [string, string, RegExp])[] = [
  ['throws when it is loaded', "throw new Error('early');\n", /broke before its end \(status 1\)/],
  ['runs no test', 'export const nothing = 1;\n', /runs no test/],
  ['forgets to add tests', `import { test } from '${UVU}';\ntest.run();\n`, /has no test/],
  ['ends in the middle', `${PASSES.replace('{});', '{ process.exit(0); });')}`, /broke before its/],
  [
    'ends with a status',
    `${PASSES}process.on('exit', () => { process.exitCode = 7; });\n`,
    /ended with 7/,
  ],
  ['is killed', "process.kill(process.pid, 'SIGKILL');\n", /was ended by SIGKILL/],
];

for (const [what, text, reason] of BROKEN) {
  test(`a file that ${what} has failed`, ({ directory }) => {
    const result = run(directory, { 'a.test.ts': text, 'b.test.ts': PASSES });
    assert.match(result.last ?? '', /^[12] passed, 1 failed$/);
    assert.is(result.status, 1);
    assert.match(result.stdout, reason);
  });
}

test('a file that takes too long is ended, with the processes that it started', async ({
  directory,
}) => {
  const stuck = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
writeFileSync(${JSON.stringify(join(directory, 'pid'))}, String(child.pid));
setInterval(() => {}, 1000);
`;
  // On a busy machine a file may not have begun within the limit: then it has more.
  let limit = 1;
  let result = run(directory, { 'a.test.ts': stuck }, '--limit', String(limit));
  while (!existsSync(join(directory, 'pid')) && limit < 60) {
    limit *= 4;
    result = run(directory, {}, '--limit', String(limit));
  }
  assert.is(result.last, '0 passed, 1 failed');
  assert.match(result.stdout, `took more than ${limit} s`);
  await hasEnded(directory);
});

/** Waits for the end of the process that a test file has started: it was sent KILL. */
async function hasEnded(directory: string): Promise<void> {
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
  await until(`${pid} has ended`, () => !/^[SRD]/.test(stateOf(pid)));
}

/**
 * State of a process as the kernel has it: S, R, D when it lives; Z, X or nothing when it is gone.
 */
function stateOf(pid: number): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

test('a file that leaves a process behind has failed, and the process is ended', async ({
  directory,
}) => {
  const leaves = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const child = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' });
child.unref();
writeFileSync(${JSON.stringify(join(directory, 'pid'))}, String(child.pid));
${PASSES}`;
  const result = run(directory, { 'a.test.ts': leaves });
  assert.is(result.last, '1 passed, 1 failed');
  assert.match(result.stdout, /left a process behind: \d+ \(sleep 1000\)/);
  await hasEnded(directory);
});

test('a file that leaves a file behind has failed', ({ directory }) => {
  const leaves = `import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
writeFileSync(tmpdir() + '/forgotten', '');
${PASSES}`;
  const result = run(directory, { 'a.test.ts': leaves });
  assert.is(result.last, '1 passed, 1 failed');
  assert.match(result.stdout, /left a file behind: .*forgotten/);
});

test('an interrupted run ends what it started', async ({ directory }) => {
  const stuck = "process.kill(process.ppid, 'SIGTERM');\nsetInterval(() => {}, 1000);\n";
  write(directory, { 'a.test.ts': stuck });
  const child = spawn(process.execPath, [RUNNER, '--dir', directory], { stdio: 'ignore' });
  const [status] = await once(child, 'exit');
  assert.is(status, 143);
});

test.run();
