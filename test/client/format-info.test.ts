import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatInfo } from '../../src/client/format-info.ts';
import { FACT_CLASSES } from '../../src/protocol/facts.ts';

const GIB = 1024 ** 3;

/** Sections as text, cells between bars. */
function draw(record: Record<string, unknown>, isFull = false): string[] {
  return formatInfo(record, { isFull }).flatMap(({ title, header, rows }) => [
    `[${title}]`,
    ...(header === undefined ? [] : [header.join('|')]),
    ...rows.map((row) => row.join('|')),
  ]);
}

test('a class is a section of labels and values, what is not known is left out', () => {
  const os = { id: 'debian', versionId: null, prettyName: 'Debian 13', codename: null };
  assert.equal(draw({ node: 'web1', os }), ['[os]', 'system|Debian 13', 'id|debian']);
});

test('memory is told in sizes and shares', () => {
  const memory = {
    totalBytes: 8 * GIB,
    usedBytes: 2 * GIB,
    availableBytes: 6 * GIB,
    cachedBytes: GIB,
    swapTotalBytes: 0,
    swapUsedBytes: 0,
  };
  const [, used, available, , swap] = draw({ memory });
  assert.match(used ?? '', /^used\|2.* GiB of 8.* GiB \(25%\)$/);
  assert.match(available ?? '', /^available\|6.* GiB$/);
  assert.is(swap, 'swap|none');
});

test('filesystems are a table, one that does not answer says so in its row', () => {
  const named = { device: 'd', type: 'ext4', isReadOnly: false };
  const filesystems = [
    {
      ...named,
      mount: '/',
      sizeBytes: 1024,
      usedBytes: 512,
      availableBytes: 512,
      usedPercent: 50,
      inodesTotal: 10,
      inodesUsed: 1,
    },
    {
      ...named,
      mount: '/dead',
      sizeBytes: null,
      error: { code: 'E_PROBE_TIMEOUT', message: 'no' },
    },
  ];
  const [title, header, live, dead] = draw({ filesystems });
  assert.is(title, '[filesystems]');
  assert.is(header, 'MOUNT|SIZE|USED|FREE|USE|INODES|TYPE|DEVICE|NOTES');
  assert.match(live ?? '', /^\/\|1.* KiB\|512 B\|512 B\|50%\|10%\|ext4\|d\|-$/);
  assert.is(dead, '/dead|-|-|-|-|-|ext4|d|no');
});

test('a column that is empty everywhere is left out, and so is an empty table', () => {
  assert.equal(draw({ disks: [{ name: 'sda', type: 'disk' }] }), [
    '[disks]',
    'NAME|TYPE',
    'sda|disk',
  ]);
  assert.equal(draw({ disks: [] }), ['[disks]', 'none|']);
});

const NETWORK = {
  gateways: [{ address: '192.0.2.1', interface: 'eth0' }],
  nameServers: ['192.0.2.53'],
  interfaces: [
    { name: 'eth0', state: 'up', addresses: ['192.0.2.7/24'], receivedBytes: 1, sentBytes: 2 },
    { name: 'veth1', state: 'up', addresses: [], receivedBytes: 1, sentBytes: 2 },
  ],
};

test('interfaces without an address are named only, unless all is asked for', () => {
  assert.equal(draw({ network: NETWORK }), [
    '[network]',
    'gateway|192.0.2.1 by eth0',
    'name servers|192.0.2.53',
    'without address|veth1',
    '[interfaces]',
    'INTERFACE|STATE|ADDRESSES|RECEIVED|SENT',
    'eth0|up|192.0.2.7/24|1 B|2 B',
  ]);
  assert.ok(draw({ network: NETWORK }, true).includes('veth1|up|-|1 B|2 B'));
});

const USERS = {
  which: 'all',
  normalCount: 1,
  systemCount: 2,
  omittedCount: 0,
  accounts: [
    { name: 'root', uid: 0, gid: 0, home: '/root', shell: '/bin/sh', gecos: 'root' },
    { name: 'mail', uid: 8, gid: 8, home: '/', shell: '/usr/sbin/nologin', gecos: 'mail' },
    { name: 'bob', uid: 1000, gid: 1000, home: '/users/bob', shell: '/bin/zsh', gecos: 'Bob,,' },
  ],
  loggedIn: [{ user: 'bob', terminal: 'pts/0', from: null, sinceMs: 0 }],
};

