import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { COLLECT_BYTES } from '../../src/daemon/driver.ts';
import { quiet, Station } from './station.ts';

const PIECE = Buffer.alloc(65_536);

test('young objects are collected as often as COLLECT_BYTES were read', async () => {
  const station = new Station();
  await station.program('printer');
  const office = await station.program('office');
  const pour = async (bytes: number) => {
    for (let sent = 0; sent < bytes; sent += PIECE.length) office.sendTo('printer', PIECE);
    await quiet();
  };
  await pour(COLLECT_BYTES - 2 * PIECE.length);
  assert.is(station.collectedCount, 0);
  await pour(2 * PIECE.length);
  assert.is(station.collectedCount, 1);
  await pour(COLLECT_BYTES);
  assert.is(station.collectedCount, 2);
});

test.run();
