/** What views have in common whose rows are fetched. */
import { escapeLine } from '../../base/escape.ts';
import type { Gathered, Silence } from '../../client/gather.ts';
import type { Fetched } from '../fetches.ts';
import { formatCount } from '../figures.ts';
import type { Model } from '../model.ts';
import { type Slot, sortSlots } from '../node-table.ts';
import { labelLine } from './detail-lines.ts';
import type { DetailLines } from './view.ts';

/** The nodes that are up and have something to tell, in their order. */
export function askedNodes(
  model: Model,
  hasSome: (slot: Slot, model: Model) => boolean,
): readonly string[] {
  const { nodes } = model;
  const slots = [...nodes.slots.values()];
  const asked = slots.filter((slot) => nodes.lost[slot] === 0 && hasSome(slot, model));
  return sortSlots(nodes, asked).map((slot) => nodes.names[slot]!);
}

/** How old something was when it was told, for filters by age. */
export function ageSince(atMs: number, model: Model): number {
  return (model.view.takenAtMs?.(model) ?? NaN) - atMs;
}

/** Parts of a note, those that say something. */
export function joinNotes(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}

/** Why the last attempt failed, while what came before is still shown. */
export function failureNote(fetched: Fetched | undefined): string {
  return fetched?.value === undefined ? '' : escapeLine(fetched.reason);
}

/** The same of what many nodes were asked for, and who of them did not tell. */
export function gatheredNote(fetched: Fetched<Gathered<unknown>> | undefined): string {
  const { silent = [], unaskedCount = 0 } = fetched?.value ?? {};
  return joinNotes(failureNote(fetched), silenceNote(silent, unaskedCount));
}

/** Who did not tell, and why the first of them did not. */
function silenceNote(silent: readonly Silence[], unaskedCount: number): string {
  const [first] = silent;
  const others = silent.length > 1 ? ` and ${formatCount(silent.length - 1)} more` : '';
  const tells = silent.length > 1 ? 'do not tell' : 'does not tell';
  const nodes = unaskedCount === 1 ? 'node was' : 'nodes were';
  return joinNotes(
    first === undefined ? '' : escapeLine(`${first.node}${others} ${tells}: ${first.reason}`),
    unaskedCount === 0 ? '' : `${formatCount(unaskedCount)} ${nodes} not asked`,
  );
}

/** What stands where there is no row: `what` is on its way, cannot be had, or there is none. */
export function emptyTextOf(
  { state }: Model,
  fetched: Fetched | undefined,
  what: string,
  none: string,
): string {
  if (fetched?.value === undefined) {
    const reason = fetched?.reason ?? '';
    return reason === '' ? `${what} are on their way` : `${what}: ${escapeLine(reason)}`;
  }
  return state.filter === '' ? none : `none of the ${what} matches ${state.filter}`;
}

/** A title, and below it what something is called and what it is; without what is ''. */
export function fieldLines(
  title: string,
  fields: readonly (readonly [label: string, text: string])[],
): DetailLines {
  const lines = fields
    .filter(([, text]) => text !== '')
    .map(([label, text]) => labelLine(label, escapeLine(text)));
  return [[{ text: escapeLine(title), style: 'title' }], ...lines];
}
