import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { redactEnvironment } from '../../src/services/info-environment.ts';

const SECRET_NAMES = [
  'PGPASSWORD',
  'MYSQL_PWD',
  'GITHUB_TOKEN',
  'githubToken',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'API_KEY',
  'SENTRY_DSN',
  'TLS_PRIVATE',
  'Session.Cookie',
  'KEY',
];
for (const name of SECRET_NAMES) {
  test(`the value of ${name} is kept back`, () => {
    assert.equal(redactEnvironment({ [name]: 'hunter2' }), { [name]: '(redacted)' });
  });
}

for (const name of ['PATH', 'HOME', 'PWD', 'OLDPWD', 'KEYBOARD', 'LANG', 'SPINDLE', 'MONKEY']) {
  test(`the value of ${name} is told`, () => {
    assert.equal(redactEnvironment({ [name]: '/x' }), { [name]: '/x' });
  });
}

const VALUES: readonly (readonly [string, string])[] = [
  ['http://bob:s@cret@proxy:3128/x', 'http://(redacted)@proxy:3128/x'],
  ['https://ghp_abc@github.com', 'https://(redacted)@github.com'],
  ['http://proxy:3128/a@b', 'http://proxy:3128/a@b'],
  ['Server=db;Password=hunter2;Port=1', 'Server=db;Password=(redacted);Port=1'],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc', '(redacted)'],
];
for (const [value, told] of VALUES) {
  test(`of ${JSON.stringify(value)} is told ${JSON.stringify(told)}`, () => {
    assert.equal(redactEnvironment({ X: value }), { X: told });
  });
}

test('names come sorted, and an empty secret is shown to be empty', () => {
  const told = redactEnvironment({ Z: '1', A: '2', TOKEN: '' });
  assert.equal(Object.entries(told), [
    ['A', '2'],
    ['TOKEN', ''],
    ['Z', '1'],
  ]);
});

test('a value that is very long is cut, and says so', () => {
  const { X = '' } = redactEnvironment({ X: 'x'.repeat(5000) });
  assert.ok(X.length < 1100);
  assert.match(X, '(5000 characters)');
});

test('a variable may have any name', () => {
  const environment = Object.fromEntries([['__proto__', 'x']]);
  assert.equal(Object.keys(redactEnvironment(environment)), ['__proto__']);
});

test.run();
