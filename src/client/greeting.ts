/** The beginning of a connection that this side dialled: magic, hello, and the first answer. */
import type { Connection } from '../ports/transport.ts';
import { DagentError } from '../protocol/errors.ts';
import { encodeFrame, Kind, MAGIC } from '../protocol/frame.ts';
import { pack } from '../protocol/pack.ts';
import { createSplitter, eachFrame, splitFrames } from '../protocol/splitter.ts';

/** Who hears of what comes after the handshake. */
export interface GreetingHandlers {
  /** Whole frames. */
  onFrames(run: Buffer): void;
  onClose(error: DagentError): void;
  onDrain(): void;
}

export interface Greeting<Answer> {
  readonly answer: Answer;
  readonly connection: Connection;
  /** Says who is to hear of what comes. */
  attach(handlers: GreetingHandlers): void;
}

/**
 * Says hello, and settles with what `read` makes of the first frame. Throws E_HANDSHAKE_TIMEOUT,
 * E_NOT_OURS, E_CONNECTION_LOST, and the error that `read` returns; the connection is gone then.
 */
export function greet<Answer extends object>(
  connection: Connection,
  hello: object,
  read: (frame: Buffer) => Answer | DagentError,
  timeoutMs: number,
): Promise<Greeting<Answer>> {
  return new Promise((resolve, reject) => {
    let handlers: GreetingHandlers | undefined;
    let early: Buffer[] = [];
    let isAnswered = false;
    const splitter = createSplitter();
    const fail = (error: DagentError): void => {
      clearTimeout(timer);
      connection.abort('the handshake failed');
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new DagentError('E_HANDSHAKE_TIMEOUT', { ms: timeoutMs })),
      timeoutMs,
    );
    const attach = (to: GreetingHandlers): void => {
      handlers = to;
      for (const run of early) to.onFrames(run);
      early = [];
    };
    const answered = (frame: Buffer): void => {
      const answer = read(frame);
      if (answer instanceof DagentError) return fail(answer);
      isAnswered = true;
      clearTimeout(timer);
      resolve({ answer, connection, attach });
    };
    const onRun = (run: Buffer): void => {
      if (handlers !== undefined) handlers.onFrames(run);
      else if (isAnswered) early.push(run);
      else eachFrame(run, (frame) => (isAnswered ? early.push(frame) : answered(frame)));
    };
    connection.attach({
      onBytes: (bytes) => {
        for (const run of splitFrames(splitter, bytes)) {
          if (run.kind === 'frames') onRun(run.bytes);
          else if (isAnswered) connection.abort(`a broken frame: ${run.fault.code}`);
          else fail(new DagentError('E_NOT_OURS'));
        }
      },
      onClose: (reason) => {
        const error = new DagentError('E_CONNECTION_LOST', { node: 'the daemon', reason });
        if (isAnswered) handlers?.onClose(error);
        else fail(error);
      },
      onDrain: () => handlers?.onDrain(),
    });
    connection.write(Buffer.concat([MAGIC, encodeFrame({ kind: Kind.HELLO }, pack(hello))]));
  });
}
