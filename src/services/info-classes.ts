/**
 * The classes of facts, one function each: what it tells (fields are documented with their types in
 * ports/host-probe.ts) and where the host has it from.
 */
import type { HostProbe } from '../ports/host-probe.ts';
import type { FactClass, WhichUsers } from '../protocol/facts.ts';
import { redactEnvironment } from './info-environment.ts';
import { collectUsers } from './info-users.ts';

export interface InfoOptions {
  /** Time for each class; all run at once. */
  readonly timeoutMs: number;
  /** What the class `users` lists. */
  readonly users: WhichUsers;
}

export type CollectClass = (probe: HostProbe, options: InfoOptions) => Promise<unknown>;

/** name, release, version, machine, hostname: uname(2). */
const kernel: CollectClass = (probe, { timeoutMs }) => probe.kernel(timeoutMs);

/** id, idLike, name, prettyName, versionId, codename: os-release(5). */
const os: CollectClass = (probe, { timeoutMs }) => probe.os(timeoutMs);

/**
 * vendor, model, version, serial, chassis, board, firmware, memoryModules (slot, sizeBytes, type,
 * megahertz), graphics: DMI tables and lspci, through the library systeminformation. Much of it for
 * root only.
 */
const hardware: CollectClass = (probe, { timeoutMs }) => probe.hardware(timeoutMs);

/** model, vendor, processors, cores, sockets, megahertz, cacheBytes: /proc/cpuinfo. */
const cpu: CollectClass = (probe, { timeoutMs }) => probe.cpu(timeoutMs);

/**
 * totalBytes, availableBytes, usedBytes (total without available), freeBytes, buffersBytes,
 * cachedBytes, swapTotalBytes, swapUsedBytes: /proc/meminfo.
 */
const memory: CollectClass = (probe, { timeoutMs }) => probe.memory(timeoutMs);

/**
 * An array: name, type, sizeBytes, model, serial, label, isRotational, isRemovable, isReadOnly,
 * partitions (name, sizeBytes): /sys/block.
 */
const disks: CollectClass = (probe, { timeoutMs }) => probe.disks(timeoutMs);

/**
 * An array: device, mount, type, isReadOnly, sizeBytes, usedBytes, availableBytes, usedPercent,
 * inodesTotal, inodesUsed, and error (code, message) where a mount does not answer:
 * /proc/self/mountinfo and statfs(2).
 */
const filesystems: CollectClass = (probe, { timeoutMs }) => probe.filesystems(timeoutMs);

/**
 * interfaces (name, kind, state, mac, mtuBytes, megabitsPerSecond, addresses, receivedBytes,
 * sentBytes, receiveErrors, sendErrors), gateways (address, interface), nameServers:
 * /sys/class/net, /proc/net, getifaddrs(3), resolv.conf(5).
 */
const network: CollectClass = (probe, { timeoutMs }) => probe.network(timeoutMs);

/**
 * which, normalCount, systemCount, accounts (name, uid, gid, home, shell, gecos), omittedCount,
 * loggedIn (user, terminal, from, sinceMs): passwd(5), getent(1) for one name, who(1).
 */
const users: CollectClass = (probe, { users: which, timeoutMs }) =>
  collectUsers(probe, which, timeoutMs);

/** one, five, fifteen (minutes), processors: getloadavg(3). */
const load: CollectClass = (probe, { timeoutMs }) => probe.load(timeoutMs);

/** seconds, bootedAtMs: /proc/uptime. */
const uptime: CollectClass = (probe, { timeoutMs }) => probe.uptime(timeoutMs);

/**
 * count, threads, running, blocked, zombies, top (pid, name, user, cpuPercent, memoryBytes):
 * /proc/PID. Names only: arguments may hold secrets. Takes a quarter of a second to see who is
 * busy.
 */
const processes: CollectClass = (probe, { timeoutMs }) => probe.processes(timeoutMs);

/** manager, count, installed (versions by name): dpkg-query(1), else rpm(8), apk(8), pacman(8). */
const packages: CollectClass = (probe, { timeoutMs }) => probe.packages(timeoutMs);

/**
 * manager, units (by name: state, detail, isEnabled): systemctl(1), else service(8) and the links
 * of runlevels.
 */
const services: CollectClass = (probe, { timeoutMs }) => probe.services(timeoutMs);

/**
 * nowMs, timezone, utcOffsetMinutes, isSynchronised, source, clocksource: timedatectl(1), else
 * chronyc(1); /sys/devices/system/clocksource.
 */
const clock: CollectClass = (probe, { timeoutMs }) => probe.clock(timeoutMs);

/**
 * isVirtual, hypervisor, container: systemd-detect-virt(1), else /proc/cpuinfo and marker files.
 */
const virtualization: CollectClass = (probe, { timeoutMs }) => probe.virtualization(timeoutMs);

/** Names and values of the daemon's environment, secrets redacted. */
const environment: CollectClass = async (probe, { timeoutMs }) =>
  redactEnvironment(await probe.environment(timeoutMs));

/** How each class is collected. */
export const INFO_CLASSES: Readonly<Record<FactClass, CollectClass>> = {
  kernel,
  os,
  hardware,
  virtualization,
  cpu,
  memory,
  disks,
  filesystems,
  network,
  users,
  load,
  uptime,
  processes,
  packages,
  services,
  clock,
  environment,
};
