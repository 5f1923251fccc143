import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Channel, parseOmission } from '../../src/protocol/exec.ts';
import { EXEC_KEPT_BYTES_MAX } from '../../src/protocol/limits.ts';
import { unpack } from '../../src/protocol/pack.ts';
import { OutputCap } from '../../src/services/exec-cap.ts';
import { quiet } from '../endpoint/pair.ts';
import { Bench } from './exec-bench.ts';

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}

test('the head goes out at once, the tail at the end, with the number of bytes between', () => {
  const cap = new OutputCap(6);
  const sent = ['ab', 'cd', 'efgh', 'ij'].map((text) => {
    return cap.push(Channel.STDOUT, Buffer.from(text)).toString();
  });
  assert.equal(sent, ['ab', 'c', '', '']);
  const [rest, ...others] = cap.end();
  assert.is(others.length, 0);
  const hash = sha256('abcdefghij');
  assert.equal(rest?.omission, { channel: Channel.STDOUT, bytes: 4, hash });
  assert.is(rest?.tail.bytes.toString(), 'hij');
});

test('of what is short enough nothing is missing, and each stream has its own bound', () => {
  const cap = new OutputCap(6);
  cap.push(Channel.STDERR, Buffer.from('abcdef'));
  cap.push(Channel.STDOUT, Buffer.from('x'));
  const [out, err] = cap.end();
  assert.equal([out?.omission, out?.tail.bytes.length], [undefined, 0]);
  assert.equal([err?.omission, err?.tail.bytes.toString()], [undefined, 'def']);
});

test('a command of which little is wanted is read on, and little of it crosses', async () => {
  const command = await new Bench().start({ outputBytesMax: 6 });
  command.isReading = false;
  for (let count = 0; count < 1_000; count++) command.played.say('stdout', 'x'.repeat(1_000));
  command.played.say('stdout', 'end');
  assert.not(command.played.isPaused);
  command.played.exit(0);
  await quiet();
  assert.equal(
    command.output.filter((line) => !line.startsWith(String(Channel.OMITTED))),
    ['1 xxx', '1 end'],
  );
  assert.ok(command.heardBytes < 200, `${command.heardBytes}`);
  assert.is(command.result?.verdict, 'ok');
});

test('whose caller cancels holds nothing back for it', async () => {
  const command = await new Bench().start({ outputBytesMax: 6 });
  command.played.say('stdout', 'abcdefghi');
  command.asking.cancel();
  await quiet();
  command.played.die('SIGTERM');
  await quiet();
  assert.equal(command.output, ['1 abc']);
});

test('no more is kept than the limit', async () => {
  for (const outputBytesMax of [0, EXEC_KEPT_BYTES_MAX + 1, 1.5]) {
    const { error } = await new Bench().start({ outputBytesMax });
    assert.is(error?.code, 'E_ARGUMENT_INVALID', `${outputBytesMax}`);
  }
  const command = await new Bench().start({ outputBytesMax: EXEC_KEPT_BYTES_MAX });
  assert.ok(command.child);
});

test('an omission is believed only when it is one', () => {
  const omission = { channel: Channel.STDERR, bytes: 7, hash: 'x' };
  assert.equal(parseOmission({ ...omission, more: 1 }), omission);
  const others = [{ channel: 0 }, { bytes: 0 }, { bytes: '7' }, { hash: undefined }];
  for (const other of others) assert.is(parseOmission({ ...omission, ...other }), undefined);
  assert.is(parseOmission(unpack(Buffer.from([0xc1]))), undefined);
});

test.run();
