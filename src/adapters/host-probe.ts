/**
 * This host, by /proc, /sys and node:os; only who is logged in, the clock's keeper, the
 * virtualization, the hardware, the packages and the services cost child processes. Linux; where
 * /proc is missing, a class that needs it is refused with E_PROBE_FAILED, and memory, load, uptime
 * and the sample come from node:os.
 */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import type { AccountsFacts, CpuFacts, HostProbe, MemoryFacts } from '../ports/host-probe.ts';
import { createAsk, toProbeError } from './host-probe-bound.ts';
import { readDisks, readNetwork } from './host-probe-devices.ts';
import { listKernelFolder, readAttribute, readKernelFile } from './host-probe-files.ts';
import { readHardware } from './host-probe-hardware.ts';
import { askMount, createMountProbe, readMounts } from './host-probe-mounts.ts';
import { readPackages } from './host-probe-packages.ts';
import {
  parseCpuinfo,
  parseCpuListCount,
  parseMeminfo,
  parseOsRelease,
  parsePasswd,
  parseUidMin,
} from './host-probe-parse.ts';
import { readProcesses } from './host-probe-processes.ts';
import { createSampleProbe } from './host-probe-sample.ts';
import { readServices } from './host-probe-services.ts';
import { askAccount, readClock, readLogins, readVirtualization } from './host-probe-system.ts';

export interface HostProbeComponents {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Environment of the process, told by the class of that name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

function readMemory(): MemoryFacts {
  const text = readKernelFile('/proc/meminfo');
  if (text !== undefined) return parseMeminfo(text);
  const totalBytes = os.totalmem();
  const availableBytes = os.freemem();
  return {
    totalBytes,
    availableBytes,
    usedBytes: totalBytes - availableBytes,
    freeBytes: availableBytes,
    buffersBytes: 0,
    cachedBytes: 0,
    swapTotalBytes: 0,
    swapUsedBytes: 0,
  };
}

/**
 * Processors that the system schedules on; those that this process may use, if it does not tell.
 */
function countProcessors(): number {
  const online = readKernelFile('/sys/devices/system/cpu/online');
  return parseCpuListCount(online ?? '') ?? os.availableParallelism();
}

async function readCpu(): Promise<CpuFacts> {
  const facts = parseCpuinfo(await readFile('/proc/cpuinfo', 'utf8'));
  return { ...facts, processors: countProcessors() };
}

async function readOs() {
  const release = await readAttribute('/etc/os-release');
  return parseOsRelease(release ?? (await readFile('/usr/lib/os-release', 'utf8')));
}

async function readAccounts(): Promise<AccountsFacts> {
  const [passwd, loginDefs] = await Promise.all([
    readFile('/etc/passwd', 'utf8'),
    readAttribute('/etc/login.defs'),
  ]);
  return { accounts: parsePasswd(passwd), uidMin: parseUidMin(loginDefs ?? '') };
}

async function readNamesByUid(): Promise<Map<number, string>> {
  const { accounts } = await readAccounts();
  // The first of several accounts with one uid is the one that the system shows.
  return new Map(accounts.toReversed().map((account) => [account.uid, account.name]));
}

/** The host that this process runs on. */
export function createHostProbe({ now, environment }: HostProbeComponents): HostProbe {
  const ask = createAsk();
  const askMounts = createMountProbe(askMount);
  const bounded = <T>(key: string, timeoutMs: number, work: () => T | Promise<T>): Promise<T> =>
    ask({ key, timeoutMs, work: async () => work() }).catch((error) => {
      throw toProbeError(key, error);
    });

  return {
    sample: createSampleProbe({
      now,
      monotonicMs: () => performance.now(),
      read: readKernelFile,
      list: listKernelFolder,
      memory: readMemory,
      processors: countProcessors,
    }),
    kernel: (ms) =>
      bounded('kernel', ms, () => ({
        name: os.type(),
        release: os.release(),
        version: os.version(),
        machine: os.machine(),
        hostname: os.hostname(),
      })),
    os: (ms) => bounded('os', ms, readOs),
    hardware: (ms) => bounded('hardware', ms, () => readHardware(ms)),
    cpu: (ms) => bounded('cpu', ms, readCpu),
    memory: (ms) => bounded('memory', ms, readMemory),
    disks: (ms) => bounded('disks', ms, () => readDisks('/sys/block')),
    filesystems: (ms) => bounded('filesystems', ms, async () => askMounts(await readMounts(), ms)),
    network: (ms) => bounded('network', ms, readNetwork),
    accounts: (ms) => bounded('users', ms, readAccounts),
    account: (name, ms) =>
      bounded(`user ${name}`, ms, async () => {
        const { accounts } = await readAccounts();
        return accounts.find((account) => account.name === name) ?? (await askAccount(name, ms));
      }),
    logins: (ms) => bounded('logins', ms, () => readLogins(now(), ms)),
    load: (ms) =>
      bounded('load', ms, () => {
        const [one = 0, five = 0, fifteen = 0] = os.loadavg();
        return { one, five, fifteen, processors: countProcessors() };
      }),
    uptime: (ms) =>
      bounded('uptime', ms, () => {
        const seconds = os.uptime();
        return { seconds, bootedAtMs: Math.round(now() - seconds * 1000) };
      }),
    processes: (ms) => bounded('processes', ms, async () => readProcesses(await readNamesByUid())),
    packages: (ms) => bounded('packages', ms, () => readPackages(ms)),
    services: (ms) => bounded('services', ms, () => readServices(ms)),
    clock: (ms) => bounded('clock', ms, () => readClock(now(), ms)),
    virtualization: (ms) => bounded('virtualization', ms, () => readVirtualization(ms)),
    environment: (ms) => bounded('environment', ms, () => known(environment)),
  };
}

function known(environment: HostProbeComponents['environment']): Record<string, string> {
  const entries = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
