import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  BUILTIN_SERVICE,
  formatAddress,
  isNodeName,
  isServiceName,
  nodeKeyOf,
  parseAddress,
  parseBroadcast,
  serviceKeyOf,
} from '../../src/protocol/address.ts';
import { Scope } from '../../src/protocol/frame.ts';
import { NAME_LENGTH_MAX } from '../../src/protocol/limits.ts';

const NAMES: readonly (readonly [string, boolean])[] = [
  ['web', true],
  ['web-01.example.net', true],
  ['_x', true],
  ['7', true],
  ['a'.repeat(NAME_LENGTH_MAX), true],
  ['a'.repeat(NAME_LENGTH_MAX + 1), false],
  ['', false],
  ['.', false],
  ['..', false],
  ['-x', false],
  ['x-', false],
  ['.x', false],
  ['x.', false],
  ['a/b', false],
  ['a b', false],
  ['a:b', false],
  ['web\n', false],
  ['*', false],
  ['ü', false],
  ['~x', false],
];

for (const [name, isName] of NAMES) {
  test(`${JSON.stringify(name)} can ${isName ? '' : 'not '}be a node's name`, () => {
    assert.is(isNodeName(name), isName);
  });
}

test('a service may have a tilde in front, and else the names of nodes', () => {
  for (const [name, isName] of NAMES.slice(0, -1)) assert.is(isServiceName(name), isName, name);
  assert.ok(isServiceName('~1f'));
  assert.not.ok(isServiceName('~'));
  assert.not.ok(isServiceName('~~1'));
});

const ADDRESSES: readonly (readonly [string, string | undefined, string?])[] = [
  ['web:clock', 'web', 'clock'],
  ['clock', '', 'clock'],
  ['web:', 'web', BUILTIN_SERVICE],
  ['web:~3', 'web', '~3'],
  ['', undefined],
  [':', undefined],
  [':clock', undefined],
  ['web:clock:x', undefined],
  ['web/clock', undefined],
  ['web: clock', undefined],
  ['~3:clock', undefined],
  ['*', undefined],
  [`${'n'.repeat(64)}:x`, undefined],
];

for (const [text, node, service = ''] of ADDRESSES) {
  const meaning = node === undefined ? 'no address' : `service "${service}" of node "${node}"`;
  test(`"${text}" is ${meaning}`, () => {
    assert.equal(parseAddress(text), node === undefined ? undefined : { node, service });
  });
}

test('an address is read back from its text', () => {
  const node = fc.stringMatching(/^[A-Za-z0-9_]{1,20}$/);
  fc.assert(
    fc.property(fc.option(node, { nil: '' }), node, (name, service) => {
      const address = { node: name, service };
      assert.equal(parseAddress(formatAddress(address)), address);
    }),
  );
});

test('no text makes it throw, and what it takes has names that are allowed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const address = parseAddress(text);
      if (address === undefined) return;
      assert.ok(address.node === '' || isNodeName(address.node));
      assert.ok(isServiceName(address.service));
    }),
    { numRuns: 1000 },
  );
});

test('keys are on the wire: they stay as they are', () => {
  assert.is(serviceKeyOf('test'), 0xba6bd213);
  assert.is(nodeKeyOf('test'), 0x81dc_ba6b_d213);
});

test('no name has the key that means no node or the router itself', () => {
  assert.is(nodeKeyOf(''), 0);
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (name) => {
      const key = nodeKeyOf(name);
      assert.ok(Number.isSafeInteger(key) && key > 0 && key < 2 ** 48);
      assert.ok(serviceKeyOf(name) > 0);
    }),
  );
});

test('a hundred thousand names have as many keys', () => {
  const keys = new Set<number>();
  for (let number = 0; number < 100_000; number++) keys.add(nodeKeyOf(`node-${number}`));
  assert.is(keys.size, 100_000);
});

const BROADCASTS: readonly (readonly [string, number | undefined, string?])[] = [
  ['.', Scope.NODE, ''],
  ['?', Scope.REALM, ''],
  ['*', Scope.EVERYWHERE, ''],
  ['*:clock', Scope.EVERYWHERE, 'clock'],
  ['?:clock', Scope.REALM, 'clock'],
  ['.:clock', Scope.NODE, 'clock'],
  ['*:', undefined],
  ['*:~3', undefined],
  ['*:a:b', undefined],
  ['**', undefined],
  ['web:clock', undefined],
  ['clock', undefined],
  ['', undefined],
];

for (const [text, scope, service] of BROADCASTS) {
  test(`${JSON.stringify(text)} is ${scope === undefined ? 'no' : 'a'} broadcast`, () => {
    const expected = scope === undefined ? undefined : { scope, service };
    assert.equal(parseBroadcast(text), expected);
    if (scope !== undefined) assert.is(parseAddress(text), undefined);
  });
}

test('no text is an address and a broadcast', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('.', '?', '*', ':', 'a', '~') }), (text) => {
      assert.ok(parseAddress(text) === undefined || parseBroadcast(text) === undefined);
    }),
  );
});

test.run();
