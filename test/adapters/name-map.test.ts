import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NameMap } from '../../src/adapters/name-map.ts';
import {
  type MapOwner,
  type NameEntry,
  offsetOf,
  slotOf,
} from '../../src/adapters/name-map-format.ts';
import { NameMapWriter } from '../../src/adapters/name-map-writer.ts';
import { identifyProcess } from '../../src/adapters/process-identity.ts';
import { NAME_LENGTH_MAX, SOCKET_PATH_BYTES_MAX } from '../../src/protocol/limits.ts';
import { MAP_NAMES_MAX, MAP_READS_MAX } from '../../src/protocol/limits-local.ts';

const root = mkdtempSync(join(tmpdir(), 'map-'));
let fileCount = 0;

const owner: MapOwner = {
  ...{ node: 'web1', nodeId: '00000000000000aa', incarnation: 1_700_000_000_123 },
  ...identifyProcess(process.pid),
};

function entryOf(service: string, more: Partial<NameEntry> = {}): NameEntry {
  return {
    ...{ service, node: 'web1', nodeId: owner.nodeId, id: 'fedcba9800000001', state: 'up' },
    ...{ sinceMs: 1_700_000_000_456, socket: null },
    ...more,
  };
}

/** A map of a process that lives, and somebody who reads it. */
function createMap(of: MapOwner = owner): { path: string; writer: NameMapWriter; map: NameMap } {
  const path = join(root, `${++fileCount}.map`);
  const writer = new NameMapWriter(path, of);
  writer.publish();
  return { path, writer, map: new NameMap(path) };
}

