/**
 * What a node asks its host. Each question has a time bound in milliseconds, because a host that is
 * ill may never answer (a dead network mount); then E_PROBE_TIMEOUT. A host that refuses:
 * E_PROBE_FAILED. `null` is the answer where the host has none (a virtual machine's serial number).
 */
import type { HostSample } from '../protocol/figures.ts';

export interface KernelFacts {
  /** `Linux`. */
  readonly name: string;
  readonly release: string;
  /** When and how it was built. */
  readonly version: string;
  /** `x86_64`, `aarch64`. */
  readonly machine: string;
  readonly hostname: string;
}

export interface OsFacts {
  /** `debian`. */
  readonly id: string;
  /** What it descends from, nearest first: `ubuntu debian`. */
  readonly idLike: readonly string[];
  readonly name: string;
  /** Name and version as its makers write them. */
  readonly prettyName: string;
  readonly versionId: string | null;
  readonly codename: string | null;
}

export interface HardwareFacts {
  readonly vendor: string | null;
  readonly model: string | null;
  readonly version: string | null;
  /** Serial numbers can be read by root only. */
  readonly serial: string | null;
  readonly chassis: string | null;
  readonly board: string | null;
  readonly firmware: string | null;
  readonly memoryModules: readonly MemoryModule[];
  readonly graphics: readonly string[];
}

export interface MemoryModule {
  readonly slot: string | null;
  readonly sizeBytes: number;
  readonly type: string | null;
  readonly megahertz: number | null;
}

export interface CpuFacts {
  readonly model: string | null;
  readonly vendor: string | null;
  /** Processors that the system schedules on. */
  readonly processors: number;
  /** Cores and sockets they belong to. */
  readonly cores: number | null;
  readonly sockets: number | null;
  readonly megahertz: number | null;
  readonly cacheBytes: number | null;
}

export interface MemoryFacts {
  readonly totalBytes: number;
  /** What programs could still take without swapping, caches given up. */
  readonly availableBytes: number;
  /** Total without available. */
  readonly usedBytes: number;
  readonly freeBytes: number;
  readonly buffersBytes: number;
  readonly cachedBytes: number;
  readonly swapTotalBytes: number;
  readonly swapUsedBytes: number;
}

export type DiskType =
  | 'disk'
  | 'crypt'
  | 'loop'
  | 'lvm'
  | 'mapper'
  | 'multipath'
  | 'raid'
  | 'rom'
  | 'zram';

export interface DiskFacts {
  readonly name: string;
  readonly type: DiskType;
  readonly sizeBytes: number;
  readonly model: string | null;
  readonly serial: string | null;
  /** Name that its mapping has (logical volume, opened crypt device). */
  readonly label: string | null;
  readonly isRotational: boolean;
  readonly isRemovable: boolean;
  readonly isReadOnly: boolean;
  readonly partitions: readonly { readonly name: string; readonly sizeBytes: number }[];
}

/** A mounted filesystem. Figures are null where it did not give them; then `error` says why. */
export interface FilesystemFacts {
  readonly device: string;
  readonly mount: string;
  readonly type: string;
  readonly isReadOnly: boolean;
  readonly sizeBytes: number | null;
  readonly usedBytes: number | null;
  /** What users other than root may still fill. */
  readonly availableBytes: number | null;
  /** Of what users may fill, as `df` computes it. */
  readonly usedPercent: number | null;
  readonly inodesTotal: number | null;
  readonly inodesUsed: number | null;
  readonly error?: { readonly code: string; readonly message: string };
}

export interface NetworkFacts {
  readonly interfaces: readonly InterfaceFacts[];
  /** Ways out, best first. */
  readonly gateways: readonly { readonly address: string; readonly interface: string }[];
  readonly nameServers: readonly string[];
}

export interface InterfaceFacts {
  readonly name: string;
  readonly kind: 'loopback' | 'physical' | 'virtual';
  /** Operational state (RFC 2863): `up`, `down`, `unknown`, ... */
  readonly state: string;
  readonly mac: string | null;
  readonly mtuBytes: number | null;
  readonly megabitsPerSecond: number | null;
  /** With the length of their prefix: `192.0.2.7/24`. */
  readonly addresses: readonly string[];
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receiveErrors: number;
  readonly sendErrors: number;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** Full name and what else the account's comment says. */
  readonly gecos: string;
}

