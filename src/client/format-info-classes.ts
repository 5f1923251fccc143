/** How the facts of each class are shown. */
import { formatDuration } from '../base/duration.ts';
import { disks, filesystems, network } from './format-info-devices.ts';
import {
  bytes,
  type Cell,
  count,
  type Fields,
  type Format,
  flagOf,
  isFields,
  joined,
  listOf,
  megahertz,
  moment,
  numberOf,
  pairs,
  percent,
  share,
  table,
  textOf,
  textsOf,
} from './format-info-fields.ts';

/** Shells of accounts that are no way in. */
const NO_LOGIN = /\/(false|halt|nologin|shutdown|sync)$/;

const kernel: Format = (facts) => [
  pairs('kernel', [
    ['hostname', textOf(facts, 'hostname')],
    ['kernel', [textOf(facts, 'name'), textOf(facts, 'release')]],
    ['build', textOf(facts, 'version')],
    ['machine', textOf(facts, 'machine')],
  ]),
];

const os: Format = (facts) => [
  pairs('os', [
    ['system', textOf(facts, 'prettyName') ?? textOf(facts, 'name')],
    ['id', [textOf(facts, 'id'), textOf(facts, 'versionId')]],
    ['codename', textOf(facts, 'codename')],
  ]),
];

const hardware: Format = (facts) => {
  const modules = listOf(facts, 'memoryModules').map((module): [string, Cell] => [
    'memory',
    [
      bytes(numberOf(module, 'sizeBytes')),
      textOf(module, 'type'),
      megahertz(numberOf(module, 'megahertz')),
      textOf(module, 'slot'),
    ],
  ]);
  const section = pairs('hardware', [
    ['model', [textOf(facts, 'vendor'), textOf(facts, 'model'), textOf(facts, 'version')]],
    ['serial', textOf(facts, 'serial')],
    ['chassis', textOf(facts, 'chassis')],
    ['board', textOf(facts, 'board')],
    ['firmware', textOf(facts, 'firmware')],
    ...modules,
    ...textsOf(facts, 'graphics').map((each): [string, Cell] => ['graphics', each]),
  ]);
  return [
    section.rows.length > 0 ? section : pairs('hardware', [['model', 'not told by the host']]),
  ];
};

const virtualization: Format = (facts) => [
  pairs('virtualization', [
    ['machine', flagOf(facts, 'isVirtual') ? ['virtual', textOf(facts, 'hypervisor')] : 'physical'],
    ['container', textOf(facts, 'container')],
  ]),
];

const cpu: Format = (facts) => {
  const cores = count(numberOf(facts, 'cores'), 'core');
  const where = joined([cores, count(numberOf(facts, 'sockets'), 'socket')], ', ');
  return [
    pairs('cpu', [
      ['model', textOf(facts, 'model')],
      ['processors', [numberOf(facts, 'processors'), where === null ? null : `(${where})`]],
      ['clock', megahertz(numberOf(facts, 'megahertz'))],
      ['cache', bytes(numberOf(facts, 'cacheBytes'))],
    ]),
  ];
};

const memory: Format = (facts) => {
  const swapTotal = numberOf(facts, 'swapTotalBytes');
  const swap = swapTotal === 0 ? 'none' : share(numberOf(facts, 'swapUsedBytes'), swapTotal);
  return [
    pairs('memory', [
      ['used', share(numberOf(facts, 'usedBytes'), numberOf(facts, 'totalBytes'))],
      ['available', bytes(numberOf(facts, 'availableBytes'))],
      ['cached', bytes(numberOf(facts, 'cachedBytes'))],
      ['swap', swap],
    ]),
  ];
};

function accountRow(account: Fields): Cell[] {
  const gecos = textOf(account, 'gecos')?.replace(/,+$/, '') ?? null;
  return [
    textOf(account, 'name'),
    numberOf(account, 'uid'),
    numberOf(account, 'gid'),
    textOf(account, 'home'),
    textOf(account, 'shell'),
    gecos === textOf(account, 'name') ? null : gecos,
  ];
}

function loginRow(login: Fields): Cell[] {
  const { user, terminal, from } = login;
  return [user, terminal, from]
    .map((each) => (typeof each === 'string' ? each : null))
    .concat([moment(numberOf(login, 'sinceMs'))]);
}

