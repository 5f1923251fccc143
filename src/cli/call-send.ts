/** Makes calls whose answers nobody waits for: detached ones, and ones without an answer. */
import type { Client } from '../client/client.ts';
import { parseBroadcast } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import type { CallPlan } from './call-run.ts';
import { printLine, printRecord } from './output.ts';

/** A call that was not taken. */
export interface NotTaken {
  readonly target: string;
  readonly error: DagentError;
}

/** Detaches one, and prints its id: alone where there is one only. */
async function detach(client: Client, plan: CallPlan, to: string, target: string): Promise<void> {
  const { method, args, request, isJson, targets } = plan;
  const { service, sn } = await client.detach(to, method, args, request);
  if (isJson || targets.size > 1) {
    printRecord({ type: 'detached', target, service, sn });
  } else {
    printLine(sn);
    process.stderr.write(`dagent: its outcome: dagent call ${service} admin.result ${sn}\n`);
  }
}

/** Sends one without an answer; settles when it has arrived, or cannot be followed further. */
async function tell(client: Client, plan: CallPlan, to: string, target: string): Promise<void> {
  const { method, args, request, isJson } = plan;
  if (parseBroadcast(to) !== undefined) {
    client.tell(to, method, args, request);
    await client.taken();
    if (isJson) printRecord({ type: 'sent', target });
    return;
  }
  const delivery = await client.deliverCall(to, method, args, request);
  if (isJson) printRecord({ type: 'sent', target, ...delivery });
  else if (delivery.state === 'cached') {
    process.stderr.write(`dagent: ${to} is away: ${delivery.node} keeps the call\n`);
  }
}

/** Makes the calls; those that were not taken are returned. */
export async function sendCalls(
  client: Client,
  plan: CallPlan,
  isDetached: boolean,
): Promise<NotTaken[]> {
  const failures: NotTaken[] = [];
  const send = isDetached ? detach : tell;
  const one = async ([to, target]: readonly [string, string]): Promise<void> => {
    try {
      await send(client, plan, to, target);
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      failures.push({ target, error });
    }
  };
  await Promise.all([...plan.targets].map(one));
  return failures;
}
