/** Does what the model wants of the world. */
import { assertNever } from '../base/assert.ts';
import type { Answer, Effect, Fetch } from './effects.ts';
import { textOf } from './feed.ts';
import type { Event } from './update.ts';

export interface World {
  quit(): void;
  suspend(): void;
  redraw(): void;
  /** Rejects with an error whose message says why it cannot. */
  fetch(fetch: Fetch): Promise<unknown>;
  /** Tells the model what became of it. */
  dispatch(event: Event): void;
}

async function answer(world: World, fetch: Fetch): Promise<void> {
  const came = await world.fetch(fetch).then(
    (value): Answer => ({ value }),
    (error: unknown): Answer => ({ reason: textOf(error) }),
  );
  world.dispatch({ kind: 'fetched', fetch, answer: came });
}

export function perform(world: World, effect: Effect): void {
  switch (effect.kind) {
    case 'quit':
      return world.quit();
    case 'suspend':
      return world.suspend();
    case 'redraw':
      return world.redraw();
    case 'fetch':
      return void answer(world, effect.fetch);
    default:
      return assertNever(effect);
  }
}
