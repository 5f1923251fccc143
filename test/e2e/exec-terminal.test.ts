import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { Terminal } from './terminal.ts';

const test = suite('exec --tty');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root' });
});
test.after(() => home.close());

function open(name: string, words: string, after = ''): Promise<Terminal> {
  return Terminal.open(home, name, `dagent exec --tty web1 ${words}${after}`);
}

test('a shell there is as one here: size, keys, Ctrl-C, exit status', async () => {
  const terminal = await open('shell', "'PS1=there: exec sh -i'");
  await terminal.sees(/there:/);
  await terminal.press('stty size; tty', 'Enter');
  await terminal.sees(/24 100\n\/dev\/pts/);
  await terminal.resize(80, 20);
  // The size takes its way to the other terminal.
  const wait = 'until stty size | grep -q ^20; do :; done';
  await terminal.press(`${wait}; stty size; sleep 60`, 'Enter');
  await terminal.sees(/20 80/);
  await terminal.press('C-c');
  await terminal.press("echo a''b", 'Enter');
  await terminal.sees(/(^|:)ab$/m);
  await terminal.press('exit 9', 'Enter');
  assert.is(await terminal.end(), 9);
});

test('our terminal is as it was when the command has ended, or was left by ~.', async () => {
  const after = '; echo "status $?"; stty -a | grep -ow -e "-*icanon"; read word; false';
  const terminal = await open('leave', "'echo begun; sleep 60'", after);
  await terminal.sees(/begun/);
  await terminal.press('Enter', '~', '.');
  await terminal.sees(/status 130\nicanon/);
  await terminal.press('Enter');
  assert.is(await terminal.end(), 1);
});

test('whose full screen is left by ~. has the former screen and the cursor again', async () => {
  const fill = 'printf "\\033[?1049h\\033[?25l\\033[H\\033[2Ja full screen"; sleep 60';
  const line = `echo before; dagent exec --tty web1 '${fill}'; echo "status $?"; read word`;
  const terminal = await Terminal.open(home, 'full', line);
  await terminal.sees(/^a full screen/);
  await terminal.press('Enter', '~', '.');
  const screen = await terminal.sees(/^before\n.*\nstatus 130/);
  assert.not.match(screen, 'full screen');
  assert.ok(await terminal.hasCursor());
  await terminal.press('Enter');
  await terminal.end();
});

test('a terminal is for one target, and for who has one', async () => {
  const none = await home.run(['exec', '--tty', 'web1', 'true']);
  assert.is(none.status, 2);
  assert.match(none.stderr, '--tty needs a terminal here');
  const many = await home.run(['exec', '--tty', 'web*', 'true']);
  assert.is(many.status, 2);
  assert.match(many.stderr, '--tty is for one target');
});

test.run();
