import { tmpdir } from 'node:os';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readDiskRoom } from '../../src/adapters/disk-room.ts';

test('the room of a disk is told, and none where there is none', async () => {
  const room = await readDiskRoom(tmpdir());
  assert.ok(room !== null && room.availableBytes <= room.totalBytes && room.totalBytes > 0);
  assert.is(await readDiskRoom('/proc'), null);
  assert.is(await readDiskRoom('/no/such/place'), null);
});

test.run();