export interface AccountsFacts {
  readonly accounts: readonly Account[];
  /** First uid that the host gives to people. */
  readonly uidMin: number;
}

/** Who is logged in. */
export interface Login {
  readonly user: string;
  readonly terminal: string;
  readonly from: string | null;
  readonly sinceMs: number | null;
}

export interface LoadFacts {
  readonly one: number;
  readonly five: number;
  readonly fifteen: number;
  readonly processors: number;
}

export interface UptimeFacts {
  readonly seconds: number;
  readonly bootedAtMs: number;
}

export interface ProcessesFacts {
  readonly count: number;
  readonly threads: number;
  readonly running: number;
  /** Waiting for a device: what a dead mount leaves behind. */
  readonly blocked: number;
  readonly zombies: number;
  /** The busiest while we looked, then the largest. */
  readonly top: readonly ProcessFacts[];
}

export interface ProcessFacts {
  readonly pid: number;
  readonly name: string;
  readonly user: string;
  /** Of one processor, in the moment of looking. */
  readonly cpuPercent: number;
  readonly memoryBytes: number;
}

export interface ClockFacts {
  readonly nowMs: number;
  readonly timezone: string;
  readonly utcOffsetMinutes: number;
  /** Whether something keeps it right; null when the host does not tell. */
  readonly isSynchronised: boolean | null;
  /** Who said so: `timedatectl`, `chronyc`. */
  readonly source: string | null;
  /** What the kernel counts time with: `tsc`. */
  readonly clocksource: string | null;
}

export interface VirtualizationFacts {
  readonly isVirtual: boolean;
  /** `kvm`, `vmware`, ...; `unknown` where one is there but unnamed. */
  readonly hypervisor: string | null;
  /** `docker`, `podman`, `lxc`, ... */
  readonly container: string | null;
}

export interface PackagesFacts {
  /** `dpkg`, `rpm`, `apk`, `pacman`. */
  readonly manager: string;
  readonly count: number;
  /** Versions by name. */
  readonly installed: Readonly<Record<string, string>>;
}

export interface ServiceFacts {
  /** `active`, `inactive`, `failed`, ...; `unknown` where it does not tell. */
  readonly state: string;
  /** What systemd adds to that: `running`, `exited`, `dead`, ... */
  readonly detail: string | null;
  /** Whether it starts with the system; null where that is not a question. */
  readonly isEnabled: boolean | null;
}

export interface ServicesFacts {
  /** `systemd`, `sysvinit`. */
  readonly manager: string;
  readonly units: Readonly<Record<string, ServiceFacts>>;
}

/** A host, as its facts are asked for. */
export interface HostProbe {
  /** Figures for the live views: cheap enough for every other second, never waits. */
  sample(): Promise<HostSample>;
  kernel(timeoutMs: number): Promise<KernelFacts>;
  os(timeoutMs: number): Promise<OsFacts>;
  hardware(timeoutMs: number): Promise<HardwareFacts>;
  cpu(timeoutMs: number): Promise<CpuFacts>;
  memory(timeoutMs: number): Promise<MemoryFacts>;
  disks(timeoutMs: number): Promise<readonly DiskFacts[]>;
  filesystems(timeoutMs: number): Promise<readonly FilesystemFacts[]>;
  network(timeoutMs: number): Promise<NetworkFacts>;
  /** The accounts that the host itself keeps. */
  accounts(timeoutMs: number): Promise<AccountsFacts>;
  /** One account, also from a directory (LDAP); undefined when there is none of this name. */
  account(name: string, timeoutMs: number): Promise<Account | undefined>;
  /** Null when the host does not tell. */
  logins(timeoutMs: number): Promise<readonly Login[] | null>;
  load(timeoutMs: number): Promise<LoadFacts>;
  uptime(timeoutMs: number): Promise<UptimeFacts>;
  processes(timeoutMs: number): Promise<ProcessesFacts>;
  packages(timeoutMs: number): Promise<PackagesFacts>;
  services(timeoutMs: number): Promise<ServicesFacts>;
  clock(timeoutMs: number): Promise<ClockFacts>;
  virtualization(timeoutMs: number): Promise<VirtualizationFacts>;
  /** Of the daemon's process, as it is: what leaves the node is redacted first. */
  environment(timeoutMs: number): Promise<Readonly<Record<string, string>>>;
}
