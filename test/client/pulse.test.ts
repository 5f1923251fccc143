import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pulse } from '../../src/client/pulse.ts';
import { HOLD_MS_DEFAULT, PINGS_PER_HOLD } from '../../src/protocol/limits.ts';
import { FakeClock } from '../fakes/clock.ts';

const ROUND_MS = HOLD_MS_DEFAULT / PINGS_PER_HOLD;

/** A daemon that answers when it is told to, and what is heard of its silence. */
function createDaemon() {
  const clock = new FakeClock();
  const silences: string[] = [];
  const answers: (() => void)[] = [];
  const self = { isPaused: false };
  const pulse = new Pulse({
    clock,
    holdMs: HOLD_MS_DEFAULT,
    ask: () => new Promise((resolve) => answers.push(resolve)),
    isPaused: () => self.isPaused,
    onSilent: ({ code, message }) => void silences.push(`${code} ${message}`),
    onHeard: () => void silences.push('heard'),
  });
  const answer = async (): Promise<void> => {
    answers.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, pulse, silences, answers, answer, self };
}

test('a daemon that answers nothing for HOLD_MS_DEFAULT is silent, once', () => {
  const { clock, silences, answers } = createDaemon();
  clock.advance(HOLD_MS_DEFAULT + ROUND_MS - 1);
  assert.equal(silences, []);
  assert.is(answers.length, 1, 'it is asked once, and that is enough');
  clock.advance(1);
  assert.equal(silences, ['E_HOLD_TIME nothing was heard for 15000 ms']);
  clock.advance(10 * HOLD_MS_DEFAULT);
  assert.is(silences.length, 1);
});

test('a daemon that answers, however late within the hold time, is there', async () => {
  const { clock, silences, answers, answer } = createDaemon();
  for (let count = 0; count < 5; count++) {
    clock.advance(HOLD_MS_DEFAULT);
    assert.is(answers.length, 1);
    await answer();
  }
  assert.equal(silences, []);
});

test('a daemon that was silent and answers is there, and may be silent once more', async () => {
  const { clock, silences, answers, answer } = createDaemon();
  const silent = 'E_HOLD_TIME nothing was heard for 15000 ms';
  clock.advance(10 * HOLD_MS_DEFAULT);
  assert.is(answers.length, 1);
  await answer();
  assert.equal(silences, [silent, 'heard']);
  clock.advance(HOLD_MS_DEFAULT + ROUND_MS);
  assert.equal(silences, [silent, 'heard', silent]);
});

test('who reads nothing for a while does not take the daemon for silent', () => {
  const { clock, silences, self } = createDaemon();
  clock.advance(HOLD_MS_DEFAULT);
  self.isPaused = true;
  clock.advance(10 * HOLD_MS_DEFAULT);
  self.isPaused = false;
  clock.advance(HOLD_MS_DEFAULT);
  assert.equal(silences, []);
});

test('a daemon from which anything comes is there', () => {
  const { clock, pulse, silences } = createDaemon();
  for (let count = 0; count < 10; count++) {
    clock.advance(HOLD_MS_DEFAULT);
    pulse.heard();
  }
  assert.equal(silences, []);
});

test('what is over hears of no silence', () => {
  const { clock, pulse, silences } = createDaemon();
  pulse.stop();
  clock.advance(10 * HOLD_MS_DEFAULT);
  assert.equal(silences, []);
});

test.run();
