/**
 * The direction of imports. The table says which folder may know which; the lists say which package
 * belongs to whom. A line that fails names the file, the import and the reason.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'uvu';
import { type Edge, findCycle, readEdges } from '../scripts/checks/edges.ts';
import { assertNone } from './support/complaints.ts';

interface Rule {
  /** What the folder is for, and so why it may not know more. */
  readonly why: string;
  /** Beginnings of the paths that it may import, besides its own. */
  readonly imports: readonly string[];
  /** Beginnings of the paths that it may load with `import()`, besides those. */
  readonly loads?: readonly string[];
  /** The only packages that it may use; without it, any that the list below allows. */
  readonly packages?: readonly string[];
}

const RULES: Readonly<Record<string, Rule>> = {
  'src/base/': {
    why: 'base is what everyone stands on: it does no I/O, and knows only the version of dagent',
    imports: ['package.json'],
    packages: [],
  },
  'src/protocol/': {
    why: 'protocol is pure: bytes and values, no I/O and no clock',
    imports: ['src/base/'],
    packages: ['msgpackr', 'fastest-levenshtein'],
  },
  'src/router/': {
    why: 'router is a function of state, input and time, so that the simulator can run it',
    imports: ['src/base/', 'src/protocol/'],
    packages: [],
  },
  'src/mailbox/': {
    why: 'mailbox is a function of state, input and time, so that the simulator can run it',
    imports: ['src/base/', 'src/protocol/'],
    packages: [],
  },
  'src/dialects/': {
    why: 'a dialect turns foreign words into ours and back: text and values, no I/O',
    imports: ['src/base/', 'src/protocol/'],
    packages: [],
  },
  'src/plugins/': {
    why: 'plugins is a function of state, input and time: what it wants is done by who drives it',
    // What a plugin reports is kept as what programs report.
    imports: ['src/base/', 'src/protocol/', 'src/series/'],
    packages: [],
  },
  'src/series/': {
    why: 'series are counted and merged by daemons and programs alike: values and time, no I/O',
    imports: ['src/base/', 'src/protocol/'],
    packages: [],
  },
  'src/endpoint/': {
    why: 'endpoint is one end of exchanges as a function, run by daemons and clients alike',
    imports: ['src/base/', 'src/protocol/'],
    packages: [],
  },
  'src/files/': {
    why: 'files are copied by daemons and programs alike, through ports; it does no I/O itself',
    imports: ['src/base/', 'src/protocol/', 'src/ports/', 'src/endpoint/'],
    // A hash is a function of bytes.
    packages: ['node:crypto', 'node:path'],
  },
  'src/ports/': {
    why: 'ports only name what the core needs of the world; adapters provide it',
    imports: ['src/base/', 'src/protocol/'],
    packages: [],
  },
  'src/services/': {
    why: 'services reach the world through ports, so that they can be tested without it',
    // Mailboxes and plugins are driven by services, as the router is by the daemon.
    imports: [
      'src/base/',
      'src/protocol/',
      'src/ports/',
      'src/endpoint/',
      'src/mailbox/',
      'src/plugins/',
      'src/series/',
      'src/files/',
    ],
  },
  'src/adapters/': {
    why: 'adapters do I/O for others and decide nothing: they know ports, not who uses them',
    imports: ['src/base/', 'src/protocol/', 'src/ports/'],
  },
  'src/daemon/': {
    why: 'daemon puts the parts together; what talks to a daemon is not one of them',
    imports: [
      'src/base/',
      'src/protocol/',
      'src/router/',
      'src/mailbox/',
      'src/endpoint/',
      'src/ports/',
      'src/series/',
      'src/services/',
      'src/adapters/',
    ],
  },
  'src/client/': {
    why: 'client is the library of other programs: it must stay small, and knows no daemon inside',
    imports: [
      'src/base/',
      'src/protocol/',
      'src/ports/',
      'src/endpoint/',
      // What the program reports gathers here before it is sent.
      'src/series/',
      // The way to a daemon: where it listens, and what carries us there.
      'src/adapters/home.ts',
      'src/adapters/transport.ts',
      // Direct connections between programs: where they meet, and when to give up.
      'src/adapters/direct-socket.ts',
      'src/adapters/system-clock.ts',
      // Files of this host that are copied to nodes, or from them.
      'src/files/',
      'src/adapters/file-system.ts',
      'src/adapters/accounts.ts',
      // What a daemon lets its host know without being asked.
      'src/adapters/name-map.ts',
      // Which durable messages a service has done, across its own crash.
      'src/adapters/window-file.ts',
    ],
  },
  'src/tui/': {
    why: 'the screens are an ordinary client',
    imports: ['src/base/', 'src/client/', 'src/protocol/'],
  },
  'src/commands/': {
    why: 'a command parses, makes one call of the client, and renders',
    // The commands about daemons name the home that they are in.
    imports: [
      'src/base/',
      'src/client/',
      'src/protocol/',
      'src/dialects/',
      'src/cli/',
      'src/adapters/home.ts',
    ],
    // Loading Ink, or all of a daemon, costs more than most commands take altogether.
    loads: ['src/tui/', 'src/daemon/'],
  },
  'src/cli/': {
    why: 'cli is what the commands share; like them it meets daemons through the client',
    imports: ['src/base/', 'src/client/', 'src/protocol/', 'src/adapters/home.ts'],
    loads: ['src/commands/'],
  },
  'src/cli/top-memory.ts': {
    why: 'two `top` that end at once change what the home remembers one after the other',
    imports: [
      ...['src/base/', 'src/protocol/'],
      ...['src/adapters/home.ts', 'src/adapters/shared-memory.ts'],
    ],
  },
  'src/cli/exec-log-dir.ts': {
    why: '`exec --log-dir` makes its directory as a daemon makes those of its own',
    imports: ['src/base/', 'src/protocol/', 'src/cli/', 'src/adapters/files.ts'],
  },
  'src/cli/local-info.ts': {
    why: '`info --local` answers without a daemon, by the very code that a daemon runs',
    imports: ['src/base/', 'src/protocol/', 'src/adapters/host-probe.ts', 'src/services/info.ts'],
  },
  'src/cli/shell-reply.ts': {
    why: '`listen --reply` runs a command for each message: that is all it may reach beyond',
    imports: ['src/base/', 'src/client/', 'src/protocol/', 'src/adapters/shell.ts'],
  },
  'src/main.ts': {
    why: 'the entry must start fast: it loads what it needs when it knows what that is',
    imports: ['src/base/', 'src/protocol/'],
    loads: ['src/'],
  },
  'test/e2e/': {
    why: 'an end-to-end test meets the built binary only, as its users do',
    imports: ['test/support/'],
  },
  'examples/': {
    why: 'an example shows what a program of somebody else can do',
    imports: ['src/client/index.ts'],
  },
};

