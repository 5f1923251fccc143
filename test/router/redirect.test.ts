import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import {
  BACKOFF_MS_MIN,
  FULL_RETRY_MS,
  REDIRECT_LIST_MS,
  REDIRECT_URLS_MAX,
  REDIRECTS_MAX,
} from '../../src/protocol/limits.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';
import type { LinkId } from '../../src/router/io.ts';
import { errorOf, frameOf, recordOf, type Sent, TestRouter } from './harness.ts';

const FULL = { code: 'E_FULL', values: { node: 'above', max: 1 }, origin: 'above' };
const ERROR = { code: 'E_CONNECT', values: { url: '', reason: 'refused' } } as const;

/** What a newcomer hears. */
function ask(here: TestRouter, name = 'newcomer'): { link: LinkId; answer: Sent | undefined } {
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf(name)));
  return { link, answer: here.sent(link)[0] };
}

function urlsOf(here: TestRouter, name?: string): string[] {
  const { answer } = ask(here, name);
  assert.is(answer?.kind, Kind.REDIRECT);
  return answer?.head.urls as string[];
}

/** A node with `count` children, as many as it takes, each of which can be dialled. */
function full(count: number): TestRouter {
  const here = new TestRouter('here', { childrenMax: count });
  for (let n = 0; n < count; n++) here.child(`a${n}`, { urls: [`cd://10.0.0.${n}:1`] });
  return here;
}

test('a full node refuses when it can name nobody, and says when to ask again', () => {
  const here = new TestRouter('here', { childrenMax: 2 });
  here.child('a');
  here.child('leaf', { role: 'leaf', urls: ['cd://10.0.0.1:1'] });
  const { link, answer } = ask(here);
  assert.is(answer?.kind, Kind.REFUSE);
  assert.is(here.closed(link), 'E_FULL');
  assert.equal(errorOf(answer)?.values, { node: 'here', max: 2, retryAfterMs: FULL_RETRY_MS });
});

test('a full node takes a child of its own that comes back, and peers', () => {
  const here = full(2);
  here.child('a0', { incarnation: 2 });
  assert.is(here.way('a0'), 'a0');
  assert.is(here.sent(here.peer('other'))[0]?.kind, Kind.WELCOME);
});

test('a full node names the agents below it that can be dialled, the nearest first', () => {
  const here = full(2);
  const [a0 = 0] = [...here.router.children.values()].map(({ id }) => id);
  here.advertise(
    a0,
    { record: recordOf('deep', { parent: 'a0', urls: ['cd://10.1.0.0:1'] }), metric: 1 },
    { record: recordOf('mute', { parent: 'a0' }), metric: 1 },
    { record: recordOf('leaf', { role: 'leaf', urls: ['cd://10.1.0.1:1'] }), metric: 1 },
  );
  const { link, answer } = ask(here);
  assert.is(answer?.kind, Kind.REDIRECT);
  const urls = answer?.head.urls as string[];
  assert.equal([...urls].sort(), ['cd://10.0.0.0:1', 'cd://10.0.0.1:1', 'cd://10.1.0.0:1']);
  assert.is(urls[2], 'cd://10.1.0.0:1');
  assert.is(errorOf(answer)?.code, 'E_FULL');
  assert.is(here.closed(link), 'E_FULL');
  assert.is(here.router.links.has(link), false);
});

/** A node with so many children as it takes, of which `last` came last, and what became of that. */
function crowd(
  last: Partial<NodeRecord>,
  newcomer: Partial<NodeRecord> = {},
  below: readonly string[] = [],
): [string, boolean] {
  const here = new TestRouter('here', { childrenMax: 3 });
  here.child('old', { role: 'leaf' });
  here.child('agent', { urls: ['cd://10.0.0.1:1'] });
  const link = here.child('last', last);
  for (const name of below) here.advertise(link, { record: recordOf(name), metric: 0 });
  here.child('newcomer', { urls: ['cd://10.0.0.2:1'], ...newcomer });
  assert.is(here.router.children.size, 3);
  const answers = here.outputs.filter(({ kind }) => kind === 'close').length;
  return [here.closed(link) ?? '', answers > 0 && here.way('newcomer') === 'newcomer'];
}

test('a full node gives a newcomer that takes children the place of one that cannot', () => {
  const agent = { urls: ['cd://10.0.0.3:1'] };
  assert.equal(crowd({ role: 'leaf' }), ['E_PLACE_GIVEN', true]);
  assert.equal(crowd({ role: 'leaf', ...agent }), ['E_PLACE_GIVEN', true]);
  assert.equal(crowd({}), ['E_PLACE_GIVEN', true], 'nobody could dial it');
  assert.equal(crowd(agent), ['', true], 'an agent stays, and a leaf goes');
  assert.equal(crowd({}, {}, ['below']), ['', true], 'who has a child stays');
  assert.equal(crowd({ role: 'leaf' }, { role: 'leaf' }), ['', false]);
  assert.equal(crowd({ role: 'leaf' }, { urls: [] }), ['', false], 'nobody can be sent there');
});

test('who gave its place away is sent to the newcomer as well', () => {
  const here = new TestRouter('here', { childrenMax: 2 });
  here.child('a', { urls: ['cd://10.0.0.0:1'] });
  const leaf = here.child('leaf', { role: 'leaf' });
  assert.is(ask(here, 'other').answer?.kind, Kind.REDIRECT);
  here.child('b', { urls: ['cd://10.0.0.1:1'] });
  const [farewell] = here.sent(leaf).slice(-1);
  assert.is(farewell?.kind, Kind.GOODBYE);
  assert.equal(errorOf(farewell)?.values, { node: 'here', child: 'b' });
  assert.equal(urlsOf(here, 'leaf').sort(), ['cd://10.0.0.0:1', 'cd://10.0.0.1:1']);
});

