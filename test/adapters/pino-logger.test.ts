import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLogger } from '../../src/adapters/pino-logger.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { LOG_QUEUE_BYTES_MAX } from '../../src/protocol/limits.ts';
import { fillDisk, onSmallDisk } from '../fakes/small-disk.ts';

const dir = mkdtempSync(join(tmpdir(), 'log-'));

test('each event is a record on a line of its own, in the file at once', () => {
  const path = join(dir, 'web1.log');
  const log = createLogger('web1', path);
  log.info('started', { role: 'leaf' });
  log.warn('uplink down', { reason: 'a\nb' });
  log.error('broken');
  log.debug('not told');
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(
    records.map(({ level, node, pid, msg }) => [level, node, pid, msg]),
    [
      ['info', 'web1', process.pid, 'started'],
      ['warn', 'web1', process.pid, 'uplink down'],
      ['error', 'web1', process.pid, 'broken'],
    ],
  );
  assert.is(records[0]?.role, 'leaf');
  assert.is(records[1]?.reason, 'a\nb');
  assert.match(String(records[0]?.time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('what is in the file already stays', () => {
  const path = join(dir, 'twice.log');
  for (const word of ['first', 'second']) createLogger('web1', path).info(word);
  assert.is(readFileSync(path, 'utf8').trimEnd().split('\n').length, 2);
});

test('a file that cannot be opened says so', () => {
  assert.throws(
    () => createLogger('web1', dir),
    (error: DagentError) => error.code === 'E_CANNOT_WRITE',
  );
});

test('a full disk keeps LOG_QUEUE_BYTES_MAX waiting; later lines are dropped and counted', () =>
  onSmallDisk('4m', (directory) => {
    const path = join(directory, 'web1.log');
    const log = createLogger('web1', path);
    const ballast = fillDisk(directory);
    const text = 'x'.repeat(10_000);
    const count = 2 * Math.ceil(LOG_QUEUE_BYTES_MAX / text.length);
    for (let number = 0; number < count; number++) log.info('waits', { number, text });
    rmSync(ballast);
    for (const word of ['room', 'after']) log.info(word);
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const waiting = records.filter(({ msg }) => msg === 'waits');
    assert.ok(waiting.length > 0.9 * (count / 2) && waiting.length <= count / 2);
    assert.equal(
      waiting.map(({ number }) => number),
      waiting.map((_, place) => place),
    );
    const lost = records.find(({ msg }) => msg === 'lines of the log were lost');
    assert.is(
      Number(lost?.count) + waiting.length + records.length - waiting.length - 1,
      count + 2,
    );
    assert.is(records.at(-1)?.msg, 'after');
  }));

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
