/**
 * The methods of the class `admin` that every service with methods has: what there is, what runs.
 */
import { type Criteria, parseCriteria } from '../protocol/criteria.ts';
import { DagentError, errorFromData } from '../protocol/errors.ts';
import { CALLS_SHOWN_BYTES_MAX } from '../protocol/limits.ts';
import { pack, unpack } from '../protocol/pack.ts';
import type { DetachedCalls } from './detached-calls.ts';
import type { MethodTable } from './method-table.ts';
import type { CallContext, Methods } from './methods.ts';
import type { CallRecord, RunningCall } from './running-call.ts';

export interface AdminComponents {
  table(): MethodTable;
  running(): Iterable<RunningCall>;
  readonly detached: DetachedCalls;
}

function fail(method: string, reason: string): never {
  throw new DagentError('E_ARGUMENT_INVALID', { method, reason });
}

/** The calls that `admin.cancel` means: one of an id, or all whose data are of a kind. */
function readChoice(sn: unknown, criteria: unknown): (call: RunningCall) => boolean {
  const method = 'admin.cancel';
  const hasSn = sn !== undefined && sn !== null;
  const hasCriteria = criteria !== undefined && criteria !== null;
  if (!hasSn && !hasCriteria) fail(method, 'say which: an sn, or criteria such as {"eq": "x"}');
  if (hasSn && typeof sn !== 'string') fail(method, 'an sn is a text');
  const test: Criteria | undefined = hasCriteria ? parseCriteria(criteria) : () => true;
  if (test === undefined)
    fail(method, 'criteria are {"eq": ...}, or neq, in, gt, lt, match, and, or');
  return (call) => (!hasSn || call.sn === sn) && test(call.data ?? null);
}

/** The outcome of a detached call, or what ended the wait for it. */
async function pickUp(
  detached: DetachedCalls,
  sn: unknown,
  context: CallContext,
): Promise<unknown> {
  const { signal, exchange } = context;
  const outcome = typeof sn === 'string' ? detached.outcomeOf(sn) : undefined;
  if (outcome === undefined) {
    throw new DagentError('E_CALL_UNKNOWN', { service: exchange.request.to, sn: String(sn) });
  }
  const gone = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  const it = await Promise.race([outcome, gone]);
  if (it.kind === 'threw') throw errorFromData(it.error);
  return unpack(it.data);
}

/** As many as fit an answer; how many do not is said in a last record. */
function fit(records: readonly CallRecord[]): (CallRecord | { readonly leftOut: number })[] {
  let bytes = 0;
  const isFitting = (record: CallRecord): boolean => {
    bytes += pack(record).length;
    return bytes <= CALLS_SHOWN_BYTES_MAX;
  };
  const end = records.findIndex((record) => !isFitting(record));
  return end < 0 ? [...records] : [...records.slice(0, end), { leftOut: records.length - end }];
}

export function createAdminMethods(components: AdminComponents): Methods {
  const { table, running, detached } = components;
  const records = (): CallRecord[] => [
    ...[...running()].map((call) => call.record()),
    ...detached.kept(),
  ];
  return {
    'admin.help': {
      doc: 'Lists the methods of this service.',
      run: () => table().signatures(),
    },
    'admin.describe': {
      doc: 'Tells of the classes of this service, or of one, with versions and methods.',
      args: ['class?'],
      run: ([name]) => table().describe(typeof name === 'string' ? name : undefined),
    },
    'admin.calls': {
      doc: 'The calls that run, and the detached ones whose outcome is kept.',
      run: (_, { sn }) => fit(records().filter((each) => each.sn !== sn)),
    },
    'admin.cancel': {
      doc: 'Cancels calls: that of an sn, or all whose data meet the criteria. Returns their sn.',
      args: ['sn?', 'criteria?'],
      run: ([sn, criteria], context) => {
        const isMeant = readChoice(sn, criteria);
        const meant = [...running()].filter((call) => call.sn !== context.sn && isMeant(call));
        for (const { exchange } of meant) exchange.onCancel();
        return meant.map((call) => call.sn);
      },
    },
    'admin.poll': {
      doc: 'Tells of one call: its state, and how far it is.',
      args: ['sn'],
      run: ([sn], { exchange }) => {
        const found = records().find((each) => each.sn === sn);
        if (found !== undefined) return found;
        const values = { service: exchange.request.to, sn: String(sn) };
        throw new DagentError('E_CALL_UNKNOWN', values);
      },
    },
    'admin.result': {
      doc: 'The outcome of a detached call: waits until there is one.',
      args: ['sn'],
      run: ([sn], context) => pickUp(detached, sn, context),
    },
  };
}
