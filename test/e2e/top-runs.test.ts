/** What is run on nodes from `dagent top`, on a real terminal. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { Terminal } from './terminal.ts';

const test = suite('runs of dagent top');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root', web2: 'root' });
});
test.after(() => home.close());

/** Opens it with the cursor on web1. */
async function atWeb1(name: string, line = 'dagent top'): Promise<Terminal> {
  const terminal = await Terminal.open(home, name, line);
  await terminal.sees(/web2 +leaf .*\n[\s\S]*\b1\/3/);
  await terminal.press('j');
  await terminal.sees(/\b2\/3/);
  return terminal;
}

/** Types a line. */
async function type(terminal: Terminal, text: string): Promise<void> {
  await terminal.press('-l', text);
  await terminal.press('Enter');
}

test('a command runs on two marked nodes, with the output and the verdict of each', async () => {
  const terminal = await atWeb1('marked');
  await terminal.press('Space', 'Space', 'C-k', 'x');
  await terminal.sees(/exec on 2 nodes: /);
  await type(terminal, 'echo "rank $DAGENT_RANK"; exit $DAGENT_RANK');
  await terminal.sees(/2 nodes: type 2 to do it: /);
  await type(terminal, '2');
  const screen = await terminal.sees(/1 ok {2}1 failed {2}ended after/);
  assert.match(screen, /^web1 {2}rank 0$/m);
  assert.match(screen, /^web2 {2}rank 1$/m);
  assert.match(screen, /^web2 {2}\[failed with 1 after .*\]$/m);
  await terminal.press('w');
  await type(terminal, home.file('saved'));
  await terminal.sees(/saved as /);
  await terminal.press('Escape');
  await terminal.sees(/NAME +ROLE/);
  await terminal.press('q');
  assert.is(await terminal.end(), 0);
});

test('Ctrl-C in the pane ends the command where it runs, and only that', async () => {
  const terminal = await atWeb1('cancel');
  await terminal.press('x');
  await type(terminal, `echo $$ > ${home.file('pane.pid')}; echo begun; sleep 60`);
  // What was typed is on the screen before it runs.
  await home.pid('pane.pid');
  await terminal.sees(/^begun/m);
  await terminal.press('C-c');
  await terminal.sees(/\[cancelled/);
  await home.gone('pane.pid');
  await terminal.press('C-c');
  assert.is(await terminal.end(), 0);
});

test('Escape leaves a command running, and who quits ends it', async () => {
  const terminal = await atWeb1('leave');
  await terminal.press('x');
  await type(terminal, `echo $$ > ${home.file('left.pid')}; echo begun; sleep 60`);
  // What was typed is on the screen before it runs.
  await home.pid('left.pid');
  await terminal.sees(/^begun/m);
  await terminal.press('Escape');
  await terminal.sees(/it goes on/);
  await terminal.press('o');
  await terminal.sees(/running \d+s[\s\S]*^begun/m);
  await terminal.press('Escape');
  await terminal.sees(/NAME +ROLE/);
  await terminal.press('q');
  assert.is(await terminal.end(), 0);
  await home.gone('left.pid');
});

test('kill -TERM gives the terminal back, and ends what runs', async () => {
  const program = `sh -c 'echo $$ > ${home.file('top.pid')}; exec dagent top'`;
  const line = `${program}; echo "status $?"; read x`;
  const terminal = await atWeb1('term', line);
  await terminal.press('x');
  await type(terminal, `echo $$ > ${home.file('termed.pid')}; echo begun; sleep 60`);
  // What was typed is on the screen before it runs.
  await home.pid('termed.pid');
  process.kill(await home.pid('top.pid'), 'SIGTERM');
  const screen = await terminal.sees(/status 143/);
  assert.not.match(screen, 'dagent top');
  await home.gone('termed.pid');
  await terminal.press('Enter');
  await terminal.end();
});

test('a job that nobody knows is said with what to do, and one that runs is read', async () => {
  const { stdout } = await home.run(['exec', '--async', 'web1', 'echo written; sleep 60']);
  const terminal = await atWeb1('job');
  await terminal.press('J');
  await type(terminal, 'f'.repeat(20));
  await terminal.sees(/\(E_JOB_UNKNOWN\)\n +see which there are: dagent job ls/);
  await terminal.press('Escape');
  await terminal.sees(/NAME +ROLE/);
  await terminal.press('J');
  await type(terminal, stdout.trim());
  await terminal.sees(/written/);
  await terminal.press('C-c');
  await terminal.sees(/the job goes on/);
  await terminal.press('C-c');
  assert.is(await terminal.end(), 0);
  await home.ok(['job', 'cancel', stdout.trim()]);
});

test('with --read-only nothing is run', async () => {
  const terminal = await atWeb1('read-only', 'dagent top --read-only');
  await terminal.press('x');
  await terminal.sees(/read-only: nothing is run or changed from here/);
  await terminal.press('T');
  await terminal.sees(/delivered to web1:/);
  await terminal.press('C-c');
  assert.is(await terminal.end(), 0);
});

test('what cannot be done says why with its code, and the screen goes on', async () => {
  const terminal = await atWeb1('coded');
  await terminal.press('C-k', 'c');
  await type(terminal, '/does/not/exist');
  await type(terminal, '/tmp/');
  await type(terminal, '1');
  await terminal.sees(/cannot read .* \(E_CANNOT_READ\)/);
  await terminal.press('Escape');
  await terminal.sees(/web2 +leaf/);
  await terminal.press('q');
  assert.is(await terminal.end(), 0);
});

test.run();
