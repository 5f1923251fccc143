/**
 * What the world can do to us, as a value: something to throw, to send, and to decide by. The codes
 * are in error-table.ts. Branch on `code`, never on the message.
 */
import { ERRORS, type ErrorEntry } from './error-table.ts';
import { parseException, type RemoteException } from './exception.ts';

export { ERRORS };

export type ErrorCode = keyof typeof ERRORS;
export type ErrorValues = Readonly<Record<string, string | number>>;

/** An error as data: how it crosses a link. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly values: ErrorValues;
  /** Name of the node where it arose. */
  readonly origin?: string;
  /** A remote exception's class and arguments, where there is one. */
  readonly details?: unknown;
}

/** `web1:` is the node web1 itself, and is called so where a sentence goes on. */
function toText(name: string, value: string | number): string {
  return name === 'to' ? String(value).replace(/:$/, '') : String(value);
}

function fill(template: string, values: ErrorValues): string {
  return template.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : toText(name, value);
  });
}

/** Whether a peer's word is a code that we know. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

/** What the world did, as something to throw or to send. */
export class DagentError extends Error {
  override name = 'DagentError';
  readonly code: ErrorCode;
  readonly values: ErrorValues;
  readonly origin: string | undefined;
  readonly details: unknown;

  constructor(code: ErrorCode, values: ErrorValues = {}, more: Partial<ErrorData> = {}) {
    super(fill(ERRORS[code].message, values));
    this.code = code;
    this.values = values;
    this.origin = more.origin;
    this.details = more.details;
  }

  /** What the reader can do now, if anything. */
  get hint(): string | undefined {
    const entry: ErrorEntry = ERRORS[this.code];
    const hint = entry.hint === undefined ? undefined : fill(entry.hint, this.values);
    return hint === '' ? undefined : hint;
  }

  /** Exit status of a command that ends with this error. */
  get exit(): number {
    return ERRORS[this.code].exit;
  }

  get isRetryable(): boolean {
    const entry: ErrorEntry = ERRORS[this.code];
    return entry.retryable === true;
  }

  toData(): ErrorData {
    return {
      code: this.code,
      values: this.values,
      ...(this.origin === undefined ? {} : { origin: this.origin }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}

/** What a method threw at the other side, or another of its failures that has no code here. */
export class RemoteError extends DagentError {
  override name = 'RemoteError';

  /** Its class, arguments and state. */
  get exception(): RemoteException {
    const { class: name, text } = this.values;
    return parseException(this.details, { class: String(name), message: String(text) });
  }

  /** The service that it comes from, `node:service`. */
  get service(): string {
    return String(this.values.node);
  }
}

/** The values that can be shown; a peer may have sent anything. */
function valuesIn(data: unknown): ErrorValues {
  const entries = typeof data === 'object' && data !== null ? Object.entries(data) : [];
  return Object.fromEntries(entries.filter(([, value]) => /^(string|number)$/.test(typeof value)));
}

/** The error that a peer sent; a code from a newer version becomes E_REMOTE with that code. */
export function errorFromData(data: unknown): DagentError {
  const { code, values, origin, details } = (data ?? {}) as Partial<
    Record<keyof ErrorData, unknown>
  >;
  const node = typeof origin === 'string' ? origin : undefined;
  const more = { details, ...(node === undefined ? {} : { origin: node }) };
  if (isErrorCode(code) && code !== 'E_REMOTE') {
    return new DagentError(code, valuesIn(values), more);
  }
  if (code === 'E_REMOTE') {
    const unsaid = { class: 'Error', node: node ?? 'a node', text: '' };
    return new RemoteError(code, { ...unsaid, ...valuesIn(values) }, more);
  }
  const name = typeof code === 'string' ? code : 'an unknown error';
  return new RemoteError('E_REMOTE', { class: name, node: node ?? 'a node', text: '' }, more);
}
