import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHostProbe } from '../../src/adapters/host-probe.ts';
import { createAsk, toProbeError } from '../../src/adapters/host-probe-bound.ts';
import { readDisks, readInterfaces } from '../../src/adapters/host-probe-devices.ts';
import { toHardware } from '../../src/adapters/host-probe-hardware.ts';
import { run } from '../../src/adapters/host-probe-run.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const NOW_MS = 1_800_000_000_000;
const probe = createHostProbe({ now: () => NOW_MS, environment: { A: '1', B: undefined } });

/** Runs `work` in a folder that holds `files`, and removes it. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(os.tmpdir(), 'host-probe-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function codeOf(error: unknown): string {
  return error instanceof DagentError ? error.code : String(error);
}

test('a question that is not answered in time is given up', async () => {
  const never = new Promise<never>(() => {});
  const error = await createAsk()({ key: 'x', timeoutMs: 5, work: () => never }).catch((e) => e);
  assert.is(codeOf(error), 'E_PROBE_TIMEOUT');
  assert.is(error.values.class, 'x');
});

test('a question that is open is not put again, one that is answered is', async () => {
  const ask = createAsk();
  let count = 0;
  const work = async () => ++count;
  const both = [ask({ key: 'x', timeoutMs: 1000, work }), ask({ key: 'x', timeoutMs: 1000, work })];
  assert.equal(await Promise.all(both), [1, 1]);
  assert.is(await ask({ key: 'x', timeoutMs: 1000, work }), 2);
});

test('what the system refuses is an error of the probe, our own mistakes are not', () => {
  const refusal = Object.assign(new Error('EACCES: no'), { errno: -13 });
  assert.is(codeOf(toProbeError('disks', refusal)), 'E_PROBE_FAILED');
  const mistake = new TypeError('x is not a function');
  assert.is(toProbeError('disks', mistake), mistake);
});

test('a program that does not exist is not an error', async () => {
  assert.is(await run(['dagent-no-such-program'], { what: 'x', timeoutMs: 1000 }), undefined);
});

test('a program gets nothing of our environment', async () => {
  const result = await run(['env'], { what: 'x', timeoutMs: 5000 });
  const names = result?.stdout.split('\n').map((line) => line.split('=')[0]);
  assert.equal(names?.sort(), ['', 'LC_ALL', 'PATH', 'TZ']);
});

/** Through a desk, as it is meant: it waits for the answer even when the program cannot die. */
function refusalOf(argv: readonly string[], timeoutMs: number): Promise<unknown> {
  const work = () => run(argv, { what: 'x', timeoutMs });
  return createAsk()({ key: 'x', timeoutMs: 20_000, work }).catch((error) => error);
}

test('a program that takes too long is killed with its children', () =>
  withFiles({}, async (folder) => {
    const path = join(folder, 'pid');
    const error = await refusalOf(['sh', '-c', `sleep 600 & echo $! >${path}; wait`], 300);
    assert.is(codeOf(error), 'E_PROBE_TIMEOUT');
    const pid = Number(readFileSync(path, 'utf8'));
    assert.ok(pid > 1);
    await waitUntil(() => isDead(pid));
  }));

