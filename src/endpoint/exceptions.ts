/** What a method, or a callback, threw: made into an error that travels. */
import { DagentError, RemoteError } from '../protocol/errors.ts';
import { exceptionOf } from '../protocol/exception.ts';

/** The side on which something was thrown. */
export interface Thrower {
  readonly node: string;
  /** `node:service`. */
  readonly address: string;
}

/** The error that the other side sees for what was thrown here. One of ours stays what it is. */
export function toRemoteError(thrown: unknown, { node, address }: Thrower): DagentError {
  if (thrown instanceof DagentError) {
    const { code, values, details, origin = node } = thrown;
    return new DagentError(code, values, { details, origin });
  }
  const exception = exceptionOf(thrown);
  const { class: name, message: text, module, args, state } = exception;
  const details = { module, args, state };
  const values = { class: name, text, node: address };
  return new RemoteError('E_REMOTE', values, { origin: node, details });
}
