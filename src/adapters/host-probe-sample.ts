/**
 * Figures of this host for the live views: a few small files of /proc, read at once. What changes
 * slowly, and may have to be waited for, is looked at beside that and now and then: filesystems,
 * and which disks and network cards there are. No program is run.
 */
import os from 'node:os';
import type { FilesystemFacts, MemoryFacts } from '../ports/host-probe.ts';
import type { HostSample, PartialSample } from '../protocol/figures.ts';
import { SLOW_FIGURES_MS } from '../protocol/limits.ts';
import { askMount, createMountProbe, isLocalMount, readMounts } from './host-probe-mounts.ts';
import { parseNetDev } from './host-probe-parse.ts';

export interface SampleSource {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds on a clock that never goes back. */
  monotonicMs(): number;
  /** A file of the kernel's, or undefined. */
  read(path: string): string | undefined;
  /** Names in a folder of the kernel's. */
  list(path: string): readonly string[];
  memory(): MemoryFacts;
  processors(): number;
}

/** Counters that only grow, as of one instant. */
export interface HostCounters {
  readonly atMs: number;
  /** Of /proc/stat, in ticks. */
  readonly cpu: CpuTicks | undefined;
  readonly diskReadBytes: number | undefined;
  readonly diskWrittenBytes: number | undefined;
  readonly netInBytes: number | undefined;
  readonly netOutBytes: number | undefined;
  /** Milliseconds of a processor that the daemon has had. */
  readonly daemonCpuMs: number;
}

export interface CpuTicks {
  readonly total: number;
  readonly idle: number;
  readonly ioWait: number;
  readonly steal: number;
}

/** diskstats counts in these, whatever the device's own sectors are. */
const SECTOR_BYTES = 512;
/** Block devices that are no disks, or are made of some, where all is counted already. */
const NO_DISK = /^(dm-|drbd|fd|loop|md|nbd|ram|sr|zram)\d/;
/** Time that a filesystem has to answer. */
const DISK_MS = 2_000;
/** Where systemd-timesyncd notes that it has set the clock; see systemd-timesyncd.service(8). */
const TIMESYNC_FOLDER = '/run/systemd/timesync';

/** The first line of /proc/stat. Time of guests is in that of users already. */
export function parseCpuTicks(text: string): CpuTicks | undefined {
  const ticks = /^cpu +(.*)$/m.exec(text)?.[1]?.split(' ').map(Number) ?? [];
  const [, , , idle, ioWait = 0, , , steal = 0] = ticks;
  if (idle === undefined) return undefined;
  const total = ticks.slice(0, 8).reduce((sum, each) => sum + each, 0);
  return Number.isFinite(total) ? { total, idle, ioWait, steal } : undefined;
}

/** /proc/diskstats: bytes read and written by `disks`. */
export function sumDiskBytes(text: string, disks: ReadonlySet<string>): readonly [number, number] {
  let [read, written] = [0, 0];
  for (const line of text.split('\n')) {
    const [, , name = '', , , readSectors, , , , writtenSectors] = line.trim().split(/ +/);
    if (!disks.has(name)) continue;
    read += Number(readSectors) * SECTOR_BYTES;
    written += Number(writtenSectors) * SECTOR_BYTES;
  }
  return [read, written];
}

/** Of the names in /sys/block, those of disks. */
export function chooseDisks(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.filter((name) => !NO_DISK.test(name)));
}

/** The filesystem with the least room, of those that can be written. */
export function findFullest(filesystems: readonly FilesystemFacts[]): PartialSample {
  let fullest: { readonly percent: number; readonly mount: string } | undefined;
  for (const { isReadOnly, usedPercent, mount } of filesystems) {
    if (isReadOnly || usedPercent === null || usedPercent <= (fullest?.percent ?? -1)) continue;
    fullest = { percent: usedPercent, mount };
  }
  if (fullest === undefined) return {};
  return { diskUsedPercent: fullest.percent, diskMount: fullest.mount };
}

function perSecond(before: number | undefined, now: number | undefined, ms: number) {
  // A counter that went back was reset, by a new device or a new driver.
  if (before === undefined || now === undefined || now < before) return undefined;
  return ((now - before) * 1000) / ms;
}

function percentages(before: CpuTicks | undefined, now: CpuTicks | undefined): PartialSample {
  const ticks = now === undefined || before === undefined ? 0 : now.total - before.total;
  if (before === undefined || now === undefined || ticks <= 0) return {};
  const share = (of: keyof CpuTicks) => Math.max(0, ((now[of] - before[of]) / ticks) * 100);
  const [idle, ioWaitPercent, stealPercent] = [share('idle'), share('ioWait'), share('steal')];
  const cpuPercent = Math.max(0, 100 - idle - ioWaitPercent - stealPercent);
  return { cpuPercent, ioWaitPercent, stealPercent };
}

/** What went on between two instants. */
export function computeRates(before: HostCounters, now: HostCounters): PartialSample {
  const ms = now.atMs - before.atMs;
  if (ms <= 0) return {};
  const rate = (of: Exclude<keyof HostCounters, 'cpu'>) => perSecond(before[of], now[of], ms);
  const daemonMs = rate('daemonCpuMs');
  return {
    ...percentages(before.cpu, now.cpu),
    diskReadBytesPerSecond: rate('diskReadBytes'),
    diskWrittenBytesPerSecond: rate('diskWrittenBytes'),
    netInBytesPerSecond: rate('netInBytes'),
    netOutBytesPerSecond: rate('netOutBytes'),
    daemonCpuPercent: daemonMs === undefined ? undefined : daemonMs / 10,
  };
}