/** Packages that belong to some folders of src only. */
const PACKAGES: Readonly<Record<string, { only: readonly string[]; why: string }>> = {
  react: { only: ['src/tui/'], why: 'it takes long to load: screens only' },
  ink: { only: ['src/tui/'], why: 'it takes long to load: screens only' },
  '@oclif/core': {
    only: ['src/commands/', 'src/cli/', 'src/main.ts'],
    why: 'what is below the commands serves programs that have no command line',
  },
  'cli-table3': { only: ['src/cli/'], why: 'tables are for the reader of a command' },
  'string-width': { only: ['src/cli/', 'src/tui/'], why: 'widths are those of a terminal' },
  systeminformation: {
    only: ['src/adapters/'],
    why: 'facts of the host come through a port, so that tests need no particular host',
  },
  ssh2: { only: ['src/adapters/'], why: 'connections are made by adapters' },
  pino: { only: ['src/adapters/', 'src/daemon/'], why: 'others log through a port' },
  msgpackr: { only: ['src/protocol/pack.ts'], why: 'its options are part of the protocol' },
  'node:net': { only: ['src/adapters/'], why: 'sockets are opened by adapters' },
  'node:tls': { only: ['src/adapters/'], why: 'sockets are opened by adapters' },
  'node:dgram': { only: ['src/adapters/'], why: 'sockets are opened by adapters' },
  'node:http': { only: ['src/adapters/'], why: 'sockets are opened by adapters' },
  'node:child_process': {
    // A daemon outlives who starts it; the demo runs the built commands, as a user does.
    only: ['src/adapters/', 'src/daemon/control.ts', 'src/cli/demo.ts'],
    why: 'processes are started by an adapter, which knows how to end all of a group',
  },
};

