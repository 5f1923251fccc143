import { existsSync, mkdtempSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makePlace, makePlaceFor, takeTurns } from '../../src/client/copy-in.ts';
import { FILE_GATHERED_AT_ONCE } from '../../src/protocol/limits.ts';
import { failureOf } from '../files/copying.ts';

const root = mkdtempSync(join(tmpdir(), 'in-'));

test(`files are gathered from no more than ${FILE_GATHERED_AT_ONCE} nodes at a time`, async () => {
  const inTurn = takeTurns();
  let [count, countMax] = [0, 0];
  const work = async (): Promise<void> => {
    countMax = Math.max(countMax, ++count);
    await new Promise((resolve) => setImmediate(resolve));
    count--;
  };
  const all = Array.from({ length: FILE_GATHERED_AT_ONCE * 3 }, () => inTurn(work));
  await Promise.all(all);
  assert.equal([count, countMax], [0, FILE_GATHERED_AT_ONCE]);
  await inTurn(() => Promise.reject(new Error('it failed'))).catch(() => undefined);
  await inTurn(work);
});

test('each node has a directory of its name, which no link can lead elsewhere', async () => {
  const place = join(root, 'out');
  await makePlace(place);
  await makePlace(place);
  assert.is(await makePlaceFor(place, 'web1'), join(place, 'web1'));
  await makePlaceFor(place, 'web1');
  assert.ok(statSync(join(place, 'web1')).isDirectory());
  symlinkSync(root, join(place, 'web2'));
  assert.match(await failureOf(makePlaceFor(place, 'web2')), 'E_CANNOT_READ');
  assert.is(readlinkSync(join(place, 'web2')), root);
  assert.is(await failureOf(makePlaceFor(place, '..')), 'E_NAME_INVALID');
  assert.match(await failureOf(makePlace(join(root, 'no', 'such'))), 'E_CANNOT_READ');
  assert.not(existsSync(join(root, 'no')));
});

test.after(() => rmSync(root, { recursive: true, force: true }));

test.run();
