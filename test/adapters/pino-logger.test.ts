import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createLogger } from '../../src/adapters/pino-logger.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

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

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
