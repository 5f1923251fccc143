/** The command bar, `:`, in which everything has a name, and Tab completes it. */
import { parseDurationMs } from '../base/duration.ts';
import { reverseSort, setFilter, toggleFollow, toggleMouse, togglePause } from './actions.ts';
import { selectRow, settle, showView } from './cursor.ts';
import type { Effect } from './effects.ts';
import { type Model, RATE_MS_MAX, RATE_MS_MIN, tell } from './model.ts';
import { isSkinName, SKIN_NAMES } from './palette.ts';
import { setSkin } from './settings.ts';
import { sortables, sortBy } from './sort-menu.ts';

interface Command {
  readonly name: string;
  /** What can stand behind it; without it, nothing does. */
  readonly values?: (model: Model) => readonly string[];
  /** Returns what is wrong with its argument, an effect, or undefined when all is done. */
  readonly run: (model: Model, argument: string, nowMs: number) => Effect | string | undefined;
}

/** Candidates that are shown, and longest text that is taken. */
const CANDIDATES_MAX = 20;
const COMMAND_LENGTH_MAX = 200;

function rowIds(model: Model): string[] {
  const rows = settle(model);
  return Array.from({ length: rows.count }, (_, index) => rows.id(index));
}

function go(model: Model, name: string): string | undefined {
  const index = rowIds(model).indexOf(name);
  if (index < 0) return `there is no row ${name}`;
  selectRow(model, settle(model), index);
  return undefined;
}

function sort(model: Model, argument: string): string | undefined {
  const wanted = sortables(model).find(({ title }) => title.toLowerCase() === argument);
  if (wanted === undefined && argument !== '') return `there is no column ${argument}`;
  return sortBy(model, wanted?.title);
}

function setRate(model: Model, argument: string): string | undefined {
  const rateMs = parseDurationMs(argument);
  if (rateMs === undefined || rateMs < RATE_MS_MIN || rateMs > RATE_MS_MAX) {
    return `a rate is from ${RATE_MS_MIN}ms to ${RATE_MS_MAX / 1_000}s`;
  }
  model.rateMs = rateMs;
  return undefined;
}

function changeSkin(model: Model, argument: string): string | undefined {
  if (!isSkinName(argument)) return `skins are ${SKIN_NAMES.join(', ')}`;
  return setSkin(model, argument);
}

/** Whether filters are kept for the next time. */
function toggleSticky(model: Model, _: string, nowMs: number): undefined {
  model.isSticky = !model.isSticky;
  const text = model.isSticky ? 'filters are kept for the next time' : 'filters are not kept';
  return tell(model, text, nowMs);
}

function markAll(model: Model): undefined {
  const rows = settle(model);
  for (let index = 0; index < rows.count; index++) {
    if (rows.isMatch(index)) model.state.marked.add(rows.id(index));
  }
}

const GENERAL: readonly Command[] = [
  { name: 'filter', run: setFilter },
  { name: 'follow', run: toggleFollow },
  { name: 'go', values: rowIds, run: go },
  { name: 'mark', run: markAll },
  { name: 'mouse', run: (model, _, nowMs) => toggleMouse(model, nowMs) },
  { name: 'pause', run: (model, _, nowMs) => togglePause(model, nowMs) },
  { name: 'quit', run: () => ({ kind: 'quit' }) },
  { name: 'rate', values: () => ['100ms', '250ms', '1s', '5s'], run: setRate },
  { name: 'reverse', run: reverseSort },
  { name: 'skin', values: () => SKIN_NAMES, run: changeSkin },
  {
    name: 'sort',
    values: (model) => sortables(model).map(({ title }) => title.toLowerCase()),
    run: sort,
  },
  { name: 'sticky', run: toggleSticky },
  {
    name: 'unmark',
    run: ({ state }) => {
      state.marked.clear();
      return undefined;
    },
  },
];

function commandsOf({ views }: Model): readonly Command[] {
  const toViews = views.map((view): Command => {
    return { name: view.name, run: (model) => showView(model, view) };
  });
  return [...toViews, ...GENERAL];
}

/** What is written, taken apart. */
function parse(text: string): { readonly name: string; readonly argument: string | undefined } {
  const [, name = '', argument] = /^\s*(\S*)(?:\s+(.*))?$/.exec(text) ?? [];
  return { name, argument };
}

/** What the word that is being written can become. */
export function candidatesOf(model: Model): readonly string[] {
  const { name, argument } = parse(model.command);
  const commands = commandsOf(model);
  const known = commands.find((each) => each.name === name);
  const values =
    argument === undefined ? commands.map((each) => each.name) : (known?.values?.(model) ?? []);
  const begun = argument ?? name;
  return values.filter((value) => value.startsWith(begun)).slice(0, CANDIDATES_MAX);
}

/** What all of them begin with. */
function commonBeginning(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

/** Goes on with the word as far as there is one way to. */
export function completeCommand(model: Model): undefined {
  const candidates = candidatesOf(model);
  const { name, argument } = parse(model.command);
  const word = commonBeginning(candidates);
  if (word === '') return;
  if (argument !== undefined) model.command = `${name} ${word}`;
  else model.command = candidates.length === 1 && hasValues(model, word) ? `${word} ` : word;
}

function hasValues(model: Model, name: string): boolean {
  return commandsOf(model).some((each) => each.name === name && each.values !== undefined);
}

export function openCommand(model: Model): undefined {
  model.mode = 'command';
  model.command = '';
}

export function writeCommand(model: Model, text: string): undefined {
  model.command = text.slice(0, COMMAND_LENGTH_MAX);
}

/** Does what is written; a name may be cut short where only one begins so. */
export function runCommand(model: Model, nowMs: number): Effect | undefined {
  const { name, argument = '' } = parse(model.command);
  model.mode = 'rows';
  if (name === '') return undefined;
  // What was said before is not about this one.
  model.notice = null;
  const commands = commandsOf(model);
  const begun = commands.filter((each) => each.name.startsWith(name));
  const command = commands.find((each) => each.name === name) ?? begun[0];
  if (command === undefined || (begun.length > 1 && command.name !== name)) {
    tell(model, `there is no command ${name}: Tab shows them`, nowMs);
    return undefined;
  }
  const outcome = command.run(model, argument.trim(), nowMs);
  if (typeof outcome !== 'string') return outcome;
  tell(model, outcome, nowMs);
  return undefined;
}
