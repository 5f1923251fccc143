import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DagentError } from '../../src/protocol/errors.ts';
import { type DagentUrl, formatUrl, isLocalUrl, parseUrl } from '../../src/protocol/url.ts';

const TAKEN: readonly (readonly [string, DagentUrl, string?])[] = [
  ['cd://127.0.0.1:4040', { kind: 'tcp', host: '127.0.0.1', port: 4040 }],
  ['cd://hall.example.net:0', { kind: 'tcp', host: 'hall.example.net', port: 0 }],
  ['cd://[::1]:65535', { kind: 'tcp', host: '::1', port: 65_535 }],
  ['cd://localhost:4040/', { kind: 'tcp', host: 'localhost', port: 4040 }, 'cd://localhost:4040'],
  ['cd:/run/dagent/a b.sock', { kind: 'unix', path: '/run/dagent/a b.sock' }],
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
];

for (const text of REFUSED) {
  test(`"${text}" is E_URL_INVALID, with the reason`, () => {
    assert.throws(
      () => parseUrl(text),
      (error: unknown) => error instanceof DagentError && error.code === 'E_URL_INVALID',
    );
  });
}

test('only a socket in the file system or on loopback is local', () => {
  const isLocal = (text: string) => isLocalUrl(parseUrl(text));
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
