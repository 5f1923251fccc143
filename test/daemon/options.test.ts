import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Home, pathsOf, readJson, resolveHome } from '../../src/adapters/home.ts';
import {
  completeOptions,
  keepConfig,
  readConfig,
  type WantedOptions,
} from '../../src/daemon/options.ts';
import { isNodeName } from '../../src/protocol/address.ts';
import { DagentError, type ErrorCode } from '../../src/protocol/errors.ts';
import {
  CHILDREN_MAX_DEFAULT,
  FILE_SPOOL_BYTES_DEFAULT,
  FILE_SPOOL_BYTES_MAX,
  FILE_SPOOL_BYTES_MIN,
  HOLD_MS_DEFAULT,
  HOLD_MS_MIN,
  MAILBOX_COUNT_MAX,
} from '../../src/protocol/limits.ts';

const PARENT = 'cd://10.0.0.1:4042';
const ID = '0123456789abcdef';
const dir = mkdtempSync(join(tmpdir(), 'options-'));
let homeNumber = 0;

function createHome(...names: readonly string[]): Home {
  const home = resolveHome(join(dir, String(homeNumber++)), {});
  for (const name of names) mkdirSync(pathsOf(home, name).dataDir, { recursive: true });
  return home;
}

function isCode(code: ErrorCode) {
  return (error: unknown) => error instanceof DagentError && error.code === code;
}

test('without any wish a daemon is a root with the name of its host', () => {
  const options = completeOptions({});
  assert.ok(isNodeName(options.name));
  assert.equal(
    { ...options, name: '' },
    {
      name: '',
      role: 'root',
      realm: 'local',
      parents: [],
      peers: [],
      labels: {},
      urls: [],
      listen: [],
      metrics: null,
      holdMs: HOLD_MS_DEFAULT,
      childrenMax: CHILDREN_MAX_DEFAULT,
      mailboxMax: MAILBOX_COUNT_MAX,
      spoolBytesMax: FILE_SPOOL_BYTES_DEFAULT,
      isInsecure: false,
      logFile: null,
      pidFile: null,
      plugins: null,
    },
  );
});

test('with a parent it is an agent, and takes the realm of its parent', () => {
  const { role, realm } = completeOptions({ parents: [PARENT] });
  assert.is(role, 'agent');
  assert.is(realm, null);
});

test('what is wished for is kept', () => {
  const wanted = {
    name: 'web1',
    role: 'leaf',
    realm: 'prod',
    parents: [PARENT, 'cd:/run/other.sock'],
    peers: ['cd://127.0.0.1:4043'],
    labels: { site: 'oslo' },
    urls: ['cd://10.0.0.1:4042'],
    listen: ['cd://127.0.0.1:0', 'cd://[::1]:4042', 'cd:/run/web1.sock'],
    metrics: '[::1]:9464',
    holdMs: HOLD_MS_MIN,
    childrenMax: 3,
    mailboxMax: 5,
    spoolBytesMax: FILE_SPOOL_BYTES_MIN,
    isInsecure: true,
    logFile: '/var/log/web1',
    pidFile: '/run/web1.pid',
    plugins: '/opt/plugins',
  };
  assert.equal(completeOptions(wanted), wanted);
});

