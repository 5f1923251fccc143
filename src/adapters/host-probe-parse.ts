/**
 * Parsers for what Linux says of itself in text: proc(5), os-release(5), passwd(5), login.defs(5).
 */
import type { Account, CpuFacts, MemoryFacts, OsFacts } from '../ports/host-probe.ts';

/** First uid of people when login.defs does not say: the default of shadow-utils. */
const UID_MIN_DEFAULT = 1000;

/** Figures of /proc/meminfo by their names, in bytes. */
function parseMeminfoBytes(text: string): Map<string, number> {
  const bytes = new Map<string, number>();
  for (const [, name = '', kibibytes] of text.matchAll(/^(\w+):\s+(\d+)\s+kB$/gm)) {
    bytes.set(name, Number(kibibytes) * 1024);
  }
  return bytes;
}

/** /proc/meminfo. Kernels before 3.14 have no MemAvailable: free memory and caches stand for it. */
export function parseMeminfo(text: string): MemoryFacts {
  const bytes = parseMeminfoBytes(text);
  const of = (name: string): number => bytes.get(name) ?? 0;
  const cachedBytes = of('Cached') + of('SReclaimable');
  const availableBytes = bytes.get('MemAvailable') ?? of('MemFree') + of('Buffers') + cachedBytes;
  return {
    totalBytes: of('MemTotal'),
    availableBytes,
    usedBytes: of('MemTotal') - availableBytes,
    freeBytes: of('MemFree'),
    buffersBytes: of('Buffers'),
    cachedBytes,
    swapTotalBytes: of('SwapTotal'),
    swapUsedBytes: of('SwapTotal') - of('SwapFree'),
  };
}

/** A value of os-release: a shell assignment, so maybe in quotes, with backslashes. */
function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value.trim());
  return (quoted?.[2] ?? value.trim()).replace(/\\(.)/g, '$1');
}

/** os-release(5), with the defaults that it prescribes. */
export function parseOsRelease(text: string): OsFacts {
  const values = new Map<string, string>();
  for (const [, name = '', value = ''] of text.matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)) {
    values.set(name, unquote(value));
  }
  const name = values.get('NAME') ?? 'Linux';
  return {
    id: values.get('ID') ?? 'linux',
    idLike: (values.get('ID_LIKE') ?? '').split(' ').filter((each) => each !== ''),
    name,
    prettyName: values.get('PRETTY_NAME') ?? name,
    versionId: values.get('VERSION_ID') ?? null,
    codename: values.get('VERSION_CODENAME') ?? null,
  };
}

/** The accounts of passwd(5). Lines that are none (NIS compatibility, comments) are passed over. */
export function parsePasswd(text: string): Account[] {
  const accounts: Account[] = [];
  for (const line of text.split('\n')) {
    const [name = '', , uid = '', gid = '', gecos = '', home = '', shell = ''] = line.split(':');
    if (name === '' || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) continue;
    accounts.push({ name, uid: Number(uid), gid: Number(gid), home, shell, gecos });
  }
  return accounts;
}

/** UID_MIN of login.defs(5). */
export function parseUidMin(text: string): number {
  const found = /^\s*UID_MIN\s+(\d+)/m.exec(text)?.[1];
  return found === undefined ? UID_MIN_DEFAULT : Number(found);
}

/** How many processors a list such as `0-3,8` names; undefined when it is none. */
export function parseCpuListCount(text: string): number | undefined {
  let count = 0;
  for (const part of text.trim().split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? [];
    if (first === undefined) return undefined;
    count += Number(last) - Number(first) + 1;
  }
  return count;
}

/** /proc/cpuinfo: complete on x86; ARM names neither model nor topology, and leaves them null. */
export function parseCpuinfo(text: string): CpuFacts {
  const first = (name: RegExp): string | null => {
    const value = new RegExp(`^(?:${name.source})[ \\t]*:[ \\t]*(.*)$`, 'm').exec(text)?.[1];
    return value === undefined || value === '' ? null : value.trim();
  };
  const sockets = new Set<string>();
  const cores = new Set<string>();
  for (const block of text.split(/\n\s*\n/)) {
    const socket = /^physical id\s*:\s*(\d+)$/m.exec(block)?.[1];
    const core = /^core id\s*:\s*(\d+)$/m.exec(block)?.[1];
    if (socket !== undefined) sockets.add(socket);
    if (socket !== undefined && core !== undefined) cores.add(`${socket}/${core}`);
  }
  const megahertz = first(/cpu MHz|clock/);
  const cacheKibibytes = /^(\d+) KB$/.exec(first(/cache size/) ?? '')?.[1];
  return {
    model: first(/model name|Processor|cpu model|cpu\b/),
    vendor: first(/vendor_id|vendor/),
    processors: [...text.matchAll(/^processor\s*:/gm)].length,
    cores: cores.size === 0 ? null : cores.size,
    sockets: sockets.size === 0 ? null : sockets.size,
    megahertz: megahertz === null ? null : Math.round(Number.parseFloat(megahertz)),
    cacheBytes: cacheKibibytes === undefined ? null : Number(cacheKibibytes) * 1024,
  };
}

/**
 * Ways out in /proc/net/route: default routes that are up, by metric. Addresses are little-endian.
 */
export function parseRoutes(text: string): { address: string; interface: string }[] {
  const routes: { address: string; interface: string; metric: number }[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [name = '', destination, gateway = '', flags = '', , , metric = '', mask] =
      line.split(/\s+/);
    const isUp = (Number.parseInt(flags, 16) & 1) !== 0;
    if (destination !== '00000000' || mask !== '00000000' || !isUp) continue;
    const octets = gateway.match(/../g)?.map((each) => Number.parseInt(each, 16)) ?? [];
    const address = octets.reverse().join('.');
    routes.push({ address, interface: name, metric: Number(metric) });
  }
  return routes
    .sort((a, b) => a.metric - b.metric)
    .map((route) => ({ address: route.address, interface: route.interface }));
}

/** Servers in resolv.conf(5). */
export function parseNameServers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = '']) => address);
}

/** Counters of /proc/net/dev by interface: the sixteen columns of proc(5). */
export function parseNetDev(text: string): Map<string, number[]> {
  const counters = new Map<string, number[]>();
  for (const line of text.split('\n').slice(2)) {
    const [, name, columns = ''] = /^\s*(\S+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) counters.set(name, columns.trim().split(/\s+/).map(Number));
  }
  return counters;
}
