import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FilterSubject, parseFilter } from '../../src/tui/filter.ts';

interface Host {
  readonly name: string;
  readonly role: string;
  readonly rtt: number | undefined;
  readonly up: number;
}

const HOSTS: readonly Host[] = [
  { name: 'hq', role: 'root', rtt: undefined, up: 86_400_000 },
  { name: 'web1', role: 'leaf', rtt: 0.4, up: 60_000 },
  { name: 'web10', role: 'leaf', rtt: 80, up: 7_200_000 },
  { name: 'Web-a.example', role: 'leaf', rtt: 51, up: 5_000 },
  { name: 'db1', role: 'agent', rtt: 120, up: 600_000 },
];

const SUBJECT: FilterSubject<Host> = {
  fields: { name: 'text', role: 'text', rtt: 'number', up: 'number' },
  look: (host, field) => host[field as keyof Host],
  text: ({ name }) => name,
};

function matches(filter: string): string {
  const { isMatch } = parseFilter(filter, SUBJECT);
  return HOSTS.filter((host) => isMatch?.(host) ?? true)
    .map(({ name }) => name)
    .join(' ');
}

function reasonOf(filter: string): string {
  return parseFilter(filter, SUBJECT).reason;
}

test('a text is looked for anywhere, whatever its case; several must all be there', () => {
  assert.is(matches('WEB'), 'web1 web10 Web-a.example');
  assert.is(matches('web 0'), 'web10');
  assert.is(matches('nothing'), '');
});

test('signs of a regular expression make it one, and a broken one is a text', () => {
  assert.is(matches('^web\\d+$'), 'web1 web10');
  assert.is(matches('^(hq|db)'), 'hq db1');
  assert.is(matches('web['), '');
  assert.is(matches('web.a'), '', 'a point is a point');
});

test('a broken regular expression is said to be one, and what is wrong with it', () => {
  assert.is(reasonOf('('), '"(" is taken as a text: Unterminated group');
  assert.match(reasonOf('web ['), /^"\[" is taken as a text: /);
  assert.match(reasonOf('![ rtt>50'), /^"\[" is taken as a text: /);
  assert.is(reasonOf('(rtt|web)'), '');
});

test('columns are tested by their names, with or without words beside', () => {
  assert.is(matches('role=leaf rtt>50'), 'web10 Web-a.example');
  assert.is(matches('role=leaf or role=agent'), 'web1 web10 Web-a.example db1');
  assert.is(matches('not (role=leaf) and rtt>50'), 'db1');
  assert.is(matches('ROLE=leaf name=web*'), 'web1 web10');
  assert.is(matches('rtt>50 web'), 'web10 Web-a.example');
  assert.is(matches('rtt!=80 web1'), 'web1');
});

test('not turns round the test, the parentheses or the text behind it', () => {
  assert.is(matches('not role=leaf'), 'hq db1');
  assert.is(matches('not (role=leaf)'), 'hq db1');
  assert.is(matches('not (role=leaf or role=root)'), 'db1');
  assert.is(matches('(role=leaf or role=root) rtt>50'), 'web10 Web-a.example');
  assert.is(matches('not role=leaf and not role=root'), 'db1');
  assert.is(matches('not role=leaf db'), 'db1');
  assert.is(matches('not web'), 'hq db1');
  assert.is(matches('^(hq|not role)'), '', 'a regular expression is still one');
});

test('what is still written behind not keeps nobody out', () => {
  for (const filter of ['not (role=leaf', 'not role=', 'not (rtt>fast)', '(role=leaf or ']) {
    assert.is(matches(filter), matches(''), filter);
    assert.is.not(reasonOf(filter), '', filter);
  }
});

test('times are written as times', () => {
  assert.is(matches('up<1m'), 'Web-a.example');
  assert.is(matches('up>=2h'), 'hq web10');
  assert.is(matches('up>1d'), '');
});

test('an exclamation mark turns all of it round', () => {
  assert.is(matches('!web'), 'hq db1');
  assert.is(matches('!role=leaf'), 'hq db1');
  assert.is(matches('!'), matches(''));
});

test('a test that is wrong, or still written, keeps nobody out and says what is wrong', () => {
  assert.is(matches('rtt>'), matches(''));
  assert.is(reasonOf('rtt>fast'), 'rtt> needs a number: "fast" stands at its end');
  assert.is(reasonOf('rtt>>'), 'rtt> needs a number: ">" stands at its end');
  assert.match(reasonOf('colour=red'), 'colour');
  assert.match(reasonOf('role>leaf'), /^role is a text: = or != is expected before/);
  assert.is(matches('web rtt>'), matches('web'));
  assert.is(reasonOf('web'), '');
});

test.run();
