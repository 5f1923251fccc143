/**
 * MessagePack, as heads and structured bodies use it: plain maps, no records, no code, no
 * prototypes.
 */
import { Packr } from 'msgpackr/pack';
import { Unpackr } from 'msgpackr/unpack';

const packr = new Packr({ useRecords: false, encodeUndefinedAsNil: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

/** The bytes of a value. */
export function pack(value: unknown): Buffer {
  return packr.pack(value);
}

/**
 * The value, or undefined when the bytes are not MessagePack: a peer's mistake is not an exception.
 */
export function unpack(bytes: Buffer): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Whether a value is a map, and not one of the other objects that MessagePack's extensions make.
 */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value instanceof Object && Object.getPrototypeOf(value) === Object.prototype;
}

/** The value when it is a map, else an empty one: for heads, whose unknown fields are ignored. */
export function unpackMap(bytes: Buffer): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) return {};
  const value = unpack(bytes);
  return isMap(value) ? value : {};
}
