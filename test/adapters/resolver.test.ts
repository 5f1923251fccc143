import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createResolver, findInHosts, resolveUrl } from '../../src/adapters/resolver.ts';
import { DagentError } from '../../src/protocol/errors.ts';

const HOSTS = `
# local names
127.0.0.1   localhost
::1         localhost ip6-localhost
10.0.0.9    hub.example hub  # the new one
10.0.0.1    hub.example
fe80::1     Hub.Example
10.0.0.9    hub.example
10.0.0.300  hub.example
`;

/** A resolver with that file, and a system that knows what is in `names`. */
function create(names: Readonly<Record<string, readonly string[]>>) {
  return createResolver({
    readHosts: () => HOSTS,
    lookup: async (host) => {
      const found = names[host];
      if (found !== undefined) return found;
      throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    },
  });
}

async function failureOf(resolving: Promise<unknown>): Promise<DagentError> {
  const thrown = await resolving.catch((error: unknown) => error);
  assert.instance(thrown, DagentError);
  return thrown as DagentError;
}

test('a file of hosts may have several lines for a name: all of them count, in their order', () => {
  assert.equal(findInHosts(HOSTS, 'hub.example'), ['10.0.0.9', '10.0.0.1', 'fe80::1']);
  assert.equal(findInHosts(HOSTS, 'HUB'), ['10.0.0.9']);
  assert.equal(findInHosts(HOSTS, 'new'), []);
  assert.equal(findInHosts('', 'localhost'), []);
});

test('a name in the file is not looked for elsewhere', async () => {
  const urls = await create({ 'hub.example': ['192.0.2.1'] })('cd://hub.example:4042', 1_000);
  assert.equal(urls, ['cd://10.0.0.9:4042', 'cd://10.0.0.1:4042', 'cd://[fe80::1]:4042']);
});

test('another name has the addresses that the system knows, in its order, each once', async () => {
  const resolve = create({ other: ['2001:db8::1', '192.0.2.2', '192.0.2.1', '192.0.2.2'] });
  const urls = await resolve('cd://other:1', 1_000);
  assert.equal(urls, ['cd://[2001:db8::1]:1', 'cd://192.0.2.2:1', 'cd://192.0.2.1:1']);
});

test('an address, a socket and what goes through ssh stand for themselves', async () => {
  for (const url of ['cd://10.0.0.1:1', 'cd://[::1]:1', 'cd:/run/x', 'ssh://hub.example/run/x']) {
    assert.equal(await create({})(url, 1_000), [url]);
  }
});

test('a name without an address is an error that names it', async () => {
  const { code, values } = await failureOf(create({})('cd://nowhere:1', 1_000));
  assert.is(code, 'E_CONNECT');
  assert.equal(values, { url: 'cd://nowhere:1', reason: 'the host name has no address' });
});

test('a resolver that does not answer is not waited for', async () => {
  const resolve = createResolver({ readHosts: () => '', lookup: () => new Promise(() => {}) });
  const { values } = await failureOf(resolve('cd://nowhere:1', 5));
  assert.is(values.reason, 'no address within 5 ms');
});

test('localhost is found on this host', async () => {
  const urls = await resolveUrl('cd://localhost:7', 5_000);
  assert.ok(urls.includes('cd://127.0.0.1:7') || urls.includes('cd://[::1]:7'));
});

test.run();
