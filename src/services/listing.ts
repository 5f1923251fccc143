/**
 * `tree.nodes`: the nodes that this one knows, all of them or those of a selector, as a stream: a
 * reader that is slow stops it, and no number of nodes is too many for one answer.
 *
 * Records are lines of JSON on channel 1 (protocol/status.ts).
 */
import type { CallContext, Method } from '../endpoint/methods.ts';
import { DagentError } from '../protocol/errors.ts';
import { type SelectableNode, type Selected, selectNodes } from '../protocol/select.ts';
import { replaceLast, type Selector } from '../protocol/selector.ts';
import { parseSelector } from '../protocol/selector-parser.ts';
import { type ListedRecord, STATUS_CHANNEL, type TreeAnswer } from '../protocol/status.ts';
import { describeByName, type RoundTrips, sayCutOff, type TreeView } from './census.ts';
import { sendLines } from './line-stream.ts';

const METHOD = 'tree.nodes';

/** The selector in the argument of a call; undefined without one. Throws E_ARGUMENT_INVALID. */
function readSelector(argument: unknown): Selector | undefined {
  if (argument === undefined) return undefined;
  const fail = (reason: string): never => {
    throw new DagentError('E_ARGUMENT_INVALID', { method: METHOD, reason });
  };
  if (typeof argument !== 'string') return fail('the selector must be a text');
  return replaceLast(parseSelector(argument), () => fail('@last is known where it is typed only'));
}

function* listNodes(view: TreeView): Iterable<SelectableNode> {
  yield { record: view.self(), state: 'up' };
  yield* view.nodes();
}

/** What a listing needs to know of nodes. */
export interface ListingComponents {
  readonly view: TreeView;
  /**
   * Settles when those of `names` that may be back soon are, or need not be waited for any more;
   * undefined when there are none.
   */
  untilBack(names: Iterable<string>, signal: AbortSignal): Promise<void> | undefined;
}

/** A line for each name, made when it is asked for; none for who is forgotten by then. */
function* formatLines(
  view: TreeView,
  nodes: readonly SelectableNode[],
  unknown: readonly string[],
): Iterable<string> {
  const heard: RoundTrips = new Map();
  const format = (record: ListedRecord) => `${JSON.stringify(record)}\n`;
  for (const { record } of nodes) {
    const node = describeByName(view, record.name, heard);
    if (node !== undefined) yield format({ type: 'node', node });
  }
  for (const name of unknown) yield format({ type: 'unknown', name });
}

function listSelected(view: TreeView, selector: Selector | undefined): Selected<SelectableNode> {
  const all = [...listNodes(view)];
  const everything = { nodes: all, unknown: [], unmatched: [] };
  return selector === undefined ? everything : selectNodes(selector, all);
}

async function answer(
  { view, untilBack }: ListingComponents,
  [argument, options]: readonly unknown[],
  context: CallContext,
): Promise<TreeAnswer> {
  const selector = readSelector(argument);
  const { isPatient } = (options ?? {}) as Readonly<Record<string, unknown>>;
  let selected = listSelected(view, selector);
  const names = selected.nodes.map(({ record }) => record.name);
  const back = isPatient === true ? untilBack(names, context.signal) : undefined;
  if (back !== undefined) {
    context.exchange.progress({ state: 'waiting' });
    await back;
    selected = listSelected(view, selector);
  }
  const { nodes, unknown, unmatched } = selected;
  const count = await sendLines(formatLines(view, nodes, unknown), STATUS_CHANNEL, context);
  return { realm: view.realm, count, unmatched, ...sayCutOff(view) };
}

/**
 * The method by which a node lists what it knows. Who is patient gets the nodes as they are once
 * those that come back after a restart of this one have had their time.
 */
export function createListing(components: ListingComponents): Record<string, Method> {
  return {
    [METHOD]: {
      doc: 'Streams this node and all below it, or those of a selector, as lines of JSON.',
      args: ['selector?', '{isPatient}?'],
      run: (args, context) => answer(components, args, context),
    },
  };
}
