import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  fingerprintOf,
  judgeHostKey,
  keyTypeOf,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../src/adapters/ssh-known-hosts.ts';

/** A key of a type, as the wire has it; `seed` makes it another one. */
function makeKey(type: string, seed: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.from(seed)]);
}

const ED = makeKey('ssh-ed25519', 'one');
const OTHER_ED = makeKey('ssh-ed25519', 'two');
const RSA = makeKey('ssh-rsa', 'three');

function lineOf(names: string, key: Buffer): string {
  return `${names} ${keyTypeOf(key)} ${key.toString('base64')}`;
}

function hash(name: string, salt = 'a salt of 20 bytes..'): string {
  const digest = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${Buffer.from(salt).toString('base64')}|${digest}`;
}

/** What the lines say of the key that a place shows. */
function judge(lines: readonly string[], key: Buffer, host = 'hall', port = 22) {
  return judgeHostKey(parseKnownHosts(lines.join('\n'), 'FILE').hosts, { host, port }, key);
}

const UNKNOWN = { kind: 'unknown', authority: null, types: [] };

test('a key that is listed under the name is trusted', () => {
  assert.equal(judge([lineOf('hall', ED)], ED), { kind: 'trusted' });
  assert.equal(judge([lineOf('hall', ED)], ED, 'HALL'), { kind: 'trusted' });
  assert.equal(judge([`  ${lineOf('other,Hall,10.0.0.1', ED)} a comment`], ED), {
    kind: 'trusted',
  });
});

test('what is not listed is unknown', () => {
  assert.equal(judge([], ED), UNKNOWN);
  assert.equal(judge(['', '# nothing', lineOf('hall2', ED)], ED), UNKNOWN);
  assert.equal(judge([lineOf('hal', ED), lineOf('hall.', ED)], ED), UNKNOWN);
});

test('another key of the same type is a changed one, and its line is named', () => {
  const lines = ['# a comment', lineOf('hall', ED)];
  assert.equal(judge(lines, OTHER_ED), { kind: 'changed', where: 'line 2 of FILE' });
});

test('a host may have several keys, of one type or of several', () => {
  const lines = [lineOf('hall', ED), lineOf('hall', OTHER_ED), lineOf('hall', RSA)];
  for (const key of [ED, OTHER_ED, RSA]) assert.equal(judge(lines, key), { kind: 'trusted' });
});

test('a key of a type that is not listed is unknown, and the listed types are told', () => {
  assert.equal(judge([lineOf('hall', RSA)], ED), { ...UNKNOWN, types: ['ssh-rsa'] });
  const { hosts } = parseKnownHosts([lineOf('hall', RSA), lineOf('hall', ED)].join('\n'), 'FILE');
  assert.equal(knownKeyTypes(hosts, { host: 'hall', port: 22 }), ['ssh-rsa', 'ssh-ed25519']);
});

test('a hashed name is that name only', () => {
  assert.equal(judge([lineOf(hash('hall'), ED)], ED), { kind: 'trusted' });
  assert.equal(judge([lineOf(hash('hall'), ED)], ED, 'Hall'), { kind: 'trusted' });
  assert.equal(judge([lineOf(hash('hall'), ED)], ED, 'hall2'), UNKNOWN);
  assert.equal(judge([lineOf(hash('[hall]:2222'), ED)], ED, 'hall', 2222), { kind: 'trusted' });
});

test('a port other than 22 has a name of its own', () => {
  assert.is(knownHostName({ host: 'Hall', port: 2222 }), '[hall]:2222');
  assert.is(knownHostName({ host: '::1', port: 22 }), '::1');
  assert.equal(judge([lineOf('[hall]:2222', ED)], ED, 'hall', 2222), { kind: 'trusted' });
  assert.equal(judge([lineOf('[hall]:2222', ED)], ED), UNKNOWN);
  assert.equal(judge([lineOf('[hall]:2222', ED)], ED, 'hall', 2223), UNKNOWN);
});

test('where the port is not listed, the key of the bare name will do', () => {
  assert.equal(judge([lineOf('hall', ED)], ED, 'hall', 2222), { kind: 'trusted' });
  const changed = { kind: 'changed', where: 'line 1 of FILE' };
  assert.equal(judge([lineOf('hall', ED)], OTHER_ED, 'hall', 2222), changed);
  const both = [lineOf('[hall]:2222', OTHER_ED), lineOf('hall', ED)];
  assert.equal(judge(both, ED, 'hall', 2222), changed);
});

test('patterns have stars and question marks, and a negated one excludes', () => {
  assert.equal(judge([lineOf('*', ED)], ED), { kind: 'trusted' });
  assert.equal(judge([lineOf('h?ll', ED)], ED), { kind: 'trusted' });
  assert.equal(judge([lineOf('*.net', ED)], ED, 'hall.example.net'), { kind: 'trusted' });
  assert.equal(judge([lineOf('h*a*l*', ED)], ED), { kind: 'trusted' });
  assert.equal(judge([lineOf('h?', ED)], ED), UNKNOWN);
  assert.equal(judge([lineOf('*,!hall', ED)], ED), UNKNOWN);
  assert.equal(judge([lineOf('!h*,*', ED)], ED), UNKNOWN);
  assert.equal(judge([lineOf('!other', ED)], ED), UNKNOWN);
  assert.equal(judge([lineOf('[*]:2222', ED)], ED, 'hall', 2222), { kind: 'trusted' });
  assert.equal(judge([lineOf('hal.', ED), lineOf('.*', ED), lineOf('[a-z]*', ED)], ED), UNKNOWN);
});

test('a pattern of many stars is compared in no time', () => {
  const pattern = `${'*a'.repeat(200)}b`;
  assert.equal(judge([lineOf(pattern, ED)], ED, 'a'.repeat(5_000)), UNKNOWN);
});

test('a revoked key is refused, wherever else it is listed', () => {
  const lines = [lineOf('hall', ED), `@revoked ${lineOf('*', ED)}`];
  assert.equal(judge(lines, ED), { kind: 'revoked', where: 'line 2 of FILE' });
  assert.equal(judge(lines, OTHER_ED), { kind: 'changed', where: 'line 1 of FILE' });
  const atPort = ['@revoked hall', lineOf('', ED).trim()].join(' ');
  assert.is(judge([atPort, lineOf('[hall]:2222', ED)], ED, 'hall', 2222).kind, 'revoked');
});

test('an authority vouches for nothing here, and is told', () => {
  const authority = `@cert-authority ${lineOf('*', ED)}`;
  assert.equal(judge([authority], ED), { ...UNKNOWN, authority: 'line 1 of FILE' });
  assert.equal(judge([authority, lineOf('hall', RSA)], RSA), { kind: 'trusted' });
});

test('lines that make no sense are passed over and told', () => {
  const broken = [
    'hall',
    'hall ssh-ed25519',
    'hall ssh-ed25519 !!!',
    `hall ssh-rsa ${ED.toString('base64')}`,
    `@unknown ${lineOf('hall', ED)}`,
    '@revoked',
    `|1|x ssh-ed25519 ${ED.toString('base64')}`,
    `|2|YQ==|YQ== ssh-ed25519 ${ED.toString('base64')}`,
    'hall 1024 35 1234567890',
    'hall ssh-ed25519 AAAA',
  ];
  const { hosts, unreadable } = parseKnownHosts([...broken, lineOf('hall', ED)].join('\r\n'), 'F');
  assert.equal(
    unreadable,
    broken.map((_, index) => `line ${index + 1} of F`),
  );
  assert.equal(
    hosts.map((host) => host.where),
    [`line ${broken.length + 1} of F`],
  );
});

test('a fingerprint is the one of ssh-keygen', () => {
  const base64 = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
  // That of github.com, as its makers publish it.
  const wanted = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
  assert.is(fingerprintOf(Buffer.from(base64, 'base64')), wanted);
});

test('any text is read without an error, and trusts nobody that it does not list', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('@revoked ', '@cert-authority ', '|1|', '*', ',', '!', '\n', ' ', '\0'),
    fc.constantFrom(lineOf('hall', OTHER_ED), lineOf(hash('hall'), RSA)),
  );
  const text = fc.array(piece).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, (each) => {
      const { hosts } = parseKnownHosts(each, 'FILE');
      assert.is.not(judgeHostKey(hosts, { host: 'hall', port: 22 }, ED).kind, 'trusted');
    }),
    { numRuns: 1000 },
  );
});

test('any name is found under itself, plain and hashed', () => {
  const name = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,30}$/);
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(name, port, (host, at) => {
      const written = knownHostName({ host, port: at });
      assert.equal(judge([lineOf(written, ED)], ED, host, at), { kind: 'trusted' });
      assert.equal(judge([lineOf(hash(written), ED)], ED, host, at), { kind: 'trusted' });
    }),
  );
});

test.run();
