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

/** Bytes as a record of JSON has them. */
export interface TextData {
  readonly data: string;
  /** Absent: `data` is the text itself. */
  readonly enc?: 'base64';
}

/** Data as text, or in base64 when it is no UTF-8. */
export function encodeData(data: Buffer): TextData {
  const text = data.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(data);
  return isText ? { data: text } : { data: data.toString('base64'), enc: 'base64' };
}
