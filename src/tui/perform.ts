/** Does what the model wants of the world. */
import { assertNever } from '../base/assert.ts';
import type { Answer, Effect, Fetch } from './effects.ts';
import { textOf } from './feed.ts';
import { MOUSE_OFF, MOUSE_ON } from './mouse.ts';
import type { RunSpec } from './runs/spec.ts';
import type { Event } from './update.ts';

export interface World {
  quit(): void;
  suspend(): void;
  redraw(): void;
  /** Writes to the terminal what is not seen. */
  write(text: string): void;
  /** Rejects with an error whose message says why it cannot. */
  fetch(fetch: Fetch): Promise<unknown>;
  run(id: number, spec: RunSpec): void;
  cancel(id: number): void;
  /** Writes a new file; its whole path. Rejects as `fetch`. */
  save(path: string, text: string): Promise<string>;
  /** Follows what happens in the tree, or no longer; it dispatches what it hears. */
  follow(isWanted: boolean): void;
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

async function save(world: World, path: string, text: string): Promise<void> {
  const said = await world.save(path, text).then(
    (whole) => `saved as ${whole}`,
    (error: unknown) => textOf(error),
  );
  world.dispatch({ kind: 'said', text: said });
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
    case 'run':
      return world.run(effect.id, effect.spec);
    case 'cancel':
      return world.cancel(effect.id);
    case 'save':
      return void save(world, effect.path, effect.text);
    case 'mouse':
      return world.write(effect.isOn ? MOUSE_ON : MOUSE_OFF);
    case 'follow':
      return world.follow(effect.isWanted);
    case 'fetch':
      return void answer(world, effect.fetch);
    default:
      return assertNever(effect);
  }
}
