import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serviceKeyOf } from '../../src/protocol/address.ts';
import { Kind } from '../../src/protocol/frame.ts';
import { ADVERT_DELAY_MS, SERVICES_PER_LINK_MAX } from '../../src/protocol/limits.ts';
import type { Advert } from '../../src/protocol/record.ts';
import { frameOf, TestRouter } from './harness.ts';

function unregister(here: TestRouter, link: number, service: string): void {
  here.bytes(link, frameOf({ kind: Kind.UNREGISTER }, { service }));
}

test('a service is registered, told to the parent, and given back', () => {
  const here = new TestRouter('here', { parents: ['cd://parent:1'] });
  const up = here.parent();
  here.run(1_000);
  const { link } = here.program('mail');
  assert.is(here.events('serviceUp')[0]?.service, 'mail');
  here.run(ADVERT_DELAY_MS);
  const servicesOf = () => here.adverts(up).map(([word]) => (word as Advert).record.services);
  assert.equal(servicesOf(), [['mail']]);
  unregister(here, link, 'mail');
  assert.is(here.events('serviceDown')[0]?.service, 'mail');
  here.run(ADVERT_DELAY_MS);
  assert.equal(servicesOf(), [[]]);
});

test('a name that is taken on this node is refused, also to who has it', () => {
  const here = new TestRouter();
  const first = here.program('mail');
  const second = here.program();
  assert.is(here.register(second.link, 'mail'), 'E_SERVICE_TAKEN');
  assert.is(here.register(first.link, 'mail'), 'E_SERVICE_TAKEN');
  assert.is(here.register(second.link, 'dagent'), 'E_SERVICE_TAKEN');
  assert.is(here.router.endpoints.get(serviceKeyOf('mail'))?.id, first.link);
});

test('who has a name says where others connect to it, and nobody else does', () => {
  const here = new TestRouter();
  const { link } = here.program('mail');
  const other = here.program();
  const say = (from: number, service: string, socket: unknown): string | undefined => {
    here.bytes(from, frameOf({ kind: Kind.REGISTER }, { service, socket }));
    return here.events('serviceDirect').map((event) => `${event.service} ${event.socket}`)[0];
  };
  assert.is(say(link, 'mail', 'direct-1-00000001'), 'mail direct-1-00000001');
  assert.is(say(other.link, 'mail', 'direct-2-00000002'), undefined);
  assert.is(say(link, 'mail', '../direct'), undefined);
  assert.is(say(link, 'mail', 7), undefined);
  assert.is(say(link, '~1', 'direct-1-00000001'), undefined);
  assert.is(here.events('serviceUp').length, 0);
});

test('a name is free again when its program gives it back, or is gone', () => {
  const here = new TestRouter();
  const first = here.program('mail', 'clock');
  const second = here.program();
  unregister(here, first.link, 'mail');
  assert.is(here.register(second.link, 'mail'), undefined);
  here.input({ kind: 'closed', link: first.link, reason: 'killed' });
  assert.is(here.events('serviceDown')[0]?.service, 'clock');
  assert.is(here.register(second.link, 'clock'), undefined);
});

test('nobody gives back what is not theirs, nor the end of their own connection', () => {
  const here = new TestRouter();
  const first = here.program('mail');
  const second = here.program();
  unregister(here, second.link, 'mail');
  unregister(here, second.link, second.endpoint);
  unregister(here, second.link, 'dagent');
  assert.is(here.router.endpoints.get(serviceKeyOf('mail'))?.id, first.link);
  assert.is(here.router.endpoints.get(serviceKeyOf(second.endpoint))?.id, second.link);
  assert.ok(here.router.endpoints.has(serviceKeyOf('dagent')));
});

test('what cannot be a name is refused', () => {
  const here = new TestRouter();
  const { link } = here.program();
  for (const name of ['', 'a b', '~1', '-x', 'x'.repeat(64)]) {
    assert.is(here.register(link, name), 'E_NAME_INVALID', name);
  }
});

test('one node has a bounded number of services, however many its programs', () => {
  const here = new TestRouter();
  const links = [here.program().link, here.program().link];
  for (let n = 0; n < SERVICES_PER_LINK_MAX; n++) {
    assert.is(here.register(links[n % 2] ?? 0, `s${n}`), undefined);
  }
  for (const link of links) assert.is(here.register(link, 'more'), 'E_TOO_MANY_SERVICES');
  unregister(here, links[0] ?? 0, 's0');
  assert.is(here.register(links[1] ?? 0, 'more'), undefined);
});

test.run();
