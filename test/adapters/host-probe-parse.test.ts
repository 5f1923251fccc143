import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  parseCpuinfo,
  parseCpuListCount,
  parseMeminfo,
  parseNameServers,
  parseNetDev,
  parseOsRelease,
  parsePasswd,
  parseRoutes,
  parseUidMin,
} from '../../src/adapters/host-probe-parse.ts';
import {
  type ProcessStat,
  parseProcessStat,
  rankProcesses,
} from '../../src/adapters/host-probe-processes.ts';
import { parseChrony, parseTimedatectl, parseWho } from '../../src/adapters/host-probe-system.ts';

const MEMINFO = `MemTotal:       1000 kB
MemFree:         100 kB
MemAvailable:    700 kB
Buffers:          50 kB
Cached:          400 kB
SReclaimable:     30 kB
SwapTotal:       200 kB
SwapFree:        150 kB
HugePages_Total:   0
`;

test('memory in use is what is not available', () => {
  const memory = parseMeminfo(MEMINFO);
  assert.is(memory.usedBytes, 300 * 1024);
  assert.is(memory.cachedBytes, 430 * 1024);
  assert.is(memory.swapUsedBytes, 50 * 1024);
});

test('an old kernel without MemAvailable has free memory and caches available', () => {
  const memory = parseMeminfo(MEMINFO.replace(/MemAvailable.*\n/, ''));
  assert.is(memory.availableBytes, 580 * 1024);
});

test('os-release may quote its values, and leave most of them out', () => {
  const os = parseOsRelease('# comment\nNAME="A \\"B\\" Linux"\nID=ab\nID_LIKE="c d"\n');
  assert.is(os.name, 'A "B" Linux');
  assert.is(os.prettyName, 'A "B" Linux');
  assert.equal(os.idLike, ['c', 'd']);
  assert.is(os.versionId, null);
  assert.is(parseOsRelease('').id, 'linux');
});

test('lines of passwd that are no account are passed over', () => {
  const text =
    'root:x:0:0:root:/root:/bin/bash\n+::::::\n# x\n\nbob:x:1000:100:Bob,,,:/users/bob:\n';
  assert.equal(parsePasswd(text), [
    { name: 'root', uid: 0, gid: 0, gecos: 'root', home: '/root', shell: '/bin/bash' },
    { name: 'bob', uid: 1000, gid: 100, gecos: 'Bob,,,', home: '/users/bob', shell: '' },
  ]);
});

test('people begin where login.defs says, else at 1000', () => {
  assert.is(parseUidMin('#UID_MIN 1\nSYS_UID_MIN 100\n  UID_MIN\t500\n'), 500);
  assert.is(parseUidMin('#UID_MIN 500\n'), 1000);
});

test('a list of processors is counted', () => {
  assert.is(parseCpuListCount('0-3,8,10-11\n'), 7);
  assert.is(parseCpuListCount('0'), 1);
  assert.is(parseCpuListCount(''), undefined);
});

test('cores are counted per socket', () => {
  const processor = (id: number, socket: number, core: number) =>
    `processor\t: ${id}\nvendor_id\t: V\nmodel name\t: M\n` +
    `cpu MHz\t\t: 2599.9\ncache size\t: 512 KB\n` +
    `physical id\t: ${socket}\ncore id\t\t: ${core}\n\n`;
  const text = [processor(0, 0, 0), processor(1, 0, 0), processor(2, 1, 0)].join('');
  assert.equal(parseCpuinfo(text), {
    model: 'M',
    vendor: 'V',
    processors: 3,
    cores: 2,
    sockets: 2,
    megahertz: 2600,
    cacheBytes: 524_288,
  });
});

test('a processor that names nothing has nothing made up for it', () => {
  const cpu = parseCpuinfo('processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n');
  assert.equal(Object.values(cpu), [null, null, 1, null, null, null, null]);
});

