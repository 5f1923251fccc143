import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawIncarnation } from '../../src/daemon/identity.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'incarnation-'));

test.after(() => rmSync(dataDir, { recursive: true }));

test('a run has the clock as its number', () => {
  assert.is(drawIncarnation({ dataDir }, 1_000.7), 1_000);
  assert.is(drawIncarnation({ dataDir }, 2_000), 2_000);
});

test('a run whose clock was set back has the next number, and so has the one after it', () => {
  assert.is(drawIncarnation({ dataDir }, 500), 2_001);
  assert.is(drawIncarnation({ dataDir }, 2_001), 2_002);
  assert.is(drawIncarnation({ dataDir }, 9_000), 9_000);
});

test('a number that a crash has torn counts as none', () => {
  writeFileSync(join(dataDir, 'incarnation.json'), '90');
  writeFileSync(join(dataDir, 'incarnation.json'), '{');
  assert.is(drawIncarnation({ dataDir }, 3_000), 3_000);
});

test('what cannot be kept is an error', () => {
  const missing = { dataDir: join(dataDir, 'missing') };
  try {
    drawIncarnation(missing, 1);
    assert.unreachable();
  } catch (error) {
    assert.is((error as DagentError).code, 'E_CANNOT_WRITE');
    assert.instance(error, DagentError);
  }
});

test.run();
