/** Makes the calls of a command line, to one or to many, and tells of each as it goes. */
import type { CallHandle } from '../client/call-handle.ts';
import type { CallRequest, CallStatus, GroupAnswer } from '../client/call-options.ts';
import type { Client } from '../client/client.ts';
import { type DagentError, RemoteError } from '../protocol/errors.ts';
import { createCallProgress } from './call-progress.ts';
import { catchSignals } from './interruption.ts';
import { printRecord } from './output.ts';

/** What is called, and where. */
export interface CallPlan {
  /** Addresses, with what each is called in records. */
  readonly targets: ReadonlyMap<string, string>;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly request: CallRequest;
  /** Whether all is told as records. */
  readonly isJson: boolean;
  /** Whether progress is told where stderr is no terminal, too. */
  readonly tellsProgress: boolean;
}

/** How a run of calls ended. */
export interface CallsEnd {
  /** The exit status that a signal has asked for. */
  readonly interrupted: number | undefined;
}

/** An error as a record has it. */
function errorRecord(error: DagentError): Record<string, unknown> {
  const { code, message, origin } = error;
  const at = origin === undefined ? {} : { origin };
  if (!(error instanceof RemoteError)) return { code, message, ...at, values: error.values };
  return { code, message, ...at, service: error.service, exception: error.exception };
}

/** What an exception carries besides its message, for people; undefined when that is nothing. */
export function describeException(error: DagentError): string | undefined {
  if (!(error instanceof RemoteError)) return undefined;
  const { args, state, message } = error.exception;
  const isBare = args.length === 0 || (args.length === 1 && args[0] === message);
  const parts = isBare ? [] : [`arguments: ${args.map((arg) => JSON.stringify(arg)).join(', ')}`];
  for (const [name, value] of Object.entries(state))
    parts.push(`${name}: ${JSON.stringify(value)}`);
  return parts.length === 0 ? undefined : parts.join('\n  ');
}

/** Addresses until somebody says that it is enough. */
function* until(isOver: () => boolean, addresses: Iterable<string>): Iterable<string> {
  for (const address of addresses) {
    if (isOver()) return;
    yield address;
  }
}

function statusRecord(target: string, status: CallStatus): Record<string, unknown> | undefined {
  switch (status.kind) {
    case 'accepted':
    case 'started':
      return { type: 'status', target, status: status.kind };
    case 'progress':
      return { type: 'progress', target, ...status.report };
    default:
      return undefined;
  }
}

/**
 * Makes the calls, and hands each answer to `onAnswer` as it comes. Ctrl-C tells those that run to
 * stop, and waits for what becomes of them; once more leaves at once.
 */
export async function runCalls(
  client: Client,
  plan: CallPlan,
  onAnswer: (target: string, answer: GroupAnswer) => void,
): Promise<CallsEnd> {
  const { targets, method, args, request, isJson } = plan;
  const nameOf = (to: string): string => targets.get(to) ?? to;
  const progress = isJson ? undefined : createCallProgress(process.stderr, plan.tellsProgress);
  const open = new Map<string, CallHandle>();
  let isCancelled = false;
  const interruption = catchSignals({
    cancel: () => {
      isCancelled = true;
      for (const handle of open.values()) handle.cancel();
    },
    tellStatus: () => {
      progress?.clear();
      process.stderr.write(`dagent: ${open.size} of ${targets.size} have not answered yet\n`);
    },
    hasKeyboard: false,
  });
  const follow = isJson
    ? (status: CallStatus, to: string): void => {
        const record = statusRecord(nameOf(to), status);
        if (record !== undefined) printRecord(record);
      }
    : undefined;
  const answers = client.callMany(
    until(() => isCancelled, targets.keys()),
    method,
    args,
    {
      ...request,
      onStart: (handle) => open.set(handle.to, handle),
      onStatus: follow,
      onProgress: (report, to) => progress?.show(nameOf(to), report),
    },
  );
  try {
    for await (const answer of answers) {
      open.delete(answer.to);
      progress?.clear();
      onAnswer(nameOf(answer.to), answer);
    }
  } finally {
    progress?.clear();
    interruption.restore();
  }
  return { interrupted: interruption.status };
}

/** An answer as a record. */
export function answerRecord(target: string, answer: GroupAnswer): Record<string, unknown> {
  return answer.kind === 'value'
    ? { type: 'result', target, value: answer.value ?? null }
    : { type: 'error', target, error: errorRecord(answer.error) };
}
