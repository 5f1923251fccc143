/**
 * The order of versions, as deb-version(7) has it: numbers by their value, `~` before everything,
 * even the end (`1.0~rc1` before `1.0`), letters before other characters. What stands before a
 * colon counts first, what stands behind the last dash last.
 */

const DIGIT = /[0-9]/;

/** The place of a character that is no digit; '' is the end. */
function orderOf(character: string): number {
  if (character === '~') return -1;
  if (character === '' || DIGIT.test(character)) return 0;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

/** Parts without and with digits, in turn: `1.2b` is '', 1, '.', 2, 'b'. */
function cut(text: string): readonly string[] {
  return text.split(/([0-9]+)/);
}

function compareTexts(a: string, b: string): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = orderOf(a[at] ?? '') - orderOf(b[at] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareDigits(a: string, b: string): number {
  const [one, other] = [a, b].map((digits) => digits.replace(/^0+/, '')) as [string, string];
  return one.length - other.length || (one < other ? -1 : one > other ? 1 : 0);
}

function compareParts(a: string, b: string): number {
  const [ones, others] = [cut(a), cut(b)];
  for (let at = 0; at < Math.max(ones.length, others.length); at++) {
    const compare = at % 2 === 0 ? compareTexts : compareDigits;
    const difference = compare(ones[at] ?? '', others[at] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

function split(version: string): readonly [epoch: string, upstream: string, revision: string] {
  const [, epoch = '0', rest = version] = /^(\d+):(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return dash < 0 ? [epoch, rest, ''] : [epoch, rest.slice(0, dash), rest.slice(dash + 1)];
}

/** Below 0 when `a` is the older one, above 0 when `b` is, 0 when neither is. */
export function compareVersions(a: string, b: string): number {
  const [ones, others] = [split(a), split(b)];
  return (
    compareDigits(ones[0], others[0]) ||
    compareParts(ones[1], others[1]) ||
    compareParts(ones[2], others[2])
  );
}
