/** Does what the model wants of the world. */
import { assertNever } from '../base/assert.ts';
import type { Answer, Effect, Fetch } from './effects.ts';
import { textOf } from './feed.ts';
import type { Event } from './update.ts';

export interface World {
  quit(): void;
  suspend(): void;
  redraw(): void;
  /** Writes to the terminal what is not seen. */
  write(text: string): void;
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

/** OSC 52: the terminal puts the text on the clipboard of who sits before it. */
function copySequence(text: string): string {
  return `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
}

export function perform(world: World, effect: Effect): void {
  switch (effect.kind) {
    case 'quit':
      return world.quit();
    case 'suspend':
      return world.suspend();
    case 'redraw':
      return world.redraw();
    case 'copy':
      return world.write(copySequence(effect.text));
    case 'fetch':
      return void answer(world, effect.fetch);
    default:
      return assertNever(effect);
  }
}