const root = resolve(import.meta.dirname, '..');
const edges = readEdges(root, ['src/**/*.{ts,tsx}', 'test/e2e/**/*.ts', 'examples/**/*.ts']);

function isBelow(path: string, beginnings: readonly string[]): boolean {
  return beginnings.some((beginning) => path.startsWith(beginning));
}

function describe({ file, line, specifier }: Edge, why: string): string {
  return `${file}:${line} imports ${specifier}: ${why}`;
}

function ruleOf(file: string): [string, Rule] | undefined {
  const matching = Object.entries(RULES).filter(([beginning]) => file.startsWith(beginning));
  return matching.sort(([a], [b]) => b.length - a.length)[0];
}

test('the direction of imports follows the table', () => {
  const wrong = edges.flatMap((edge) => {
    const [folder, rule] = ruleOf(edge.file) ?? [];
    if (edge.isPackage || folder === undefined || rule === undefined) return [];
    const loads = edge.isDynamic ? (rule.loads ?? []) : [];
    const isAllowed = isBelow(edge.target, [folder, ...rule.imports, ...loads]);
    return isAllowed ? [] : [describe(edge, rule.why)];
  });
  assertNone(wrong);
});

test('every line of the table is about something that is there', () => {
  const empty = Object.keys(RULES).filter((beginning) => !existsSync(resolve(root, beginning)));
  assertNone(empty.map((beginning) => `${beginning} is not there`));
});

test('every folder of src has a line in the table', () => {
  const strays = edges
    .filter(({ file }) => ruleOf(file) === undefined)
    .map(({ file }) => `${file}: its folder is not in the table of this test`);
  assertNone([...new Set(strays)]);
});

test('a pure folder uses only the packages that its line names', () => {
  const wrong = edges.flatMap((edge) => {
    const [, rule] = ruleOf(edge.file) ?? [];
    const isForeign = rule?.packages !== undefined && !rule.packages.includes(edge.target);
    return edge.isPackage && isForeign ? [describe(edge, rule.why)] : [];
  });
  assertNone(wrong);
});

test('a package is used by the folders that it belongs to', () => {
  const wrong = edges.flatMap((edge) => {
    const entry = Object.hasOwn(PACKAGES, edge.target) ? PACKAGES[edge.target] : undefined;
    if (!edge.file.startsWith('src/') || entry === undefined) return [];
    return isBelow(edge.file, entry.only) ? [] : [describe(edge, entry.why)];
  });
  assertNone(wrong);
});

test('ssh is loaded by who dials through it, and by nobody else', () => {
  const isOfSsh = (path: string) => path.startsWith('src/adapters/ssh-') || path === 'ssh2';
  const wrong = edges.filter(
    ({ file, target, isDynamic }) => isOfSsh(target) && !isOfSsh(file) && !isDynamic,
  );
  assertNone(wrong.map((edge) => describe(edge, 'it takes long to load: say import()')));
});

test('the modules of Node are named by their whole name', () => {
  const bare = new Set(['fs', 'net', 'path', 'os', 'crypto', 'child_process', 'util', 'stream']);
  const wrong = edges.filter(({ target, isPackage }) => isPackage && bare.has(target));
  assertNone(wrong.map((edge) => describe(edge, `say node:${edge.target}`)));
});

test('every imported file is there', () => {
  const wrong = edges.filter(
    ({ target, isPackage }) => !isPackage && !existsSync(resolve(root, target)),
  );
  assertNone(wrong.map((edge) => describe(edge, 'there is no such file')));
});

test('no two files need each other to load', () => {
  const cycle = findCycle(edges);
  assertNone(cycle === undefined ? [] : [cycle.join(' -> ')]);
});

test.run();
