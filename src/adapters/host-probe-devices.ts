/**
 * Disks and network interfaces, from the attributes that sysfs(5) shows of them. No program is run.
 */
import { access, readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { DiskFacts, DiskType, InterfaceFacts, NetworkFacts } from '../ports/host-probe.ts';
import { listNames, readAttribute, readNumber } from './host-probe-files.ts';
import { parseNameServers, parseNetDev, parseRoutes } from './host-probe-parse.ts';

/** sysfs counts sizes of block devices in these, whatever the device's own sectors are. */
const SECTOR_BYTES = 512;

/** ARPHRD_LOOPBACK of if_arp.h. */
const LOOPBACK_TYPE = 772;

/** Kind of a mapping, by how the identity that its maker gave it begins. */
const MAPPER_TYPES: readonly (readonly [string, DiskType])[] = [
  ['LVM-', 'lvm'],
  ['CRYPT-', 'crypt'],
  ['mpath-', 'multipath'],
];

const NAME_TYPES: readonly (readonly [RegExp, DiskType])[] = [
  [/^loop\d/, 'loop'],
  [/^md/, 'raid'],
  [/^sr\d/, 'rom'],
  [/^zram\d/, 'zram'],
];

function diskType(name: string, mapperUuid: string | null): DiskType {
  if (name.startsWith('dm-')) {
    const found = MAPPER_TYPES.find(([prefix]) => mapperUuid?.startsWith(prefix));
    return found?.[1] ?? 'mapper';
  }
  return NAME_TYPES.find(([pattern]) => pattern.test(name))?.[1] ?? 'disk';
}

async function readPartitions(folder: string): Promise<{ name: string; sizeBytes: number }[]> {
  const partitions: { name: string; sizeBytes: number }[] = [];
  const disk = folder.slice(folder.lastIndexOf('/') + 1);
  for (const name of await listNames(folder)) {
    if (!name.startsWith(disk)) continue;
    if ((await readNumber(`${folder}/${name}/partition`)) === null) continue;
    const sectors = (await readNumber(`${folder}/${name}/size`)) ?? 0;
    partitions.push({ name, sizeBytes: sectors * SECTOR_BYTES });
  }
  return partitions;
}

async function readDisk(folder: string, name: string): Promise<DiskFacts | undefined> {
  const sectors = (await readNumber(`${folder}/size`)) ?? 0;
  if (sectors === 0) return undefined;
  const [model, ownSerial, deviceSerial, label, uuid, rotational, removable, readOnly, partitions] =
    await Promise.all([
      readAttribute(`${folder}/device/model`),
      readAttribute(`${folder}/serial`),
      readAttribute(`${folder}/device/serial`),
      readAttribute(`${folder}/dm/name`),
      readAttribute(`${folder}/dm/uuid`),
      readNumber(`${folder}/queue/rotational`),
      readNumber(`${folder}/removable`),
      readNumber(`${folder}/ro`),
      readPartitions(folder),
    ]);
  return {
    name,
    type: diskType(name, uuid),
    sizeBytes: sectors * SECTOR_BYTES,
    model,
    serial: ownSerial ?? deviceSerial,
    label,
    isRotational: rotational === 1,
    isRemovable: removable === 1,
    isReadOnly: readOnly === 1,
    partitions,
  };
}

/**
 * Block devices below `folder` (/sys/block) that hold anything: empty loops and drives are left
 * out.
 */
export async function readDisks(folder: string): Promise<DiskFacts[]> {
  const names = await listNames(folder);
  const disks = await Promise.all(names.map((name) => readDisk(`${folder}/${name}`, name)));
  return disks.filter((disk) => disk !== undefined);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

type Addresses = ReadonlyMap<string, readonly string[]>;

function readAddresses(): Addresses {
  const addresses = new Map<string, string[]>();
  for (const [name, list] of Object.entries(networkInterfaces())) {
    const texts = (list ?? []).map((each) => each.cidr ?? each.address);
    addresses.set(name, texts);
  }
  return addresses;
}

async function readInterface(
  folder: string,
  name: string,
  addresses: readonly string[],
  counters: readonly number[],
): Promise<InterfaceFacts> {
  const [state, mac, mtuBytes, speed, type, isPhysical] = await Promise.all([
    readAttribute(`${folder}/operstate`),
    readAttribute(`${folder}/address`),
    readNumber(`${folder}/mtu`),
    readNumber(`${folder}/speed`),
    readNumber(`${folder}/type`),
    exists(`${folder}/device`),
  ]);
  const isLoopback = type === LOOPBACK_TYPE;
  return {
    name,
    kind: isLoopback ? 'loopback' : isPhysical ? 'physical' : 'virtual',
    state: state ?? 'unknown',
    mac: isLoopback ? null : mac,
    mtuBytes,
    // -1: the driver does not know.
    megabitsPerSecond: speed !== null && speed > 0 ? speed : null,
    addresses,
    receivedBytes: counters[0] ?? 0,
    receiveErrors: counters[2] ?? 0,
    sentBytes: counters[8] ?? 0,
    sendErrors: counters[10] ?? 0,
  };
}

/** Interfaces below `folder` (/sys/class/net), with the addresses and counters given for them. */
export async function readInterfaces(
  folder: string,
  addresses: Addresses,
  counters: ReadonlyMap<string, readonly number[]>,
): Promise<InterfaceFacts[]> {
  // The folder has a file too, where bonding is loaded.
  const names = (await listNames(folder)).filter((name) => name !== 'bonding_masters');
  return Promise.all(
    names.map((name) =>
      readInterface(`${folder}/${name}`, name, addresses.get(name) ?? [], counters.get(name) ?? []),
    ),
  );
}

/** Interfaces, ways out and name servers of this host. */
export async function readNetwork(): Promise<NetworkFacts> {
  const [dev, route, resolv] = await Promise.all([
    readFile('/proc/net/dev', 'utf8'),
    readAttribute('/proc/net/route'),
    readAttribute('/etc/resolv.conf'),
  ]);
  return {
    interfaces: await readInterfaces('/sys/class/net', readAddresses(), parseNetDev(dev)),
    gateways: parseRoutes(route ?? ''),
    nameServers: parseNameServers(resolv ?? ''),
  };
}
