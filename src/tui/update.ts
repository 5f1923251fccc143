/**
 * The only way in which the model changes: an event comes, the model takes it in, and what the
 * world has to do about it is returned. Nothing here waits, draws or asks for the time.
 */
import { assertNever } from '../base/assert.ts';
import { escapeLine } from '../base/escape.ts';
import type { EventRow } from '../client/events.ts';
import type { WatchRecord } from '../protocol/status.ts';
import { setFilter } from './actions.ts';
import { writeCommand } from './command-bar.ts';
import type { Answer, Effect, Fetch } from './effects.ts';
import { dueFollowing, loseEvents, takeEvents } from './event-log.ts';
import { dueFetches, takeAnswer } from './fetches.ts';
import { isText } from './input.ts';
import { bindingOf } from './keys.ts';
import { isBeside } from './layout.ts';
import { isWriting, type Model, type Size, tell } from './model.ts';
import { takeMouse } from './mouse.ts';
import type { MouseEvent } from './mouse-input.ts';
import { totalsOf } from './node-table.ts';
import type { OutputNews } from './output.ts';
import { writePrompt } from './prompt.ts';
import { takeRecord } from './records.ts';
import { endRun, takeRunNews } from './runs/start.ts';

export type Event =
  | { readonly kind: 'record'; readonly record: WatchRecord }
  /** A watch stands, and is told by the node `top`. */
  | { readonly kind: 'opened'; readonly top: string }
  /** The link broke, or an attempt to have it back failed; the next one begins at `retryAtMs`. */
  | { readonly kind: 'lost'; readonly reason: string; readonly retryAtMs: number }
  /** An attempt to have the link back begins. */
  | { readonly kind: 'retrying' }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'mouse'; readonly mouse: MouseEvent }
  | { readonly kind: 'fetched'; readonly fetch: Fetch; readonly answer: Answer }
  /** Something that runs has something to say, or has ended. */
  | { readonly kind: 'news'; readonly id: number; readonly news: OutputNews }
  | { readonly kind: 'ended'; readonly id: number }
  /** Something was done, or could not be. */
  | { readonly kind: 'said'; readonly text: string }
  /** What happened in the tree, in its order. */
  | { readonly kind: 'happened'; readonly events: readonly EventRow[] }
  /** That is followed no longer. */
  | { readonly kind: 'unfollowed'; readonly reason: string }
  /** A second has passed. */
  | { readonly kind: 'tick' }
  | { readonly kind: 'resized'; readonly size: Size };

/** Adds what was typed to the text that is written. */
function writeText(model: Model, key: string): void {
  if (model.mode === 'command') writeCommand(model, model.command + key);
  else if (model.prompt !== null) writePrompt(model, model.prompt.text + key);
  else setFilter(model, model.state.filter + key);
}

/** What the view wants to have now. */
function due(model: Model, nowMs: number): readonly Effect[] {
  return [...dueFetches(model, nowMs), ...dueFollowing(model, nowMs)];
}

function pressKey(model: Model, key: string, nowMs: number): readonly Effect[] {
  if (isWriting(model) && isText(key)) {
    writeText(model, key);
    return [];
  }
  const { view } = model;
  const { selected } = model.state;
  const wasBeside = isBeside(model);
  const effect = bindingOf(model, key)?.run(model, nowMs);
  // While the cursor runs, nothing is asked of those that it passes.
  const isRunning = wasBeside && view === model.view && selected !== model.state.selected;
  const fetches = isRunning ? [] : dueFetches(model, nowMs);
  const wanted = [...fetches, ...dueFollowing(model, nowMs)];
  return effect === undefined ? wanted : [effect, ...wanted];
}

function loseLink(model: Model, reason: string, retryAtMs: number, nowMs: number): void {
  // A reason of several attempts is dated by the first.
  const sinceMs = model.link.state === 'lost' ? model.link.sinceMs : nowMs;
  model.link = { state: 'lost', reason, sinceMs, retryAtMs };
}

function tick(model: Model, nowMs: number): readonly Effect[] {
  if (model.haveValuesChanged) {
    model.valuesVersion++;
    model.totals = totalsOf(model.nodes);
    model.haveValuesChanged = false;
  }
  return due(model, nowMs);
}

/** Takes in `event`, which happened at `nowMs`. */
export function update(model: Model, event: Event, nowMs: number): readonly Effect[] {
  switch (event.kind) {
    case 'record':
      takeRecord(model, event.record, nowMs);
      return event.record.type === 'snapshot' ? due(model, nowMs) : [];
    case 'opened':
      model.seenFrom = event.top;
      return [];
    case 'lost':
      loseLink(model, event.reason, event.retryAtMs, nowMs);
      return [];
    case 'retrying':
      if (model.link.state === 'lost') model.link = { ...model.link, retryAtMs: null };
      return [];
    case 'key':
      return pressKey(model, event.key, nowMs);
    case 'mouse':
      takeMouse(model, event.mouse, nowMs);
      return dueFetches(model, nowMs);
    case 'fetched':
      takeAnswer(model, event.fetch, event.answer, nowMs);
      return [];
    case 'news':
      takeRunNews(model, event.id, event.news);
      return [];
    case 'ended':
      endRun(model, event.id, nowMs);
      return [];
    case 'said':
      tell(model, escapeLine(event.text), nowMs);
      return [];
    case 'happened':
      takeEvents(model, event.events);
      return [];
    case 'unfollowed':
      loseEvents(model, event.reason, nowMs);
      return [];
    case 'tick':
      return tick(model, nowMs);
    case 'resized':
      model.size = event.size;
      return [];
    default:
      return assertNever(event);
  }
}
