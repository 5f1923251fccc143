/** The body of a call, and what its answering side says on the way: PROTOCOL.md, section 8. */
import { DagentError } from './errors.ts';
import { CALLBACKS_MAX } from './limits.ts';
import { isMap, pack, unpack } from './pack.ts';
import { flawOf } from './value.ts';

/** Arguments by name. */
export type Named = Readonly<Record<string, unknown>>;

/** A position, or a name. */
export type Place = number | string;

/** Arguments of a method, or of the constructor of its object. */
export interface Arguments {
  readonly args: readonly unknown[];
  readonly kws: Named;
}

/** All that a call asks for, besides its method. */
export interface CallBody extends Arguments {
  /** For the constructor of the object whose method it is. */
  readonly cntr: Arguments;
  /** The version of the interface that the caller was made for; undefined takes the newest. */
  readonly version: string | undefined;
  /** The caller's own, by which calls can be chosen. */
  readonly data: unknown;
  /** Whether the caller wants to hear that it was accepted, and that it was started. */
  readonly tellsStatus: boolean;
  /** It runs on by itself: the reply is where to ask for its outcome. */
  readonly isDetached: boolean;
  /** What it may take where nobody waits for it, in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** Arguments that are functions of the caller. */
  readonly callbacks: readonly Place[];
}

/** How far a call is. */
export interface ProgressReport {
  /** Items there are to be done, and those that are; null where nobody can say. */
  readonly total: number | null;
  readonly completed: number | null;
  /** Anything that is worth telling. */
  readonly details: unknown;
}

const NO_ARGUMENTS: Arguments = Object.freeze({ args: [], kws: Object.freeze({}) });
const EMPTY_BODY: CallBody = {
  ...NO_ARGUMENTS,
  cntr: NO_ARGUMENTS,
  version: undefined,
  data: undefined,
  tellsStatus: false,
  isDetached: false,
  timeoutMs: undefined,
  callbacks: [],
};

/** Throws E_VALUE_INVALID when a value, which is `what`, cannot travel. */
export function checkValue(what: string, value: unknown): void {
  const reason = flawOf(value);
  if (reason !== undefined) throw new DagentError('E_VALUE_INVALID', { what, reason });
}

/** What a body has on the wire. */
interface WireBody {
  args: readonly unknown[];
  kwargs?: Named;
  cntr?: readonly [readonly unknown[], Named];
  version?: string;
  data?: unknown;
  says?: true;
  detached?: true;
  timeoutMs?: number;
  callbacks?: readonly Place[];
}

/** The body of a call. Throws E_VALUE_INVALID. */
export function encodeCall(call: Partial<CallBody>): Buffer {
  const { args = [], kws, cntr, version, data, timeoutMs, callbacks } = call;
  const wire: WireBody = { args };
  if (kws !== undefined) wire.kwargs = kws;
  if (cntr !== undefined) wire.cntr = [cntr.args, cntr.kws];
  if (version !== undefined) wire.version = version;
  if (data !== undefined) wire.data = data;
  if (call.tellsStatus === true) wire.says = true;
  if (call.isDetached === true) wire.detached = true;
  if (timeoutMs !== undefined) wire.timeoutMs = timeoutMs;
  if (callbacks !== undefined && callbacks.length > 0) wire.callbacks = callbacks;
  checkValue('an argument', wire);
  return pack(wire);
}

function invalid(reason: string): DagentError {
  return new DagentError('E_VALUE_INVALID', { what: 'the call', reason });
}

function readArguments(args: unknown = [], kws: unknown = {}): Arguments {
  if (!Array.isArray(args)) throw invalid('its arguments are no list');
  if (!isMap(kws)) throw invalid('its named arguments are no map');
  return { args: args as readonly unknown[], kws };
}

function readConstruction(cntr: unknown): Arguments {
  if (cntr === undefined || cntr === null) return NO_ARGUMENTS;
  if (!Array.isArray(cntr)) throw invalid('what is for its constructor is no list');
  return readArguments(cntr[0], cntr[1]);
}

function isPlace(place: unknown, { args, kws }: Arguments): place is Place {
  if (typeof place === 'string') return Object.hasOwn(kws, place);
  return Number.isInteger(place) && (place as number) >= 0 && (place as number) < args.length;
}

function readCallbacks(places: unknown, given: Arguments): readonly Place[] {
  if (places === undefined) return [];
  const isList = Array.isArray(places) && places.every((each) => isPlace(each, given));
  if (!isList) throw invalid('its callbacks are none of its arguments');
  if (places.length > CALLBACKS_MAX) throw invalid(`it has more than ${CALLBACKS_MAX} callbacks`);
  return places as readonly Place[];
}

/** Reads the body of a call; none at all is one without arguments. Throws E_VALUE_INVALID. */
export function decodeCall(bytes: Buffer): CallBody {
  if (bytes.length === 0) return EMPTY_BODY;
  const wire = unpack(bytes);
  if (!isMap(wire)) throw invalid('it is no map of MessagePack');
  const flaw = flawOf(wire);
  if (flaw !== undefined) throw invalid(flaw);
  const given = readArguments(wire.args, wire.kwargs);
  const { version, timeoutMs } = wire;
  if (version !== undefined && version !== null && typeof version !== 'string') {
    throw invalid('its version is no text');
  }
  return {
    ...given,
    cntr: readConstruction(wire.cntr),
    version: version ?? undefined,
    data: wire.data,
    tellsStatus: wire.says === true,
    isDetached: wire.detached === true,
    timeoutMs: typeof timeoutMs === 'number' && timeoutMs > 0 ? timeoutMs : undefined,
    callbacks: readCallbacks(wire.callbacks, given),
  };
}

function readCount(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** What a progress says, whatever came. */
export function parseProgress(value: unknown): ProgressReport {
  const { total, completed, details } = isMap(value) ? value : {};
  const isPlain = flawOf(details) === undefined;
  return {
    total: readCount(total),
    completed: readCount(completed),
    details: isPlain ? (details ?? null) : null,
  };
}
