/** Views with what was fetched for them, on screens of the usual sizes. */

import { showView } from '../../../src/tui/cursor.ts';
import type { Answer, Fetch } from '../../../src/tui/effects.ts';
import type { Model, ModelOptions } from '../../../src/tui/model.ts';
import { type Event, update } from '../../../src/tui/update.ts';
import { modelOf, NOW_MS, type ScreenSize, screenOf, smallRealm } from '../nodes.ts';
import { assertScreen } from '../screen-file.ts';

/** What is asked for when `event` comes. */
export function askedBy(model: Model, event: Event, nowMs = NOW_MS): readonly Fetch[] {
  return update(model, event, nowMs).flatMap((effect) =>
    effect.kind === 'fetch' ? [effect.fetch] : [],
  );
}

/** Lets all that is due be answered with `answer`; how many that were. */
export function answerAll(model: Model, answer: Answer, nowMs = NOW_MS): number {
  const fetches = askedBy(model, { kind: 'tick' }, nowMs);
  for (const fetch of fetches) update(model, { kind: 'fetched', fetch, answer }, nowMs);
  return fetches.length;
}

/** The view called `name`, of a realm, with the answer to what it asks for. */
export function showing(
  name: string,
  answer: Answer | undefined,
  size: ScreenSize = {},
  more: Partial<ModelOptions> = {},
  nodes = smallRealm(),
): Model {
  const model = modelOf(nodes, size, more);
  showView(
    model,
    model.views.find((view) => view.name === name),
  );
  if (answer !== undefined) answerAll(model, answer);
  return model;
}

/** Its screens at the usual sizes, three seconds later. */
export function assertScreens(
  name: string,
  answer: Answer | undefined,
  nodes = smallRealm(),
): void {
  const draw = (size: ScreenSize, more: Partial<ModelOptions> = {}) =>
    screenOf(showing(name, answer, size, more, nodes), NOW_MS + 3_000);
  assertScreen(draw({}), `${name}-80x24`);
  assertScreen(draw({ columns: 200, rows: 60 }), `${name}-200x60`);
  assertScreen(draw({ columns: 60, rows: 12 }, { isAscii: true }), `${name}-60x12-ascii`);
}
