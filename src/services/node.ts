/** The methods by which a node tells about itself and about the tree below it. */
import type { Asking } from '../endpoint/asking.ts';
import { decodeValue, type Method } from '../endpoint/methods.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import { isNodeName } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { collectInfo, parseInfoArguments } from './info.ts';
import { digestInfo } from './info-digest.ts';
import { matchHost } from './info-match.ts';
import { createListing, type ListingComponents } from './listing.ts';

export interface NodeComponents extends ListingComponents {
  readonly clock: Clock;
  readonly probe: HostProbe;
  /** Opens a call to the parent's service; undefined at the top. */
  openParent(method: string): Asking | undefined;
  /** How envelopes ended at this node, and what else it counts. */
  counters(): Readonly<Record<string, number>>;
}

/** Name of the node at the top of the tree: asked upwards, one parent after the other. */
async function findTop(components: NodeComponents): Promise<string> {
  const asking = components.openParent('tree.top');
  if (asking === undefined) return components.view.self().name;
  const name = decodeValue((await asking.outcome).data);
  if (typeof name === 'string' && isNodeName(name)) return name;
  throw new DagentError('E_NOT_UNDERSTOOD', { service: 'the parent', command: 'tree.top' });
}

/** Methods of every node. */
export function createNodeMethods(components: NodeComponents): Record<string, Method> {
  const { view, clock, probe } = components;
  return {
    'admin.hello': {
      doc: 'Says hello, with the name of the node.',
      run: () => `hello from ${view.self().name}`,
    },
    'admin.echo': {
      doc: 'Returns its argument.',
      args: ['value'],
      run: ([value]) => value ?? null,
    },
    'node.ping': {
      doc: 'Returns the clock of the node, in ms since the epoch.',
      run: () => clock.wallMs(),
    },
    'node.counters': {
      doc: 'What the node has counted since its start.',
      run: () => components.counters(),
    },
    'tree.top': { doc: 'Name of the node at the top of the tree.', run: () => findTop(components) },
    ...createListing(components),
    'info.match': {
      doc: 'Whether the host meets a condition on its facts, and what of it is not known.',
      args: ['condition'],
      run: ([condition]) => matchHost(probe, condition),
    },
    'info.digest': {
      doc: 'As info.get, but of long facts only {hash}, and others as {facts}.',
      args: ['...classes', '{users}?'],
      run: async (args) => {
        const { classes, options } = parseInfoArguments(args);
        return digestInfo(await collectInfo(probe, classes, options));
      },
    },
    'info.get': {
      doc: 'Facts of the host, by class; a usual set without arguments.',
      args: ['...classes', '{users}?'],
      run: (args) => {
        const { classes, options } = parseInfoArguments(args);
        return collectInfo(probe, classes, options);
      },
    },
  };
}