/** What is looked at now and then. */
interface Slow {
  readonly disks: ReadonlySet<string>;
  readonly cards: ReadonlySet<string>;
  readonly figures: PartialSample;
}

function chooseCards(source: SampleSource): ReadonlySet<string> {
  const names = source.list('/sys/class/net').filter((name) => name !== 'lo');
  const cards = names.filter((name) => source.list(`/sys/class/net/${name}/device`).length > 0);
  // In a container, the way out is half of a virtual pair.
  return new Set(cards.length > 0 ? cards : names);
}

function readTimesync(source: SampleSource): PartialSample {
  const names = source.list(TIMESYNC_FOLDER);
  if (names.length === 0) return {};
  return { clockIsSynchronised: names.includes('synchronized') ? 1 : 0 };
}

type DiskCounters = Pick<HostCounters, 'diskReadBytes' | 'diskWrittenBytes'>;
type NetCounters = Pick<HostCounters, 'netInBytes' | 'netOutBytes'>;

function countDisks(text: string | undefined, disks: ReadonlySet<string>): DiskCounters {
  if (text === undefined) return { diskReadBytes: undefined, diskWrittenBytes: undefined };
  const [diskReadBytes, diskWrittenBytes] = sumDiskBytes(text, disks);
  return { diskReadBytes, diskWrittenBytes };
}

function countNetwork(text: string | undefined, cards: ReadonlySet<string>): NetCounters {
  if (text === undefined) return { netInBytes: undefined, netOutBytes: undefined };
  let [netInBytes, netOutBytes] = [0, 0];
  for (const [name, counters] of parseNetDev(text)) {
    if (!cards.has(name)) continue;
    netInBytes += counters[0] ?? 0;
    netOutBytes += counters[8] ?? 0;
  }
  return { netInBytes, netOutBytes };
}

function countAll(source: SampleSource, { disks, cards }: Slow): HostCounters {
  const { user, system } = process.cpuUsage();
  return {
    atMs: source.monotonicMs(),
    cpu: parseCpuTicks(source.read('/proc/stat') ?? ''),
    ...countDisks(source.read('/proc/diskstats'), disks),
    ...countNetwork(source.read('/proc/net/dev'), cards),
    daemonCpuMs: (user + system) / 1000,
  };
}

function takeLevels(source: SampleSource): HostSample {
  const memory = source.memory();
  const processes = source.list('/proc').filter((name) => /^\d+$/.test(name)).length;
  return {
    atMs: source.now(),
    load1: os.loadavg()[0] ?? 0,
    cpus: source.processors(),
    memoryUsedBytes: memory.usedBytes,
    memoryTotalBytes: memory.totalBytes,
    daemonBytes: process.memoryUsage.rss(),
    swapUsedBytes: memory.swapUsedBytes,
    swapTotalBytes: memory.swapTotalBytes,
    ...(processes > 0 ? { processes } : {}),
  };
}

/** What is looked at now and then; the filesystems tell their part a moment later. */
class SlowFigures {
  readonly #source: SampleSource;
  readonly #ask = createMountProbe(askMount);
  #seen: Slow | undefined;
  #atMs = 0;

  constructor(source: SampleSource) {
    this.#source = source;
  }

  /** What was seen last, or is seen now. */
  look(): Slow {
    const nowMs = this.#source.monotonicMs();
    if (this.#seen !== undefined && nowMs - this.#atMs < SLOW_FIGURES_MS) return this.#seen;
    const seen: Slow = {
      disks: chooseDisks(this.#source.list('/sys/block')),
      cards: chooseCards(this.#source),
      figures: { ...this.#seen?.figures, ...readTimesync(this.#source) },
    };
    this.#seen = seen;
    this.#atMs = nowMs;
    this.#findFullest().then(
      (fullest) => Object.assign(seen.figures, fullest),
      // What cannot be read now is tried again, and shown as it was until then.
      () => undefined,
    );
    return seen;
  }

  async #findFullest(): Promise<PartialSample> {
    const mounts = (await readMounts()).filter(isLocalMount);
    return findFullest(await this.#ask(mounts, DISK_MS));
  }
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

/** Takes the figures. Rates are those since the call before; the first one has none. */
export function createSampleProbe(source: SampleSource): () => Promise<HostSample> {
  const slowly = new SlowFigures(source);
  let before: { readonly counters: HostCounters; readonly slow: Slow } | undefined;
  return async () => {
    const slow = slowly.look();
    const counters = countAll(source, slow);
    // A device that is new brings all that it has counted so far: that is no rate.
    const isSame =
      before !== undefined &&
      isSameSet(before.slow.disks, slow.disks) &&
      isSameSet(before.slow.cards, slow.cards);
    const rates = before !== undefined && isSame ? computeRates(before.counters, counters) : {};
    before = { counters, slow };
    return { ...takeLevels(source), ...rates, ...slow.figures };
  };
}
