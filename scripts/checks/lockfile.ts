/** What package-lock.json must have for packages that exist once per platform. */

/** One package of a lockfile, as far as it matters here. */
interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lockfile {
  readonly packages: Record<string, LockedPackage>;
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64'];

/** The platform that a package's name tells; npm installs it there only. */
function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> | undefined {
  const words = name.split(/[-/]/);
  const os = SYSTEMS.find((each) => words.includes(each));
  const cpu = PROCESSORS.find((each) => words.includes(each));
  if (os === undefined || cpu === undefined) return undefined;
  const isMusl = words.some((word) => word.startsWith('musl'));
  return { os: [os], cpu: [cpu], ...(isMusl ? { libc: ['musl'] } : {}) };
}

/** The packages that are asked for by exact version, per platform, and have no place: with it. */
export function findIncomplete(lockfile: Lockfile): [string, LockedPackage][] {
  const missing: [string, LockedPackage][] = [];
  for (const { optionalDependencies = {}, dev } of Object.values(lockfile.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const place = `node_modules/${name}`;
      const platform = platformOf(name);
      if (lockfile.packages[place] !== undefined || platform === undefined) continue;
      missing.push([place, { version, ...(dev ? { dev } : {}), optional: true, ...platform }]);
    }
  }
  return missing;
}