test('the best way out comes first', () => {
  const text =
    'Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n' +
    'wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n' +
    'eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' +
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n' +
    'eth1\t00000000\t01020304\t0002\t0\t0\t0\t00000000\t0\t0\t0\n';
  assert.equal(parseRoutes(text), [
    { address: '192.0.2.1', interface: 'eth0' },
    { address: '192.168.1.1', interface: 'wlan0' },
  ]);
});

test('name servers are read around comments', () => {
  assert.equal(parseNameServers('# nameserver 1.1.1.1\nnameserver 192.0.2.3 \noptions rotate\n'), [
    '192.0.2.3',
  ]);
});

test('the counters of an interface may touch its colon', () => {
  const counters = parseNetDev('Inter-|\n face |\n  eth0:123 4 5\n eth0.7: 1 2\n');
  assert.equal(counters.get('eth0'), [123, 4, 5]);
  assert.equal(counters.get('eth0.7'), [1, 2]);
});

const STAT = `7 (a) b (c) R 1 7 7 0 -1 0 0 0 0 0 30 12 0 0 20 0 3 0 99 1000 25 0`;

test('the name of a process may hold parentheses and blanks', () => {
  assert.equal(parseProcessStat(STAT), {
    pid: 7,
    name: 'a) b (c',
    state: 'R',
    ticks: 42,
    threads: 3,
    startTick: 99,
    residentPages: 25,
  });
  assert.is(parseProcessStat(''), undefined);
});

test('the busiest come first, a pid used again counts from its start', () => {
  const process = (
    pid: number,
    ticks: number,
    residentPages: number,
    startTick = 1,
  ): [number, ProcessStat] => {
    const stat = { pid, ticks, residentPages, startTick, name: 'x', state: 'S', threads: 1 };
    return [pid, stat];
  };
  const before = new Map([process(1, 100, 5), process(2, 100, 1), process(3, 500, 1)]);
  const after = new Map([
    process(1, 100, 5),
    process(2, 110, 1),
    process(3, 5, 1, 2),
    process(4, 0, 9),
  ]);
  const ranked = rankProcesses(before, after, 1000, 3);
  const shown = ranked.map(({ stat, cpuPercent }) => [stat.pid, cpuPercent]);
  assert.equal(shown, [
    [2, 10],
    [3, 5],
    [4, 0],
  ]);
});

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');

test('who tells users, terminals, times and origins', () => {
  const text =
    'bob      pts/0        2026-02-28 10:15 (192.0.2.9)\nann      tty1         2026-01-02 03:04\n';
  assert.equal(parseWho(text, NOW_MS), [
    {
      user: 'bob',
      terminal: 'pts/0',
      from: '192.0.2.9',
      sinceMs: Date.parse('2026-02-28T10:15:00Z'),
    },
    { user: 'ann', terminal: 'tty1', from: null, sinceMs: Date.parse('2026-01-02T03:04:00Z') },
  ]);
});

test('a login whose time has no year was in the past', () => {
  const [first, second] = parseWho('bob pts/0 Feb 28 10:15 (h)\nbob pts/1 Dec  9 10:15\n', NOW_MS);
  assert.is(first?.sinceMs, Date.parse('2026-02-28T10:15:00Z'));
  assert.is(second?.sinceMs, Date.parse('2025-12-09T10:15:00Z'));
});

test('a login in a form that is not known is told without its time', () => {
  assert.equal(parseWho('USER  TTY\nbob  console  yesterday\n', NOW_MS), [
    { user: 'bob', terminal: 'console', from: null, sinceMs: null },
  ]);
});

test('the keepers of the clock say yes, no, or nothing', () => {
  assert.is(parseTimedatectl('Timezone=UTC\nNTPSynchronized=yes\n'), true);
  assert.is(parseTimedatectl('NTPSynchronized=no\n'), false);
  assert.is(parseTimedatectl(''), undefined);
  const fields = 'C0000201,192.0.2.1,3,1.0,0.1,0.1,0.1,1,0,0,0.1,0.1,64';
  assert.is(parseChrony(`${fields},Normal\n`), true);
  assert.is(parseChrony(`${fields},Not synchronised\n`), false);
  assert.is(parseChrony(''), undefined);
});

test.run();
