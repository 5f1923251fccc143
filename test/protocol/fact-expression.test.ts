import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DagentError } from '../../src/protocol/errors.ts';
import {
  classesOf,
  type FactMatch,
  matchFacts,
  parseFactExpression,
  parseFactMatch,
} from '../../src/protocol/fact-expression.ts';
import { EXPRESSION_LENGTH_MAX } from '../../src/protocol/limits.ts';

const GIB = 1024 ** 3;
const FACTS = {
  os: { id: 'debian', versionId: '12', codename: null, idLike: ['linux', 'gnu'] },
  kernel: { release: '6.18.44-fc', name: 'two words' },
  memory: { totalBytes: 24 * GIB, usedBytes: GIB },
  load: { one: 1.5 },
  uptime: { seconds: 90_000 },
  virtualization: { isVirtual: true, container: null },
  filesystems: [
    { mount: '/', usedBytes: 5, usedPercent: 95.5, sizeBytes: null },
    { mount: '/var/lib.d', usedBytes: 9, usedPercent: 10 },
  ],
  disks: [],
  packages: { installed: { nginx: '1.22.1-9', 'libstdc++6': '12.2.0' } },
  services: { units: { 'php8.1-fpm': { state: 'active' } } },
  clock: { error: { code: 'E_PROBE_TIMEOUT', message: 'the host did not tell' } },
};

function match(text: string): FactMatch {
  return matchFacts(parseFactExpression(text), FACTS);
}

for (const text of [
  'os.id=debian',
  'os.id=deb* and memory.total>16Gi',
  'memory.totalBytes=24Gi',
  'memory.total<=25769803776 memory.used<2g',
  'load.one>1.25',
  'uptime.seconds>1d and uptime.seconds<2d',
  'os.versionId>=11',
  'os.versionId<12.1',
  'kernel.release>6.9',
  'kernel.name="two words"',
  'virtualization.isVirtual=yes',
  'not virtualization.isVirtual=false',
  'virtualization.container=null',
  'os.idLike=gnu',
  'os.idLike!=bsd',
  'filesystems.usedPercent>90',
  'filesystems.usedPercent>95%',
  'filesystems./.used=5',
  'filesystems./var/lib.d.used=9',
  'filesystems.mount=/var*',
  'packages.installed.nginx>=1.22',
  'packages.installed.libstdc++6<13',
  'not packages.installed.ngin=*',
  'packages.installed.ngin!=1',
  'services.units.php8.1-fpm.state=active',
  'disks.size!=3 and not disks.size>0',
  'os.id=debian or clock.nowMs>0',
]) {
  test(`${text} is met, and nothing is unknown that counts`, () => {
    assert.is(match(text).isMet, true, JSON.stringify(match(text).unknown));
  });
}

for (const text of [
  'os.id=Debian',
  'os.id!=deb*',
  'memory.total>24Gi',
  'os.idLike!=gnu',
  'virtualization.container>0',
  'packages.installed.ngin=*',
  'disks.size>0',
  'filesystems./.used=9',
]) {
  test(`${text} is not met`, () => assert.is(match(text).isMet, false));
}

test('what is not known is not met, not when it is turned round either', () => {
  for (const text of [
    'os.flavour=x',
    'os.flavour!=x',
    'not os.flavour=x',
    'not (os.flavour=x or os.id=ubuntu)',
    'clock.nowMs>0',
    'memory.total>16Gx',
    'os.id.more=1',
    'os.__proto__=1',
    'filesystems.constructor=1',
    'os.idLike.length>0',
  ]) {
    const { isMet, unknown } = match(text);
    assert.is(isMet, false, text);
    assert.is(unknown.length, 1, text);
  }
  assert.is(match('not (os.flavour=x and os.id=ubuntu)').isMet, true);
});

test('of what is not known it is told why, and what may have been meant', () => {
  const [unknown] = match('os.versionID=12').unknown;
  assert.is(unknown?.field, 'os.versionID');
  assert.match(unknown?.reason ?? '', 'there is no such field: there are id, versionId');
  assert.equal(unknown?.similar, ['os.versionId']);
  assert.match(match('clock.nowMs>0').unknown[0]?.reason ?? '', 'the host did not tell');
  assert.match(match('load.one>many').unknown[0]?.reason ?? '', 'cannot be compared with many');
});

function placeOf(text: string): number {
  try {
    parseFactExpression(text);
  } catch (error) {
    const { code, hint, exit } = error as DagentError;
    assert.equal([code, exit], ['E_WHERE', 2]);
    const [, caret = ''] = (hint ?? '').split('\n');
    return caret.indexOf('^') - 2;
  }
  return -1;
}

test('what is no condition is refused with its place', () => {
  for (const [text, place] of [
    ['', 0],
    ['os.id=', 6],
    ['os.id', 5],
    ['os=1', 2],
    ['os.id=x or mem.total>1', 11],
    ['(os.id=x', 8],
    ['os.id=x)', 7],
    ['__proto__.x=1', 0],
  ] as const) {
    assert.is(placeOf(text), place, text);
  }
  const most = `os.id=${'x'.repeat(EXPRESSION_LENGTH_MAX - 6)}`;
  assert.is(placeOf(most), -1);
  assert.ok(placeOf(`${most}x`) >= 0);
});

test('only the classes that are asked about have to be collected', () => {
  const expression = parseFactExpression('os.id=a or (memory.total>1 and not os.id=b)');
  assert.equal(classesOf(expression), ['os', 'memory']);
});

test('any condition on any facts has a verdict, and a double not changes none', () => {
  const field = fc.constantFrom(
    'os.id',
    'os.x',
    'memory.total',
    'filesystems.usedPercent',
    'disks.a',
  );
  const operator = fc.constantFrom('=', '!=', '>', '>=', '<', '<=');
  const value = fc.constantFrom('debian', '1', '5k', '*', 'x', '~1');
  const one = fc.tuple(field, operator, value).map((parts) => parts.join(''));
  const text = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 4 },
      one,
      tie('text').map((part) => `not (${part})`),
      fc
        .tuple(tie('text'), fc.constantFrom('and', 'or'), tie('text'))
        .map(([a, word, b]) => `(${a}) ${word} (${b})`),
    ),
  })).text;
  fc.assert(
    fc.property(text, fc.record({ os: fc.anything(), memory: fc.jsonValue() }), (each, odd) => {
      fc.pre(each.length < EXPRESSION_LENGTH_MAX - 12);
      assert.is(match(`not (not (${each}))`).isMet, match(each).isMet);
      // Never both a condition and its contrary.
      assert.not(match(`not (${each})`).isMet && match(each).isMet);
      matchFacts(parseFactExpression(each), { ...FACTS, ...odd });
    }),
  );
});

test('a verdict of another node is believed only when it is one', () => {
  const verdict = { isMet: true, unknown: [{ field: 'a.b', reason: 'x', similar: [] }] };
  assert.equal(parseFactMatch(verdict), verdict);
  for (const odd of [null, 7, {}, { isMet: 'yes', unknown: [] }, { isMet: true }]) {
    assert.is(parseFactMatch(odd), undefined);
  }
  assert.equal(parseFactMatch({ isMet: false, unknown: [null] })?.unknown.length, 1);
});

test.run();
