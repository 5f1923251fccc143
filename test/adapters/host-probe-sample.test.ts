import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chooseDisks,
  computeRates,
  createSampleProbe,
  findFullest,
  type HostCounters,
  parseCpuTicks,
  sumDiskBytes,
} from '../../src/adapters/host-probe-sample.ts';
import type { FilesystemFacts, MemoryFacts } from '../../src/ports/host-probe.ts';
import { SLOW_FIGURES_MS } from '../../src/protocol/limits.ts';

const STAT = 'cpu  100 5 45 800 30 0 10 10 60 0\ncpu0 100 5 45 800 30 0 10 10 0 0\nintr 5\n';
const DISKSTATS = [
  '   8       0 sda 10 0 200 5 20 0 400 9 0 0 0',
  '   8       1 sda1 9 0 150 5 19 0 350 9 0 0 0',
  ' 253       0 dm-0 9 0 150 5 19 0 350 9 0 0 0',
  ' 259       0 nvme0n1 1 0 8 0 1 0 16 0 0 0 0',
].join('\n');

const COUNTERS: HostCounters = {
  atMs: 1_000,
  cpu: { total: 1_000, idle: 800, ioWait: 30, steal: 10 },
  diskReadBytes: 1_000,
  diskWrittenBytes: 2_000,
  netInBytes: 10_000,
  netOutBytes: undefined,
  daemonCpuMs: 50,
};

test('the time of processors is that of /proc/stat, guests counted once', () => {
  assert.equal(parseCpuTicks(STAT), { total: 1_000, idle: 800, ioWait: 30, steal: 10 });
  for (const none of ['', 'cpu0 1 2 3 4', 'cpu  1 2', 'cpu  a b c d']) {
    assert.is(parseCpuTicks(none), undefined, none);
  }
});

test('disks are counted once: neither their parts nor what is made of them', () => {
  const disks = chooseDisks(['sda', 'nvme0n1', 'dm-0', 'md0', 'loop3', 'zram0', 'sr0', 'vda']);
  assert.equal([...disks], ['sda', 'nvme0n1', 'vda']);
  assert.equal(sumDiskBytes(DISKSTATS, disks), [208 * 512, 416 * 512]);
});

test('rates are what was counted between two instants', () => {
  const cpu = { total: 1_100, idle: 850, ioWait: 40, steal: 15 };
  const later = { ...COUNTERS, atMs: 3_000, cpu, diskReadBytes: 5_000, daemonCpuMs: 150 };
  assert.equal(computeRates(COUNTERS, later), {
    cpuPercent: 35,
    ioWaitPercent: 10,
    stealPercent: 5,
    diskReadBytesPerSecond: 2_000,
    diskWrittenBytesPerSecond: 0,
    netInBytesPerSecond: 0,
    netOutBytesPerSecond: undefined,
    daemonCpuPercent: 5,
  });
});

test('a counter that went back, and an instant, have no rate', () => {
  const reset = { ...COUNTERS, atMs: 2_000, netInBytes: 0, cpu: undefined };
  const rates = computeRates(COUNTERS, reset);
  assert.is(rates.netInBytesPerSecond, undefined);
  assert.is(rates.cpuPercent, undefined);
  assert.equal(computeRates(COUNTERS, COUNTERS), {});
});

test('the fullest filesystem is one that can be written and that tells', () => {
  const facts = (mount: string, usedPercent: number | null, isReadOnly = false) =>
    ({ mount, usedPercent, isReadOnly }) as FilesystemFacts;
  const all = [facts('/', 40), facts('/cdrom', 100, true), facts('/var', 91), facts('/x', null)];
  assert.equal(findFullest(all), { diskUsedPercent: 91, diskMount: '/var' });
  assert.equal(findFullest([]), {});
});

/** A host of files that the test writes. */
class Host {
  nowMs = 0;
  readonly files = new Map([
    ['/proc/stat', STAT],
    ['/proc/diskstats', DISKSTATS],
    ['/proc/net/dev', dev(1_000, 500)],
  ]);
  readonly folders = new Map([
    ['/proc', ['1', '77', 'self', 'stat']],
    ['/sys/block', ['sda', 'dm-0']],
    ['/sys/class/net', ['lo', 'eth0', 'br0']],
    ['/sys/class/net/eth0/device', ['uevent']],
  ]);
  readonly sample = createSampleProbe({
    now: () => 5,
    monotonicMs: () => this.nowMs,
    read: (path) => this.files.get(path),
    list: (path) => this.folders.get(path) ?? [],
    memory: () =>
      ({ usedBytes: 1, totalBytes: 4, swapUsedBytes: 0, swapTotalBytes: 2 }) as MemoryFacts,
    processors: () => 3,
  });
}

function dev(eth0: number, br0: number): string {
  const line = (name: string, bytes: number) =>
    `  ${name}: ${bytes} 1 0 0 0 0 0 0 ${2 * bytes} 1 0 0 0 0 0 0`;
  return [
    'Inter-| Receive',
    ' face |bytes',
    line('lo', 99),
    line('eth0', eth0),
    line('br0', br0),
  ].join('\n');
}

test('the first sample has no rates, the second those since then', async () => {
  const host = new Host();
  const first = await host.sample();
  assert.is(first.processes, 2);
  assert.is(first.cpus, 3);
  assert.is(first.swapTotalBytes, 2);
  assert.is(first.netInBytesPerSecond, undefined);
  host.nowMs = 2_000;
  host.files.set('/proc/net/dev', dev(5_000, 90_000));
  const second = await host.sample();
  assert.is(second.netInBytesPerSecond, 2_000);
  assert.is(second.netOutBytesPerSecond, 4_000);
  assert.is(second.diskReadBytesPerSecond, 0);
});

test('without network cards all interfaces but the loopback are counted', async () => {
  const host = new Host();
  host.folders.delete('/sys/class/net/eth0/device');
  await host.sample();
  host.nowMs = 1_000;
  host.files.set('/proc/net/dev', dev(2_000, 700));
  assert.is((await host.sample()).netInBytesPerSecond, 1_200);
});

test('a disk that came within SLOW_FIGURES_MS is no burst of reading', async () => {
  const host = new Host();
  await host.sample();
  host.folders.set('/sys/block', ['sda', 'nvme0n1']);
  host.nowMs = SLOW_FIGURES_MS - 1;
  assert.is((await host.sample()).diskReadBytesPerSecond, 0);
  host.nowMs = SLOW_FIGURES_MS;
  assert.is((await host.sample()).diskReadBytesPerSecond, undefined);
  host.nowMs += 1_000;
  assert.is((await host.sample()).diskReadBytesPerSecond, 0);
});

test('whether the clock is kept is told where systemd-timesyncd runs', async () => {
  const host = new Host();
  assert.is((await host.sample()).clockIsSynchronised, undefined);
  host.folders.set('/run/systemd/timesync', ['clock']);
  host.nowMs += SLOW_FIGURES_MS;
  assert.is((await host.sample()).clockIsSynchronised, 0);
  host.folders.set('/run/systemd/timesync', ['clock', 'synchronized']);
  host.nowMs += SLOW_FIGURES_MS;
  assert.is((await host.sample()).clockIsSynchronised, 1);
});

test('a host that tells nothing is told what is left', async () => {
  const host = new Host();
  host.files.clear();
  host.folders.clear();
  await host.sample();
  host.nowMs = 1_000;
  const sample = await host.sample();
  assert.is(sample.cpuPercent, undefined);
  assert.is(sample.netInBytesPerSecond, undefined);
  assert.is(sample.processes, undefined);
  assert.is(sample.memoryTotalBytes, 4);
});

test.run();
