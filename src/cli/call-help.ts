/** What a service offers, for people: its classes, their versions and methods. */
import { escapeLine } from '../base/escape.ts';
import type { ClassHelp } from '../client/service-help.ts';

type MethodHelp = ClassHelp['methods'][number];

function signature({ name, args }: MethodHelp): string {
  return `${name}(${args.join(', ')})`;
}

/** Lines of two columns, of which the first is as wide as it must be. */
function align(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}`.trimEnd());
}

function formatClass({ name, doc, version, args, methods }: ClassHelp): string {
  const title = [name, version ?? '', doc].filter((each) => each !== '').join('  ');
  const made: (readonly [string, string])[] =
    args.length === 0 ? [] : [[`new(${args.join(', ')})`, 'Arguments for its object: --new']];
  const rows = [...made, ...methods.map((each) => [signature(each), each.doc] as const)];
  const safe = rows.map(([first, second]) => [escapeLine(first), escapeLine(second)] as const);
  return [escapeLine(title), ...align(safe)].join('\n');
}

/** A command line that calls the first method there is. */
function formatExample(address: string, classes: readonly ClassHelp[]): string {
  const [first] = classes;
  const method = first?.methods[0];
  if (first === undefined || method === undefined) return '';
  const words = method.args.filter((arg) => !arg.endsWith('?')).map((arg) => arg.toUpperCase());
  const made = first.args
    .filter((arg) => !arg.endsWith('?'))
    .map((arg) => `--new ${arg.toUpperCase()}`);
  const line = ['dagent call', address, `${first.name}.${method.name}`, ...words, ...made];
  return `\n\n$ ${escapeLine(line.join(' '))}`;
}

/** The classes that are meant by a word, or what one of their methods is; those of all first. */
function choose(classes: readonly ClassHelp[], word: string | undefined): ClassHelp[] {
  if (word === undefined) {
    const isOwn = ({ name }: ClassHelp): boolean => name === 'admin';
    return [...classes.filter((each) => !isOwn(each)), ...classes.filter(isOwn)];
  }
  const named = classes.filter(({ name }) => name === word);
  if (named.length > 0) return named;
  return classes.flatMap((each) => {
    const methods = each.methods.filter(({ name }) => `${each.name}.${name}` === word);
    return methods.length > 0 ? [{ ...each, methods }] : [];
  });
}

/**
 * The help of a service, of one of its classes, or of one method. Undefined when `word` is none of
 * these.
 */
export function formatServiceHelp(
  address: string,
  classes: readonly ClassHelp[],
  word?: string,
): string | undefined {
  const chosen = choose(classes, word);
  if (chosen.length === 0) return undefined;
  return chosen.map(formatClass).join('\n\n') + formatExample(address, chosen);
}
