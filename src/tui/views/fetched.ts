/** What views have in common whose rows are fetched. */
import { escapeLine } from '../../base/escape.ts';
import type { Fetched } from '../fetches.ts';
import type { Model } from '../model.ts';
import { labelLine } from './detail-lines.ts';
import type { DetailLines } from './view.ts';

/** Parts of a note, those that say something. */
export function joinNotes(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('; ');
}

/** Why the last attempt failed, while what came before is still shown. */
export function failureNote(fetched: Fetched | undefined): string {
  return fetched?.value === undefined ? '' : escapeLine(fetched.reason);
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
