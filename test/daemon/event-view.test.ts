import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tellEvent } from '../../src/daemon/event-view.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';
import type { RouterEvent } from '../../src/router/io.ts';
import type { Happening } from '../../src/services/event-record.ts';
import { Events } from '../../src/services/events.ts';
import { FakeClock } from '../fakes/clock.ts';
import { recordOf } from '../services/view.ts';

class Told extends Events {
  readonly happened: Happening[] = [];

  override add(happening: Happening): void {
    this.happened.push(happening);
    super.add(happening);
  }
}

function tell(...events: readonly RouterEvent[]): Happening[] {
  const told = new Told({ view: { name: 'here', isCutOff: false }, clock: new FakeClock() });
  for (const event of events) tellEvent(told, 'here', event);
  return told.happened;
}

const record = recordOf('web', 'here');
const error: ErrorData = { code: 'E_LEAVING', values: { node: 'web' } };
const why = { code: 'E_LEAVING', reason: 'web is shutting down' };

test('what happens to nodes is told as it is', () => {
  const events = (['nodeUp', 'nodeLost', 'nodeUp', 'nodeChanged'] as const).map((kind) => ({
    kind,
    record: kind === 'nodeChanged' ? { ...record, services: [] } : record,
  }));
  const names = tell(...events, { kind: 'nodeGone', record }).map(({ event }) => event);
  assert.equal(names, ['node-up', 'node-lost', 'node-up', 'service-down', 'node-forgotten']);
});

test('what happens to links and to the node itself is told with the reason', () => {
  const told = tell(
    { kind: 'uplinkUp', parent: recordOf('hq', null), url: 'cd:/x', depth: 1 },
    { kind: 'joined' },
    { kind: 'uplinkDown', error },
    { kind: 'uplinkFailed', url: 'cd:/x', error, retryMs: 12.5 },
    { kind: 'peerFailed', url: 'cd:/y', error, retryMs: 12.5 },
    { kind: 'childUp', link: 1, record },
    { kind: 'childDown', record, error },
    { kind: 'peerUp', record },
    { kind: 'peerDown', record, error },
    { kind: 'linkRefused', link: 1, error },
    { kind: 'evicted', error },
    { kind: 'serviceUp', service: 'mail' },
    { kind: 'serviceDown', service: 'mail' },
  );
  const node = 'here';
  assert.equal(told, [
    { event: 'link-up', node, peer: 'hq', as: 'parent', url: 'cd:/x' },
    { event: 'joined', node },
    { event: 'link-down', node, as: 'parent', ...why },
    { event: 'link-failed', node, as: 'parent', url: 'cd:/x', retryMs: 13, ...why },
    { event: 'link-failed', node, as: 'peer', url: 'cd:/y', retryMs: 13, ...why },
    { event: 'link-up', node, peer: 'web', as: 'child' },
    { event: 'link-down', node, peer: 'web', as: 'child', ...why },
    { event: 'link-up', node, peer: 'web', as: 'peer' },
    { event: 'link-down', node, peer: 'web', as: 'peer', ...why },
    { event: 'link-refused', node, ...why },
    { event: 'evicted', node, ...why },
    { event: 'service-up', node, service: 'mail' },
    { event: 'service-down', node, service: 'mail' },
  ]);
});

test.run();
