import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SystemJobHost } from '../../src/adapters/job-host.ts';
import type { JobNote } from '../../src/ports/job-host.ts';
import type { DagentError } from '../../src/protocol/errors.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'spools-')));
const createHost = () => new SystemJobHost({ dir, path: '' }, assert.unreachable);
const host = createHost();
test.after(() => rmSync(dir, { recursive: true, force: true }));

const note: JobNote = {
  ...{ id: '0123456789abcdef0123', owner: 'ann@hq', command: 'work', hash: '', isExec: true },
  ...{ isKeyed: false, rank: 0, count: 1, timeoutMs: null, overallMs: null, graceMs: 5_000 },
  ...{ spoolBytes: 65_536, submittedAtMs: 0, boot: host.boot },
};

test('a spool has its beginning, and behind a hole its end, as a job would have', async () => {
  const failed: string[] = [];
  const onError = (reason: string): void => void failed.push(reason);
  const nothing = (): void => undefined;
  const spool = host.openSpool(note, { onDrain: nothing, onWritten: nothing, onError });
  spool.write('stdout', Buffer.from('begin'));
  const far = 50_000_000;
  const none = { at: 0, bytes: Buffer.alloc(0) };
  await spool.close({ stdout: { at: far, bytes: Buffer.from('end') }, stderr: none });
  assert.is(spool.written('stdout'), 5);
  const { stdout, stderr, diskBytes } = host.sizes(note.id);
  assert.equal([stdout, stderr], [far + 3, 0]);
  assert.ok(diskBytes < 1_000_000, `${diskBytes} bytes are a hole`);
  assert.is((await host.read(note.id, 'stdout', 0, 5)).toString(), 'begin');
  assert.is((await host.read(note.id, 'stdout', far, 5)).toString(), 'end');
  const [kept] = createHost().load(assert.unreachable);
  assert.is(kept?.note.id, note.id);
  assert.equal(failed, []);
  assert.throws(
    () => host.openSpool(note, { onDrain: nothing, onWritten: nothing, onError }),
    ({ code }: DagentError) => code === 'E_CANNOT_WRITE',
  );
  host.remove(note.id);
});

test.run();
