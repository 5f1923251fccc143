/**
 * What is installed, by the program that looks after it: dpkg, rpm, apk or pacman, the first that
 * is there and knows anything. All others of a host (containers, languages) are not its packages.
 */
import type { PackagesFacts } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import { run } from './host-probe-run.ts';

interface Manager {
  readonly name: string;
  readonly argv: readonly string[];
  /** Name, version, and architecture where there may be several of one name. */
  readonly line: RegExp;
}

/** Fields of dpkg-query(1), with tabs between them. */
const DPKG_FIELDS = ['db:Status-Abbrev', 'Package', 'Version', 'Architecture'];
const DPKG_FORMAT = `${DPKG_FIELDS.map((field) => `\${${field}}`).join('\\t')}\\n`;

const MANAGERS: readonly Manager[] = [
  {
    name: 'dpkg',
    argv: ['dpkg-query', '--show', `--showformat=${DPKG_FORMAT}`],
    // The second letter of the status: what is there, whatever is wanted of it.
    line: /^.[iWt].?\t(\S+)\t(\S+)\t(\S+)$/gm,
  },
  {
    name: 'rpm',
    argv: ['rpm', '-qa', '--queryformat', '%{NAME}\\t%{EVR}\\t%{ARCH}\\n'],
    line: /^(\S+)\t(\S+)\t(\S+)$/gm,
  },
  {
    name: 'apk',
    argv: ['apk', 'list', '--installed'],
    line: /^(\S+)-(\d\S*-r\d+) (\S+) /gm,
  },
  { name: 'pacman', argv: ['pacman', '-Q'], line: /^([\w@.+-]+) (\S+)()$/gm },
];

/**
 * What a manager lists, by name. Where a name is there more than once (two architectures, several
 * kernels) the later ones are named with their architecture, then with their version.
 */
export function parsePackages(line: RegExp, text: string): Record<string, string> {
  const installed = new Map<string, string>();
  for (const [, name = '', version = '', arch = ''] of text.matchAll(line)) {
    const names = [name, `${name}:${arch}`, `${name}-${version}:${arch}`];
    const free = names.find((each) => !installed.has(each));
    if (free !== undefined) installed.set(free, version);
  }
  const sorted = [...installed].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted);
}

/** The lines of each manager that is known, for tests. */
export const PACKAGE_LINES: Readonly<Record<string, RegExp>> = Object.fromEntries(
  MANAGERS.map(({ name, line }) => [name, line]),
);

/** The packages of the first manager that has any. Rejects with E_PROBE_FAILED without one. */
export async function readPackages(timeoutMs: number): Promise<PackagesFacts> {
  for (const { name, argv, line } of MANAGERS) {
    const result = await run(argv, { what: 'packages', timeoutMs });
    if (result?.code !== 0) continue;
    const installed = parsePackages(line, result.stdout);
    const count = Object.keys(installed).length;
    if (count > 0) return { manager: name, count, installed };
  }
  const known = MANAGERS.map(({ name }) => name).join(', ');
  const reason = `none of ${known} has packages here`;
  throw new DagentError('E_PROBE_FAILED', { class: 'packages', reason });
}