/** Somebody who runs no more. */
function deadProcess(): Pick<MapOwner, 'pid' | 'startTicks'> {
  return { pid: spawnSync('true').pid, startTicks: '1' };
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

test('what is written of a name is read as it was', () => {
  const { writer, map } = createMap();
  const long = entryOf('s'.repeat(NAME_LENGTH_MAX), {
    node: 'n'.repeat(NAME_LENGTH_MAX),
    socket: `/${'é'.repeat((SOCKET_PATH_BYTES_MAX - 1) / 2)}`,
    state: 'lost',
  });
  const orders = entryOf('orders');
  assert.ok(writer.put(long) && writer.put(orders));
  assert.equal(map.find(long.service, long.node), long);
  assert.equal(map.find('orders'), orders);
  assert.equal(map.owner(), owner);
  assert.equal(map.read()?.entries.length, 2);
});

test('a name that nobody has spoken of is not known', () => {
  const { writer, map } = createMap();
  writer.put(entryOf('orders'));
  assert.is(map.find('bills'), undefined);
  assert.is(map.find('orders', 'web2'), undefined);
});

test('who has it open sees each change', () => {
  const { writer, map } = createMap();
  writer.put(entryOf('orders'));
  assert.is(map.find('orders')?.state, 'up');
  writer.put(entryOf('orders', { state: 'down', sinceMs: 5 }));
  assert.is(map.find('orders')?.state, 'down');
  assert.is(map.find('orders')?.sinceMs, 5);
});

test('of names of many nodes one that is up is found', () => {
  const { writer, map } = createMap();
  writer.put(entryOf('orders', { node: 'web2', state: 'lost' }));
  assert.is(map.findUp('orders'), undefined);
  writer.put(entryOf('orders', { node: 'web3' }));
  assert.is(map.findUp('orders')?.node, 'web3');
});

test('the map of a process that is dead is not believed, and says so', () => {
  const { writer, map } = createMap({ ...owner, ...deadProcess() });
  writer.put(entryOf('orders'));
  assert.is(map.find('orders'), undefined);
  assert.is(map.findUp('orders'), undefined);
  assert.is(map.owner(), undefined);
  const content = map.read();
  assert.is(content?.isStale, true);
  assert.is(content?.entries[0]?.service, 'orders');
});

test('a process that has the pid of a dead one does not make its map alive', () => {
  const { writer, map } = createMap({ ...owner, startTicks: '1' });
  writer.put(entryOf('orders'));
  assert.is(map.find('orders'), undefined);
});

test('a map that was left in good order is over for who has it open', () => {
  const { writer, map } = createMap();
  writer.put(entryOf('orders'));
  assert.is(map.find('orders')?.state, 'up');
  writer.withdraw();
  assert.is(map.find('orders'), undefined);
  assert.is(map.read(), undefined);
});

test('the map of the next run takes the place of a dead one for who had that open', () => {
  const { path, writer, map } = createMap({ ...owner, ...deadProcess() });
  writer.put(entryOf('orders'));
  assert.is(map.find('orders'), undefined);
  const next = new NameMapWriter(path, owner);
  next.publish();
  next.put(entryOf('orders', { id: 'fedcba9800000002' }));
  assert.is(map.find('orders')?.id, 'fedcba9800000002');
});

test('MAP_NAMES_MAX names are in it; one more is not, until one is down', () => {
  const { writer, map } = createMap();
  for (let number = 0; number < MAP_NAMES_MAX; number++) {
    assert.ok(writer.put(entryOf(`s${number}`)));
  }
  assert.not.ok(writer.put(entryOf('more')));
  writer.leaveOut();
  assert.is(map.read()?.leftOutCount, 1);
  assert.is(map.read()?.entries.length, MAP_NAMES_MAX);
  writer.put(entryOf('s7', { state: 'down' }));
  assert.ok(writer.put(entryOf('more')));
  assert.is(map.find('more')?.state, 'up');
  assert.is(map.find(`s${MAP_NAMES_MAX - 1}`)?.state, 'up');
});

test('names that come and go for ever do not fill it, and hide nobody', () => {
  const { writer, map } = createMap();
  writer.put(entryOf('orders'));
  const last = 5 * MAP_NAMES_MAX;
  for (let number = 0; number <= last; number++) {
    assert.ok(writer.put(entryOf(`worker-${number}`)));
    if (number < last) writer.put(entryOf(`worker-${number}`, { state: 'down' }));
  }
  assert.is(map.find('orders')?.state, 'up');
  assert.is(map.find(`worker-${last}`)?.state, 'up');
  assert.is(map.find(`worker-${last - 1}`)?.state, 'down');
});

test('an entry that is being changed is read MAP_READS_MAX times, and then not known', () => {
  assert.ok(MAP_READS_MAX > 0);
  const { path, writer, map } = createMap();
  writer.put(entryOf('orders'));
  // As a writer leaves it that is stopped in the middle.
  overwrite(path, offsetOf(slotOf('web1', 'orders')), Buffer.from([3, 0, 0, 0]));
  assert.is(map.find('orders'), undefined);
  assert.is(map.read()?.unreadCount, 1);
});

test('bytes that nobody has written are no entry', () => {
  const { path, writer, map } = createMap();
  writer.put(entryOf('orders'));
  overwrite(path, readFileSync(path).indexOf('orders'), Buffer.from('border'));
  assert.is(map.find('border'), undefined);
  assert.is(map.find('orders'), undefined);
  assert.is(map.read()?.unreadCount, 1);
});

test('what is no map, or is cut off, is none', () => {
  const { path, writer, map } = createMap();
  writer.put(entryOf('orders'));
  truncateSync(path, 600);
  assert.is(map.find('orders'), undefined);
  truncateSync(path, 100);
  assert.is(new NameMap(path).read(), undefined);
  writeFileSync(path, Buffer.alloc(10_000, 'x'));
  assert.is(new NameMap(path).read(), undefined);
  const directory = join(root, 'directory');
  mkdirSync(directory);
  assert.is(new NameMap(directory).read(), undefined);
  assert.is(new NameMap(join(root, 'nothing')).find('orders'), undefined);
});

test.after(() => rmSync(root, { recursive: true, force: true }));
test.run();