const REFUSED: readonly (readonly [WantedOptions, ErrorCode, RegExp])[] = [
  [{ name: 'a b' }, 'E_NAME_INVALID', /^a b cannot/],
  [{ name: '' }, 'E_NAME_INVALID', /cannot be a name/],
  [{ name: '../../etc' }, 'E_NAME_INVALID', /etc cannot/],
  [{ name: 'x'.repeat(64) }, 'E_NAME_INVALID', /cannot be a name/],
  [{ realm: 'a/b' }, 'E_NAME_INVALID', /^a\/b cannot/],
  [{ role: 'boss' }, 'E_USAGE', /^--role is root, agent or leaf, not boss$/],
  [{ role: 'root', parents: [PARENT] }, 'E_USAGE', /^a root has no --parent$/],
  [{ role: 'leaf' }, 'E_USAGE', /^a node of role leaf needs a --parent$/],
  [{ role: 'agent' }, 'E_USAGE', /^a node of role agent needs a --parent$/],
  [{ holdMs: HOLD_MS_MIN - 1 }, 'E_USAGE', /^--hold is at least 300 ms, not 299 ms$/],
  [{ mailboxMax: 0 }, 'E_USAGE', /^--max-mailbox is a number from 1 to/],
  [{ mailboxMax: MAILBOX_COUNT_MAX + 1 }, 'E_USAGE', /^--max-mailbox/],
  [{ spoolBytesMax: FILE_SPOOL_BYTES_MIN - 1 }, 'E_USAGE', /^--max-spool is a size from 512 KiB/],
  [{ spoolBytesMax: FILE_SPOOL_BYTES_MAX + 1 }, 'E_USAGE', /^--max-spool/],
  [{ childrenMax: 0 }, 'E_USAGE', /^--max-children is a number from 1 on/],
  [{ childrenMax: 1.5 }, 'E_USAGE', /^--max-children/],
  [{ parents: ['http://root'] }, 'E_URL_INVALID', /http:\/\/root/],
  [{ metrics: '9464' }, 'E_USAGE', /HOST:PORT/],
  [{ metrics: 'http://x:1' }, 'E_USAGE', /HOST:PORT/],
  [{ metrics: 'localhost:65536' }, 'E_USAGE', /HOST:PORT/],
  [{ metrics: '0.0.0.0:9464' }, 'E_INSECURE', /0\.0\.0\.0:9464 is not on loopback/],
  [{ listen: ['cd://127.0.0.1'] }, 'E_URL_INVALID', /127\.0\.0\.1/],
  [{ listen: ['cd://0.0.0.0:4042'] }, 'E_INSECURE', /not on loopback/],
  [{ listen: ['cd://127.0.0.1:1', 'cd://192.0.2.1:1'] }, 'E_INSECURE', /192\.0\.2\.1/],
];

for (const [wanted, code, message] of REFUSED) {
  test(`${JSON.stringify(wanted).slice(0, 70)} is refused with ${code}`, () => {
    assert.throws(() => completeOptions(wanted), isCode(code));
    assert.throws(() => completeOptions(wanted), message);
  });
}

test('what is not on loopback can be listened on by who says so', () => {
  const listen = ['cd://0.0.0.0:4042'];
  assert.equal(completeOptions({ listen, isInsecure: true }).listen, listen);
});

test('the options of the last start come back, and the id stays for ever', () => {
  const home = createHome('web1');
  const first = completeOptions({ name: 'web1', parents: [PARENT], logFile: '/tmp/log' });
  assert.equal(keepConfig(home, first, ID), { id: ID, options: first });
  assert.equal(readConfig(home, 'web1'), { id: ID, options: first });
  const second = completeOptions({ name: 'web1', realm: 'other' });
  assert.equal(keepConfig(home, second, 'ffffffffffffffff'), { id: ID, options: second });
  assert.equal(readConfig(home, 'web1'), { id: ID, options: second });
});

test('a node that was never started is not known', () => {
  const home = createHome();
  assert.throws(() => readConfig(home, 'web1'), isCode('E_DAEMON_UNKNOWN'));
  assert.throws(() => readConfig(home, '../web1'), isCode('E_NAME_INVALID'));
});

test('an option that an older version did not know has its default', () => {
  const home = createHome('web1');
  const options = { name: 'web1', parents: [PARENT], role: 'leaf' };
  writeFileSync(pathsOf(home, 'web1').config, JSON.stringify({ id: ID, options, more: true }));
  assert.equal(readConfig(home, 'web1').options, completeOptions(options));
});

const BROKEN = ['', '{', 'null', '7', '[]', '{}', '{"id":5,"options":{}}', `{"id":"${ID}"}`]
  .concat(`{"id":"${ID}","options":null}`, '{"id":"../x","options":{}}')
  .concat(`{"id":"${ID}","options":{"parents":7}}`, `{"id":"${ID}","options":{"name":[]}}`);

for (const text of BROKEN) {
  test(`a file with ${text === '' ? 'nothing' : text} says that it is broken`, () => {
    const home = createHome('web1');
    const path = pathsOf(home, 'web1').config;
    writeFileSync(path, text);
    assert.throws(() => readConfig(home, 'web1'), isCode('E_STATE_BROKEN'));
  });
}

for (const text of ['', '{', 'null', '{"id":5}', '{"id":"../x"}']) {
  test(`a start does not write over an identity that it cannot read: ${text}`, () => {
    const home = createHome('web1');
    const path = pathsOf(home, 'web1').config;
    writeFileSync(path, text);
    const options = completeOptions({ name: 'web1' });
    assert.throws(() => keepConfig(home, options, ID), isCode('E_STATE_BROKEN'));
    rmSync(path);
    keepConfig(home, options, ID);
    assert.equal(readJson(path), { id: ID, options });
  });
}

test.after(() => rmSync(dir, { recursive: true, force: true }));
test.run();
