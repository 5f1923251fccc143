/**
 * Mounted filesystems. Those on local disks answer at once; those behind a network or a program may
 * never answer, and then take with them whoever asked. So these are asked by a child process each:
 * a dead one costs a child and shows as an error in its own row, while all others are still told.
 */
import { readFile, statfs } from 'node:fs/promises';
import type { FilesystemFacts } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import { createAsk, toProbeError } from './host-probe-bound.ts';
import { run } from './host-probe-run.ts';

export interface Mount {
  /** Major and minor number: equal for all mounts of one filesystem. */
  readonly deviceNumber: string;
  /** What of the filesystem is mounted: `/` is all. */
  readonly root: string;
  readonly mount: string;
  readonly type: string;
  readonly device: string;
  readonly isReadOnly: boolean;
}

/** Blocks and inodes as statfs(2) counts them. */
export interface Capacity {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** Filesystems without a place for anybody's files, or that only show what another one holds. */
const PSEUDO = new Set(
  (
    'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl ' +
    'hugetlbfs mqueue nsfs proc pstore ramfs rpc_pipefs securityfs selinuxfs squashfs sysfs ' +
    'tracefs fuse.gvfsd-fuse fuse.lxcfs fuse.portal fuse.snapfuse'
  ).split(' '),
);

/** Where memory filesystems belong to the system or to containers, not to people. */
const SYSTEM_TMPFS = /^\/(dev|proc|run|sys|var\/lib\/(containers|docker|kubelet))(\/|$)/;

/** What can hang: everything that is answered by another machine or by a program. */
const REMOTE = new RegExp(
  '^(9p|afs|beegfs|ceph|cifs|coda|fuse.*|gfs2?|glusterfs|gpfs|lustre|ncpfs|nfs\\d?|ocfs2|pvfs2|' +
    'smb.*|virtiofs)$',
);

/** Part of a class's time that one filesystem gets: the rest is for telling about the others. */
const SHARE_OF_TIME = 0.8;

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/**
 * /proc/self/mountinfo (proc(5)): device number, root, mount point; after the dash type and source.
 */
export function parseMountinfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [before = '', after] = line.split(' - ');
    if (after === undefined) continue;
    const [, , deviceNumber = '', root = '', mount = '', options = ''] = before.split(' ');
    const [type = '', device = '', superOptions = ''] = after.split(' ');
    mounts.push({
      deviceNumber,
      root: unescapeOctal(root),
      mount: unescapeOctal(mount),
      type,
      device: unescapeOctal(device),
      isReadOnly: [options, superOptions].some((each) => each.split(',').includes('ro')),
    });
  }
  return mounts;
}

/**
 * The mounts people care for: each filesystem once, whole before part, then by the shortest path.
 */
export function selectMounts(mounts: readonly Mount[]): Mount[] {
  const chosen = new Map<string, Mount>();
  for (const mount of mounts) {
    if (PSEUDO.has(mount.type)) continue;
    if (mount.type === 'tmpfs' && SYSTEM_TMPFS.test(mount.mount)) continue;
    // The layers of containers: the filesystem below them is in the list already.
    if (mount.type === 'overlay' && mount.mount !== '/') continue;
    const rival = chosen.get(mount.deviceNumber);
    if (rival === undefined || rank(mount) < rank(rival)) chosen.set(mount.deviceNumber, mount);
  }
  return [...chosen.values()];
}

function rank(mount: Mount): number {
  return mount.mount.length + (mount.root === '/' ? 0 : 1_000_000);
}

/** Sizes from block counts, rounded as `df` does. */
export function toFilesystem(mount: Mount, capacity: Capacity | undefined): FilesystemFacts {
  const { device, mount: path, type, isReadOnly } = mount;
  const named = { device, mount: path, type, isReadOnly };
  if (capacity === undefined) {
    return {
      ...named,
      sizeBytes: null,
      usedBytes: null,
      availableBytes: null,
      usedPercent: null,
      inodesTotal: null,
      inodesUsed: null,
    };
  }
  const used = capacity.blocks - capacity.blocksFree;
  const usable = used + capacity.blocksAvailable;
  // Some filesystems make inodes as they need them, and count none.
  const hasInodes = capacity.inodes > 0;
  return {
    ...named,
    sizeBytes: capacity.blocks * capacity.blockBytes,
    usedBytes: used * capacity.blockBytes,
    availableBytes: capacity.blocksAvailable * capacity.blockBytes,
    usedPercent: usable === 0 ? null : Math.ceil((used / usable) * 100),
    inodesTotal: hasInodes ? capacity.inodes : null,
    inodesUsed: hasInodes ? capacity.inodes - capacity.inodesFree : null,
  };
}

/** How errors name it. */
function nameOf(mount: Mount): string {
  return `filesystem ${mount.mount}`;
}

/** By statfs(2) in a thread of ours. */
async function askHere(mount: Mount): Promise<Capacity> {
  const stats = await statfs(mount.mount);
  return {
    blockBytes: stats.bsize,
    blocks: stats.blocks,
    blocksFree: stats.bfree,
    blocksAvailable: stats.bavail,
    inodes: stats.files,
    inodesFree: stats.ffree,
  };
}

/** By stat(1), which may hang in our place. */
async function askChild(mount: Mount, timeoutMs: number): Promise<Capacity> {
  const what = nameOf(mount);
  const argv = ['stat', '-f', '-c', '%S %b %f %a %c %d', '--', mount.mount];
  const result = await run(argv, { what, timeoutMs });
  const figures = result?.stdout.trim().split(' ').map(Number) ?? [];
  if (figures.length !== 6 || figures.some((each) => Number.isNaN(each))) {
    const reason = result === undefined ? 'no program stat' : `stat exits with ${result.code}`;
    throw new DagentError('E_PROBE_FAILED', { class: what, reason });
  }
  const [blockBytes = 0, blocks = 0, blocksFree = 0, blocksAvailable = 0, inodes = 0, rest = 0] =
    figures;
  return { blockBytes, blocks, blocksFree, blocksAvailable, inodes, inodesFree: rest };
}

/** How one filesystem is asked for its capacity, for tests to stand in for. */
export type AskMount = (mount: Mount, timeoutMs: number) => Promise<Capacity>;

/** Whether what is mounted is on this host, so that it answers at once. */
export function isLocalMount({ type }: Mount): boolean {
  return !REMOTE.test(type);
}

export function askMount(mount: Mount, timeoutMs: number): Promise<Capacity> {
  return isLocalMount(mount) ? askHere(mount) : askChild(mount, timeoutMs);
}

/** A teller of filesystems; rows of those that do not answer carry the error. */
export function createMountProbe(
  asker: AskMount,
): (mounts: readonly Mount[], timeoutMs: number) => Promise<FilesystemFacts[]> {
  const ask = createAsk();
  return (mounts, classTimeoutMs) => {
    const timeoutMs = Math.max(1, Math.floor(classTimeoutMs * SHARE_OF_TIME));
    return Promise.all(
      mounts.map(async (mount) => {
        try {
          const work = (): Promise<Capacity> => asker(mount, timeoutMs);
          return toFilesystem(mount, await ask({ key: nameOf(mount), timeoutMs, work }));
        } catch (cause) {
          const error = toProbeError(nameOf(mount), cause);
          if (!(error instanceof DagentError)) throw error;
          const { code, message } = error;
          return { ...toFilesystem(mount, undefined), error: { code, message } };
        }
      }),
    );
  };
}

/** The mounts of this process that people care for. */
export async function readMounts(): Promise<Mount[]> {
  return selectMounts(parseMountinfo(await readFile('/proc/self/mountinfo', 'utf8')));
}