const users: Format = (facts, { isFull }) => {
  const all = listOf(facts, 'accounts');
  const isGlance = !isFull && facts.which === 'all';
  const shown = all.filter((each) => !isGlance || !NO_LOGIN.test(textOf(each, 'shell') ?? ''));
  const others = all.filter((each) => !shown.includes(each)).map((each) => textOf(each, 'name'));
  const omitted = numberOf(facts, 'omittedCount') ?? 0;
  const logins = listOf(facts, 'loggedIn');
  const isKnown = Array.isArray(facts.loggedIn);
  const counts = [
    count(numberOf(facts, 'normalCount'), 'account'),
    count(numberOf(facts, 'systemCount'), 'system account'),
  ];
  const summary = pairs('users', [
    ['known', joined(counts, ', ')],
    ['without login', others],
    ['not listed', omitted === 0 ? null : omitted],
    ['logged in', logins.length > 0 ? null : isKnown ? 'nobody' : 'not told by the host'],
  ]);
  const header = ['ACCOUNT', 'UID', 'GID', 'HOME', 'SHELL', 'FULL NAME'];
  const sections = [summary, table('accounts', header, shown.map(accountRow))];
  if (logins.length === 0) return sections;
  const loginHeader = ['USER', 'TERMINAL', 'FROM', 'SINCE'];
  return [...sections, table('logged in', loginHeader, logins.map(loginRow))];
};

const load: Format = (facts) => {
  const averages = ['one', 'five', 'fifteen'].map((name) => numberOf(facts, name)?.toFixed(2));
  const processors = count(numberOf(facts, 'processors'), 'processor');
  return [
    pairs('load', [
      ['1, 5, 15 minutes', averages.map((each) => each ?? null)],
      ['on', processors],
    ]),
  ];
};

const uptime: Format = (facts) => {
  const seconds = numberOf(facts, 'seconds');
  return [
    pairs('uptime', [
      ['up', seconds === null ? null : formatDuration(seconds * 1000)],
      ['since', moment(numberOf(facts, 'bootedAtMs'))],
    ]),
  ];
};

const processes: Format = (facts) => {
  const states = ['running', 'blocked', 'zombies'].map((state) =>
    joined([String(numberOf(facts, state) ?? '?'), state], ' '),
  );
  const rows = listOf(facts, 'top').map((each): Cell[] => [
    numberOf(each, 'pid'),
    textOf(each, 'user'),
    percent(numberOf(each, 'cpuPercent')),
    bytes(numberOf(each, 'memoryBytes')),
    textOf(each, 'name'),
  ]);
  return [
    pairs('processes', [
      ['count', numberOf(facts, 'count')],
      ['threads', numberOf(facts, 'threads')],
      ['states', joined(states, ', ')],
    ]),
    table('busiest', ['PID', 'USER', 'CPU', 'MEMORY', 'NAME'], rows),
  ];
};

const packages: Format = (facts) => {
  const installed = isFields(facts.installed) ? facts.installed : {};
  const rows = Object.keys(installed).map((name): Cell[] => [name, textOf(installed, name)]);
  return [
    pairs('packages', [
      ['installed', numberOf(facts, 'count')],
      ['by', textOf(facts, 'manager')],
    ]),
    table('installed', ['PACKAGE', 'VERSION'], rows),
  ];
};

/** Whether somebody would look for a service: it runs, it should, or it failed. */
function isNotable(unit: Fields): boolean {
  const state = textOf(unit, 'state');
  return flagOf(unit, 'isEnabled') === true || (state !== 'inactive' && state !== null);
}

const services: Format = (facts, { isFull }) => {
  const units = isFields(facts.units) ? facts.units : {};
  const all = Object.entries(units).filter((entry): entry is [string, Fields] =>
    isFields(entry[1]),
  );
  const shown = all.filter(([, unit]) => isFull || isNotable(unit));
  const rows = shown.map(([name, unit]): Cell[] => {
    const isEnabled = flagOf(unit, 'isEnabled');
    const start = isEnabled === null ? null : isEnabled ? 'with the system' : 'no';
    return [name, textOf(unit, 'state'), textOf(unit, 'detail'), start];
  });
  const left = all.length - shown.length;
  return [
    pairs('services', [
      ['by', textOf(facts, 'manager')],
      ['not listed', left === 0 ? null : `${left} that are inactive and not enabled`],
    ]),
    table('units', ['SERVICE', 'STATE', 'DETAIL', 'STARTS'], rows),
  ];
};

const clock: Format = (facts) => {
  const minutes = numberOf(facts, 'utcOffsetMinutes');
  const isKept = flagOf(facts, 'isSynchronised');
  const source = textOf(facts, 'source');
  const told = isKept === null ? 'not told by the host' : isKept ? 'yes' : 'NO';
  return [
    pairs('clock', [
      ['time', moment(numberOf(facts, 'nowMs'))],
      ['zone', [textOf(facts, 'timezone'), minutes === null ? null : `(UTC${offset(minutes)})`]],
      ['synchronised', [told, source === null ? null : `(${source})`]],
      ['clocksource', textOf(facts, 'clocksource')],
    ]),
  ];
};

/** `+05:30`. */
function offset(minutes: number): string {
  const two = (amount: number): string => String(Math.floor(amount)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

const environment: Format = (facts) => [
  pairs(
    'environment',
    Object.keys(facts).map((name): [string, Cell] => [name, textOf(facts, name)]),
  ),
];

export const FORMATS: Readonly<Record<string, Format>> = {
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
