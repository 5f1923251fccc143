/** `listen --reply`: its commands end with what they were begun for. */
import { existsSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Home } from './harness.ts';
import { until } from './poll.ts';
import type { Program } from './program.ts';

const test = suite('listen --reply');
const home = new Home();

test.before(async () => {
  await home.startTree({ root: null, web1: 'root' });
});
test.after(() => home.close());

/**
 * Answers SLOW with a sleep, whose pid is in NAME.pid, and all else at once; TOUCH leaves a file.
 */
async function listen(service: string): Promise<Program> {
  const file = home.file(service);
  const slow = `echo $$ > ${file}.pid; exec sleep 60`;
  const reply = `case $DAGENT_COMMAND in SLOW) ${slow};; TOUCH) touch ${file};; esac; echo done`;
  const listener = home.start(['listen', service, '--via', 'web1', '--reply', reply]);
  await until('it answers', async () => {
    if (listener.isOver) throw new Error(listener.text('stderr'));
    return (await home.run(['send', `web1:${service}`, 'HELLO', '--request'])).status === 0;
  });
  return listener;
}

function ask(service: string, command: string, ...more: string[]): Program {
  return home.start(['send', `web1:${service}`, command, '--request', '--via', 'root', ...more]);
}

test('a deadline ends the command, and the next one is served', async () => {
  const listener = await listen('late');
  const slow = ask('late', 'SLOW', '--timeout', '2s');
  await home.pid('late.pid');
  const next = ask('late', 'NEXT');
  assert.is((await slow.end()).status, 124);
  await home.gone('late.pid');
  const { status, stdout } = await next.end();
  assert.is(status, 0);
  assert.is(stdout, 'done\n');
  listener.signal('SIGTERM');
  assert.is((await listener.end()).status, 0);
});

test('Ctrl-C ends the command; what was cancelled while it waited never runs', async () => {
  const listener = await listen('cancel');
  const slow = ask('cancel', 'SLOW');
  await home.pid('cancel.pid');
  const waiting = ask('cancel', 'TOUCH', '--timeout', '500ms');
  assert.is((await waiting.end()).status, 124);
  slow.signal('SIGINT');
  assert.is((await slow.end()).signal, 'SIGINT');
  await home.gone('cancel.pid');
  assert.is((await ask('cancel', 'NEXT').end()).stdout, 'done\n');
  assert.not(existsSync(home.file('cancel')));
  listener.signal('SIGTERM');
  await listener.end();
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`${signal} of the listener ends its command, and who asked is told`, async () => {
    const service = signal.toLowerCase();
    const listener = await listen(service);
    const slow = ask(service, 'SLOW');
    await home.pid(`${service}.pid`);
    const waiting = ask(service, 'TOUCH');
    // Behind it in the same way: once that is over, the one before it waits there.
    await home.run(['send', `web1:${service}`, 'N', '--request', '--timeout', '1s']);
    listener.signal(signal);
    assert.is((await listener.end()).status, 0);
    await home.gone(`${service}.pid`);
    for (const asked of [slow, waiting]) {
      const { status: told, stderr } = await asked.end();
      assert.is(told, 5, stderr);
    }
    assert.not(existsSync(home.file(service)));
  });
}

test.run();
