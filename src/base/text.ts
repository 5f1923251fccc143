/** Texts out of what others sent. */

/** The text of a value, whatever it is: '' for none, and for what has no text at all. */
export function toText(value: unknown): string {
  try {
    return String(value ?? '');
  } catch {
    // An object may come with a toString of its own, which need not be a function.
    return '';
  }
}