test('accounts that cannot log in are named only, who is logged in is a table', () => {
  assert.equal(draw({ users: USERS }), [
    '[users]',
    'known|1 account, 2 system accounts',
    'without login|mail',
    '[accounts]',
    'ACCOUNT|UID|GID|HOME|SHELL|FULL NAME',
    'root|0|0|/root|/bin/sh|-',
    'bob|1000|1000|/users/bob|/bin/zsh|Bob',
    '[logged in]',
    'USER|TERMINAL|SINCE',
    'bob|pts/0|1970-01-01 00:00 UTC',
  ]);
});

test('accounts that were chosen are all listed', () => {
  const lines = draw({ users: { ...USERS, which: 'system', loggedIn: [] } });
  assert.ok(lines.includes('mail|8|8|/|/usr/sbin/nologin|-'));
  assert.ok(lines.includes('logged in|nobody'));
  const unknown = draw({ users: { ...USERS, loggedIn: null } });
  assert.ok(unknown.includes('logged in|not told by the host'));
});

test('uptime is a duration, the zone of a clock is signed', () => {
  assert.equal(draw({ uptime: { seconds: 90_061, bootedAtMs: 0 } }), [
    '[uptime]',
    'up|1d 1h',
    'since|1970-01-01 00:00 UTC',
  ]);
  const clock = { nowMs: 0, timezone: 'X', utcOffsetMinutes: -210, isSynchronised: false };
  assert.ok(draw({ clock }).includes('zone|X (UTC-03:30)'));
  assert.ok(draw({ clock }).includes('synchronised|NO'));
});

test('a class that failed says why', () => {
  const cpu = { error: { code: 'E_PROBE_TIMEOUT', message: 'too\nlate' } };
  assert.equal(draw({ cpu }), ['[cpu]', 'failed|too\\nlate']);
});

test('a class of a later version is taken apart', () => {
  const record = { gpu: { count: 1, list: [{ name: 'a', deep: { x: { y: 1 } } }] } };
  assert.equal(draw(record), ['[gpu]', 'count|1', 'list.0.name|a', 'list.0.deep.x|{"y":1}']);
});

test('nothing from a node can act on a terminal', () => {
  const evil = '\u001b[2Jx\r\n';
  const record = {
    [evil]: { [evil]: evil },
    kernel: { hostname: evil },
    disks: [{ name: evil, partitions: [{ name: evil }] }],
    network: { interfaces: [{ name: evil, addresses: [evil] }] },
    users: { which: 'all', accounts: [{ name: evil, shell: evil }], loggedIn: [{ user: evil }] },
    environment: { [evil]: evil },
    load: { error: { code: evil } },
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  assert.not.match(draw(record).join(''), /[\x00-\x1f]/);
});

test('facts of any shape can be shown', () => {
  const classes = fc.constantFrom(...FACT_CLASSES, 'other', '__proto__', 'constructor');
  const fields = fc.constantFrom(
    ...['list', 'interfaces', 'accounts', 'loggedIn', 'top', 'partitions', 'addresses', 'error'],
    ...['sinceMs', 'seconds', 'sizeBytes', 'name', 'which', 'graphics', 'utcOffsetMinutes'],
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.anything(),
      fc.array(tie('any')),
      fc.dictionary(fields, tie('any')),
    ),
  })).any;
  const record = fc.dictionary(classes, value);
  const check = (facts: unknown) => {
    // As it comes over a link: what JSON can say.
    const received = JSON.parse(JSON.stringify(facts, (_, v) => (typeof v === 'bigint' ? 1 : v)));
    for (const { title, header, rows } of formatInfo(received)) {
      assert.type(title, 'string');
      const width = header?.length ?? 2;
      assert.ok(rows.every((row) => row.length === width || row[0] === 'none'));
      assert.ok(rows.flat().every((cell) => typeof cell === 'string'));
    }
  };
  fc.assert(fc.property(record, check), { numRuns: 200 });
});

test.run();
