import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  askMount,
  type Capacity,
  createMountProbe,
  type Mount,
  parseMountinfo,
  selectMounts,
  toFilesystem,
} from '../../src/adapters/host-probe-mounts.ts';

const MOUNTINFO = `22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda1 rw,discard
28 27 254:0 /srv /export/srv rw - ext4 /dev/vda1 rw
29 27 0:30 / /run rw - tmpfs tmpfs rw
30 27 0:31 / /tmp rw - tmpfs tmpfs rw
31 27 0:32 / /nfs/a\\040b ro,relatime - nfs4 server:/export rw,vers=4.2
32 27 0:33 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
33 27 0:34 / /media/cd rw - iso9660 /dev/sr0 ro
`;

const CAPACITY: Capacity = {
  blockBytes: 1024,
  blocks: 1000,
  blocksFree: 400,
  blocksAvailable: 300,
  inodes: 100,
  inodesFree: 75,
};

function mount(path: string, type = 'ext4'): Mount {
  const device = '/dev/x';
  return { deviceNumber: path, root: '/', mount: path, type, device, isReadOnly: false };
}

test('each filesystem of interest is told once, by its main mount', () => {
  const mounts = selectMounts(parseMountinfo(MOUNTINFO));
  const paths = mounts.map((each) => each.mount);
  assert.equal(paths, ['/', '/tmp', '/nfs/a b', '/media/cd']);
});

test('the whole of a filesystem stands for it, however long its path', () => {
  const part = { ...mount('/a'), root: '/part', deviceNumber: '8:1' };
  const whole = { ...mount('/long/path'), deviceNumber: '8:1' };
  assert.equal(selectMounts([part, whole]), [whole]);
});

test('a mount is read-only by its own options or by those of its filesystem', () => {
  const flags = selectMounts(parseMountinfo(MOUNTINFO)).map((each) => each.isReadOnly);
  assert.equal(flags, [false, false, true, true]);
});

test('use is a share of what users may fill, rounded up as df does', () => {
  const facts = toFilesystem(mount('/'), CAPACITY);
  assert.is(facts.sizeBytes, 1_024_000);
  assert.is(facts.usedBytes, 614_400);
  assert.is(facts.usedPercent, 67);
  assert.is(facts.inodesUsed, 25);
});

test('a filesystem that counts no inodes has none to tell', () => {
  const facts = toFilesystem(mount('/'), { ...CAPACITY, inodes: 0, inodesFree: 0 });
  assert.is(facts.inodesTotal, null);
  assert.is(facts.inodesUsed, null);
});

test('a mount that does not answer is an error in its row, and is left alone', async () => {
  let asked = 0;
  const dead = Promise.withResolvers<Capacity>();
  const tell = createMountProbe((each) => {
    if (each.mount !== '/dead') return Promise.resolve(CAPACITY);
    asked++;
    return dead.promise;
  });
  const mounts = [mount('/dead', 'nfs4'), mount('/')];
  const [first, second] = await tell(mounts, 20);
  await tell(mounts, 20);
  assert.is(first?.error?.code, 'E_PROBE_TIMEOUT');
  assert.is(first?.usedBytes, null);
  assert.is(second?.usedBytes, 614_400);
  assert.is(asked, 1);

  dead.resolve(CAPACITY);
  const [alive] = await tell(mounts, 1000);
  assert.is(alive?.error, undefined);
});

test('a mount that is refused carries the reason', async () => {
  const [row] = await createMountProbe(askMount)([mount('/no/such/place')], 1000);
  assert.is(row?.error?.code, 'E_PROBE_FAILED');
  assert.match(row?.error?.message ?? '', 'ENOENT');
});

test('the child that asks remote mounts counts as we do ourselves', async () => {
  const here = await askMount(mount('/proc/self/..'), 5000);
  const child = await askMount(mount('/proc/self/..', 'nfs4'), 5000);
  assert.equal(child, here);
});

test('the child that finds nothing is an error', async () => {
  const [row] = await createMountProbe(askMount)([mount('/no/such/place', 'fuse.sshfs')], 5000);
  assert.is(row?.error?.code, 'E_PROBE_FAILED');
});

test.run();