/** Gone, or dead and not yet buried: its new parent does that when it likes. */
function isDead(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

async function waitUntil(isDone: () => boolean): Promise<void> {
  const endsAtMs = Date.now() + 5000;
  while (!isDone()) {
    assert.ok(Date.now() < endsAtMs, 'in time');
    await nextTurn();
  }
}

test('a program that says too much is stopped', async () => {
  assert.is(codeOf(await refusalOf(['yes'], 20_000)), 'E_PROBE_FAILED');
});

test('disks are told with their partitions, in the order that people count', () =>
  withFiles(
    {
      'sda/size': '2048\n',
      'sda/queue/rotational': '1\n',
      'sda/device/model': 'Spinner 9 \n',
      'sda/sda10/partition': '10\n',
      'sda/sda10/size': '4\n',
      'sda/sda2/partition': '2\n',
      'sda/sda2/size': '8\n',
      'sda/slaves/x': '',
      'loop0/size': '0\n',
      'dm-0/size': '16\n',
      'dm-0/dm/name': 'vg-root\n',
      'dm-0/dm/uuid': 'LVM-abc\n',
      'nvme0n1/size': '32\n',
      'nvme0n1/ro': '1\n',
      'nvme0n1/device/serial': 'S1\n',
      'md127/size': '64\n',
    },
    async (folder) => {
      const disks = await readDisks(folder);
      const types = disks.map((disk) => `${disk.name} ${disk.type} ${disk.sizeBytes}`);
      assert.equal(types, [
        'dm-0 lvm 8192',
        'md127 raid 32768',
        'nvme0n1 disk 16384',
        'sda disk 1048576',
      ]);
      const [mapper, , nvme, sda] = disks;
      assert.is(mapper?.label, 'vg-root');
      assert.is(nvme?.serial, 'S1');
      assert.ok(nvme?.isReadOnly);
      assert.is(sda?.model, 'Spinner 9');
      assert.ok(sda?.isRotational);
      assert.equal(sda?.partitions, [
        { name: 'sda2', sizeBytes: 4096 },
        { name: 'sda10', sizeBytes: 2048 },
      ]);
    },
  ));

test('a host without block devices has no disks', () =>
  withFiles({}, async (folder) => assert.equal(await readDisks(join(folder, 'none')), [])));

test('interfaces are told by their kind, with addresses and counters', () =>
  withFiles(
    {
      bonding_masters: 'bond0\n',
      'eth0/operstate': 'up\n',
      'eth0/address': '02:00:00:00:00:01\n',
      'eth0/mtu': '1500\n',
      'eth0/speed': '10000\n',
      'eth0/type': '1\n',
      'eth0/device/vendor': '0x1af4\n',
      'lo/type': '772\n',
      'lo/address': '00:00:00:00:00:00\n',
      'veth1/speed': '-1\n',
    },
    async (folder) => {
      const counters = new Map([['eth0', [10, 1, 2, 3, 0, 0, 0, 0, 20, 1, 4]]]);
      const addresses = new Map([['eth0', ['192.0.2.7/24']]]);
      const [eth, lo, veth, ...others] = await readInterfaces(folder, addresses, counters);
      assert.equal(others, []);
      assert.equal(eth, {
        name: 'eth0',
        kind: 'physical',
        state: 'up',
        mac: '02:00:00:00:00:01',
        mtuBytes: 1500,
        megabitsPerSecond: 10_000,
        addresses: ['192.0.2.7/24'],
        receivedBytes: 10,
        receiveErrors: 2,
        sentBytes: 20,
        sendErrors: 4,
      });
      assert.is(lo?.kind, 'loopback');
      assert.is(lo?.mac, null);
      assert.is(veth?.kind, 'virtual');
      assert.is(veth?.megabitsPerSecond, null);
    },
  ));

test('what the library of hardware does not know is null, its stand-ins are left out', () => {
  const hardware = toHardware({
    system: { manufacturer: 'ACME', model: 'Docker Container', version: '', serial: '-' },
    baseboard: { manufacturer: 'ACME', model: 'B1' },
    bios: { vendor: '', version: '', releaseDate: '' },
    memLayout: [
      { bank: '', type: '', size: 1024, clockSpeed: 0 },
      { bank: 'DIMM A', type: 'DDR5', size: 2048, clockSpeed: 4800 },
    ],
    graphics: { controllers: [{ vendor: 'G', model: 'One' }], displays: [] },
  });
  assert.is(hardware.vendor, 'ACME');
  assert.is(hardware.model, null);
  assert.is(hardware.serial, null);
  assert.is(hardware.board, 'ACME B1');
  assert.is(hardware.firmware, null);
  assert.is(hardware.chassis, null);
  assert.equal(hardware.graphics, ['G One']);
  assert.equal(hardware.memoryModules, [
    { slot: 'DIMM A', sizeBytes: 2048, type: 'DDR5', megahertz: 4800 },
  ]);
});

test('a sample agrees with what the system says', async () => {
  const sample = await probe.sample();
  assert.is(sample.atMs, NOW_MS);
  assert.is(sample.memoryTotalBytes, os.totalmem());
  assert.ok(sample.memoryUsedBytes > 0 && sample.memoryUsedBytes < sample.memoryTotalBytes);
  assert.ok(sample.cpus >= 1 && sample.daemonBytes > 1_000_000);
});

test('the time of the last boot is told by the clock that was given', async () => {
  const { seconds, bootedAtMs } = await probe.uptime(1000);
  assert.is(bootedAtMs, Math.round(NOW_MS - seconds * 1000));
});

test('root is an account of every host, and a name that nobody has is none', async () => {
  const { accounts } = await probe.accounts(1000);
  const root = accounts.find((account) => account.name === 'root');
  assert.is(root?.uid, 0);
  assert.equal(await probe.account('root', 5000), root);
  assert.is(await probe.account('nobody-has-this-name', 5000), undefined);
  assert.is(await probe.account('0', 5000), undefined);
  assert.is(await probe.account('--help', 5000), undefined);
});

test('we are among the processes', async () => {
  const processes = await probe.processes(10_000);
  assert.ok(processes.count >= 1 && processes.threads >= processes.count);
  assert.ok(processes.top.length >= 1 && processes.top.length <= 10);
});

test('the environment is the one that was given', async () => {
  assert.equal(await probe.environment(1000), { A: '1' });
});

test('every class of this host answers', async () => {
  const { sample: _, account: __, ...classes } = probe;
  for (const [name, ask] of Object.entries(classes)) {
    assert.not.instance(await ask(20_000), Error, name);
  }
});

test.run();
