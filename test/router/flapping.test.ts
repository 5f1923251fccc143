import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Kind, MAGIC } from '../../src/protocol/frame.ts';
import {
  ADVERT_DELAY_MS,
  FLAP_HOLD_MS_MAX,
  FLAP_HOLD_MS_MIN,
  FLAPS_MAX,
} from '../../src/protocol/limits.ts';
import type { LinkId } from '../../src/router/io.ts';
import { frameOf, recordOf, TestRouter } from './harness.ts';

const HOLD = { holdMs: 1_000_000 };

/** A child has said who it is, and what is below it. */
function join(here: TestRouter): LinkId {
  const child = here.accept();
  here.bytes(child, MAGIC, here.hello(recordOf('child'), HOLD));
  here.advertise(child, { record: recordOf('below', { parent: 'child' }), metric: 1 });
  return child;
}

function part(here: TestRouter, child: LinkId): void {
  here.run(ADVERT_DELAY_MS);
  here.input({ kind: 'closed', link: child, reason: 'reset' });
  here.run(ADVERT_DELAY_MS);
}

interface Flapping {
  readonly here: TestRouter;
  readonly up: LinkId;
  readonly child: LinkId;
}

/** A router with a parent, and a child that has come back so often within a moment. */
function flap(count: number): Flapping {
  const here = new TestRouter('here', { parents: ['cd://parent:1'], ...HOLD });
  const up = here.parent('above', HOLD);
  here.run(1_000);
  let child = join(here);
  for (let n = 0; n < count; n++) {
    part(here, child);
    child = join(here);
  }
  return { here, up, child };
}

/** How many words about nodes, and their losses, go up in that time. */
function told({ here, up }: Flapping, ms: number): number {
  here.run(ms);
  return here.adverts(up).flat().length;
}

test('that a neighbour is back is told at once, with all that is reached by it', () => {
  assert.is(told(flap(FLAPS_MAX), ADVERT_DELAY_MS), 2);
});

test('unless it comes and goes all the time: then later each time', () => {
  const often = flap(FLAPS_MAX + 1);
  assert.is(told(often, 2 * FLAP_HOLD_MS_MIN - 1), 0);
  assert.is(told(often, 1), 2);
  const flutter = flap(100);
  assert.is(told(flutter, FLAP_HOLD_MS_MAX - 1), 0);
  assert.is(told(flutter, 1), 2);
});

test('that it is lost is told at once, however often it comes and goes', () => {
  const flutter = flap(100);
  told(flutter, FLAP_HOLD_MS_MAX);
  flutter.here.input({ kind: 'closed', link: flutter.child, reason: 'reset' });
  assert.is(told(flutter, ADVERT_DELAY_MS), 2);
});

test('who has been steady for a while may come and go again', () => {
  const flutter = flap(100);
  told(flutter, 3 * FLAP_HOLD_MS_MAX);
  assert.is(flutter.here.router.flaps.size, 0);
  part(flutter.here, flutter.child);
  join(flutter.here);
  assert.is(told(flutter, ADVERT_DELAY_MS), 2);
});

test('who was sent away because of its name is heard of at once when it comes again', () => {
  const { here, up } = flap(0);
  for (let n = 0; n < 20; n++) {
    const child = join(here);
    here.run(ADVERT_DELAY_MS);
    const error = { code: 'E_NAME_TAKEN', values: { name: 'child', where: 'x' } };
    here.bytes(child, frameOf({ kind: Kind.GOODBYE }, { error }));
    here.run(ADVERT_DELAY_MS);
  }
  const child = join(here);
  assert.is(told({ here, up, child }, ADVERT_DELAY_MS), 2);
});

test.run();
