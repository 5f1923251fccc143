import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import {
  type DagentUrl,
  formatUrl,
  isLocalUrl,
  parseStreamUrl,
  parseUrl,
} from '../../src/protocol/url.ts';

const TAKEN: readonly (readonly [string, DagentUrl, string?])[] = [
  ['cd://127.0.0.1:4040', { kind: 'tcp', host: '127.0.0.1', port: 4040 }],
  ['cd://hall.example.net:0', { kind: 'tcp', host: 'hall.example.net', port: 0 }],
  ['cd://[::1]:65535', { kind: 'tcp', host: '::1', port: 65_535 }],
  ['cd://localhost:4040/', { kind: 'tcp', host: 'localhost', port: 4040 }, 'cd://localhost:4040'],
  ['cd:/run/dagent/a b.sock', { kind: 'unix', path: '/run/dagent/a b.sock' }],
  ['ssh://hall/run/x', { kind: 'ssh', user: null, host: 'hall', port: 22, path: '/run/x' }],
  [
    'ssh://ops_2@Hall.example.net:2222/run/a b@c:1.sock',
    { kind: 'ssh', user: 'ops_2', host: 'Hall.example.net', port: 2222, path: '/run/a b@c:1.sock' },
  ],
  [
    'ssh://ops@[::1]:22//x',
    { kind: 'ssh', user: 'ops', host: '::1', port: 22, path: '//x' },
    'ssh://ops@[::1]//x',
  ],
];

for (const [text, url, canonical = text] of TAKEN) {
  test(`${text} is understood, and written as ${canonical}`, () => {
    assert.equal(parseUrl(text), url);
    assert.is(formatUrl(url), canonical);
  });
}

const REFUSED = [
  '',
  'cd:',
  'cd://',
  'cd://host',
  'cd://host:',
  'cd://:4040',
  'cd://host:65536',
  'cd://host:port',
  'cd://::1:4040',
  'cd://host:1:2',
  'cd://host:4040/path',
  'cd:relative/path',
  'cds://host:4043',
  'http://host:80',
  'host:4040',
  ' cd:/run/x',
  'ssh:',
  'ssh://',
  'ssh:///run/x',
  'ssh:/run/x',
  'ssh://hall',
  'ssh://hall/',
  'ssh://hall:22',
  'ssh://hall:/run/x',
  'ssh://hall:0/run/x',
  'ssh://hall:65536/run/x',
  'ssh://hall:1:2/run/x',
  'ssh://::1/run/x',
  'ssh://[hall]/run/x',
  'ssh://[127.0.0.1]/run/x',
  'ssh://@hall/run/x',
  'ssh://a@b@hall/run/x',
  'ssh://user:secret@hall/run/x',
  'ssh://-oProxyCommand=x/run/x',
  'ssh://-lroot@hall/run/x',
  'ssh://a;b/run/x',
  'ssh://$(id)@hall/run/x',
  'ssh://hall/run/\n',
  'ssh://hall\n/run/x',
  'ssh://ha ll/run/x',
];

for (const text of REFUSED) {
  test(`"${text}" is E_URL_INVALID, with the reason`, () => {
    assert.throws(
      () => parseUrl(text),
      (error: unknown) => error instanceof DagentError && error.code === 'E_URL_INVALID',
    );
  });
}

test('what could be taken for an option of ssh is refused for that', () => {
  for (const url of ['ssh://-v/run/x', 'ssh://-l@hall/run/x']) {
    const isRefused = (error: unknown) =>
      error instanceof DagentError && /begins with "-"/.test(String(error.values.reason));
    assert.throws(() => parseUrl(url), isRefused);
  }
});

test('through ssh can be dialled, not listened', () => {
  assert.throws(
    () => parseStreamUrl('ssh://hall/run/x'),
    (error: unknown) => error instanceof DagentError && error.code === 'E_URL_INVALID',
  );
});

test('only a socket in the file system or on loopback is local', () => {
  const isLocal = (text: string) => isLocalUrl(parseStreamUrl(text));
  assert.ok(isLocal('cd:/run/x'));
  assert.ok(isLocal('cd://127.1.2.3:1'));
  assert.ok(isLocal('cd://localhost:1'));
  assert.ok(isLocal('cd://[::1]:1'));
  assert.not.ok(isLocal('cd://0.0.0.0:1'));
  assert.not.ok(isLocal('cd://[::]:1'));
  assert.not.ok(isLocal('cd://127.0.0.1.example.net:1'));
  assert.not.ok(isLocal('cd://localhost.example.net:1'));
});

test('any text is either a URL that is read back, or E_URL_INVALID', () => {
  const text = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.string().map((rest) => `cd://${rest}`),
    fc.string({ unit: fc.constantFrom(...'ssh://@[]:.-/2a') }).map((rest) => `ssh://${rest}`),
  );
  fc.assert(
    fc.property(text, (each) => {
      try {
        const url = parseUrl(each);
        assert.equal(parseUrl(formatUrl(url)), url);
      } catch (error) {
        assert.ok(error instanceof DagentError && error.code === 'E_URL_INVALID');
      }
    }),
    { numRuns: 1000 },
  );
});

test.run();