test('a newcomer that must come again later has nobody sent away for it', () => {
  const here = new TestRouter('here', { childrenMax: 1 });
  const leaf = here.child('leaf', { role: 'leaf' });
  here.router.admission.tokens = 0;
  const link = here.accept();
  here.bytes(link, MAGIC, here.hello(recordOf('a', { urls: ['cd://10.0.0.0:1'] })));
  assert.is(here.closed(link), 'E_BUSY');
  assert.is(here.closed(leaf), undefined);
});

test('each newcomer is sent to another one first, and none is told of too many', () => {
  const here = full(20);
  const firsts = Array.from({ length: 20 }, () => {
    const urls = urlsOf(here);
    assert.is(urls.length, REDIRECT_URLS_MAX);
    return urls[0];
  });
  assert.is(new Set(firsts).size, 20);
});

test('a node is not sent to itself, nor to one that has been lost', () => {
  const here = full(3);
  const [lost = 0] = [...here.router.children.values()].map(({ id }) => id);
  assert.is(urlsOf(here).length, 3);
  here.input({ kind: 'closed', link: lost, reason: 'reset' });
  here.router.admission.tokens = 1;
  here.child('a9');
  assert.equal(urlsOf(here).sort(), ['cd://10.0.0.1:1', 'cd://10.0.0.2:1']);
});

test('whom a full node names it looks up anew now and then', () => {
  const here = full(1);
  assert.equal(urlsOf(here), ['cd://10.0.0.0:1']);
  const [a0 = 0] = [...here.router.children.values()].map(({ id }) => id);
  const record = recordOf('deep', { parent: 'a0', urls: ['cd://10.1.0.0:1'] });
  here.advertise(a0, { record, metric: 1 });
  assert.is(urlsOf(here).length, 1);
  here.nowMs += REDIRECT_LIST_MS;
  assert.is(urlsOf(here).length, 2);
});

function dialled(here: TestRouter): string[] {
  return here.outputs.flatMap((each) => (each.kind === 'dial' ? [each.url] : []));
}

function redirect(here: TestRouter, urls: unknown): string[] {
  here.bytes(here.dialled(), frameOf({ kind: Kind.REDIRECT }, { urls, error: FULL }));
  return dialled(here);
}

function dialsIn(here: TestRouter, ms: number): string[] {
  const atOnce = dialled(here);
  here.run(ms);
  return [...atOnce, ...dialled(here)];
}

function fail(here: TestRouter): string[] {
  here.input({ kind: 'dialFailed', dialler: 0, error: ERROR });
  return dialled(here);
}

test('who is sent on tries those that were named, then goes on in its own list', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1'] });
  assert.equal(redirect(here, ['cd://10.0.0.1:1', 'cd://10.0.0.2:1']), ['cd://10.0.0.1:1']);
  assert.is(here.events('uplinkFailed')[0]?.error.code, 'E_FULL');
  assert.equal(fail(here), ['cd://10.0.0.2:1']);
  assert.equal(fail(here), ['cd://q:1']);
  assert.equal(fail(here), []);
  assert.equal(
    here.run(BACKOFF_MS_MIN).flatMap((each) => (each.kind === 'dial' ? [each.url] : [])),
    ['cd://p:1'],
  );
});

test('who named others is asked again soon, when they are gone at once or later', () => {
  const here = full(1);
  assert.is(errorOf(ask(here).answer)?.values.retryAfterMs, undefined);
  for (const isTaken of [false, true]) {
    const below = new TestRouter('below', { parents: ['cd://p:1'] });
    assert.equal(redirect(below, ['cd://10.0.0.1:1']), ['cd://10.0.0.1:1']);
    if (!isTaken) fail(below);
    else below.input({ kind: 'closed', link: below.parent(), reason: 'reset' });
    assert.equal(dialsIn(below, BACKOFF_MS_MIN), ['cd://p:1']);
  }
});

test('who is sent on again and again gives up after a while', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1'] });
  for (let n = 0; n < REDIRECTS_MAX; n++) {
    assert.equal(redirect(here, [`cd://10.0.0.${n}:1`]), [`cd://10.0.0.${n}:1`]);
  }
  assert.equal(redirect(here, ['cd://10.0.1.1:1']), ['cd://q:1']);
});

test('nobody is sent to its own host from elsewhere, through ssh, or to nonsense', () => {
  const named = [
    'cd://127.0.0.1:1',
    'cd:/run/x',
    'ssh://hall/run/x',
    'http://x',
    7,
    'cd://[::1]:1',
  ];
  const here = new TestRouter('here', { parents: ['cd://p:1', 'cd://q:1'] });
  assert.equal(redirect(here, named), ['cd://q:1']);
  const local = new TestRouter('here', { parents: ['cd:/run/p', 'cd://q:1'] });
  assert.equal(redirect(local, named), ['cd://127.0.0.1:1']);
  assert.equal(fail(local), ['cd:/run/x']);
  assert.equal(fail(local), ['cd://[::1]:1']);
  assert.equal(fail(local), ['cd://q:1']);
  assert.equal(redirect(new TestRouter('here', { parents: ['cd://p:1'] }), 'cd://x:1'), []);
});

test('a parent to which one was sent is the parent', () => {
  const here = new TestRouter('here', { parents: ['cd://p:1'] });
  redirect(here, ['cd://10.0.0.1:1']);
  const link = here.dialled();
  here.bytes(link, here.welcome(recordOf('below')));
  const [up] = here.events('uplinkUp');
  assert.is(up?.parent.name, 'below');
  assert.is(up?.url, 'cd://10.0.0.1:1');
});

test.run();
