/**
 * What other nodes send is hostile input to a terminal: control characters, escape sequences and
 * bidirectional overrides are shown as text (CVE-2021-25743 is what happens otherwise).
 */

// C0 but tab and newline, DEL, C1, and the bidirectional controls of Unicode TR9.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const UNSAFE = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function show(character: string): string {
  const code = character.charCodeAt(0);
  return code <= 0xff
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** `text` with everything a terminal would act on made visible; tab and newline stay. */
export function escapeForTerminal(text: string): string {
  return text.replace(UNSAFE, show);
}

/**
 * As {@link escapeForTerminal}, for a value that must stay on one line (names, cells of a table).
 */
export function escapeLine(text: string): string {
  return escapeForTerminal(text).replace(/\n/g, '\\n').replace(/\t/g, '\\t');
}
