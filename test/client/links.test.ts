import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fetchLinks, parseLinkStatus } from '../../src/client/links.ts';
import { Realm } from './realm.ts';

const realm = new Realm();
await realm.start('root');
await realm.start('east', 'root');

test('a node tells its links: the one up, those down, and programs', async () => {
  const client = await realm.connect('east');
  const links = await fetchLinks(client, 'east');
  assert.ok(links.some(({ as, peer }) => as === 'parent' && peer === 'root'));
  assert.ok(links.some(({ as }) => as === 'client'));
  const ofRoot = await fetchLinks(client, 'root');
  assert.ok(
    ofRoot.some(({ as, peer, heardBytes }) => as === 'child' && peer === 'east' && heardBytes > 0),
  );
  await client.close();
});

test('a record that is no link is none', () => {
  const link = { type: 'link', peer: 'a', as: 'child', rttMs: null, heardMs: 1 };
  const whole = { ...link, sentBytes: 2, heardBytes: 3, isSlow: true };
  assert.equal(parseLinkStatus(whole)?.isSlow, true);
  const wrong = [link, { ...whole, as: 'friend' }, { ...whole, type: 'route' }];
  for (const record of [...wrong, { ...whole, peer: 1 }, { ...whole, sentBytes: '2' }, {}]) {
    assert.is(parseLinkStatus(record), undefined);
  }
});

test.after(() => realm.end());
test.run();
