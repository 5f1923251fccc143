/** What a simulated node sees of the simulation that it is in. */
import type { RouterOutput } from '../../src/router/io.ts';
import type { Agenda } from './agenda.ts';
import type { Chance } from './chance.ts';
import type { Envelopes } from './envelopes.ts';
import type { Floods } from './floods.ts';
import type { Network } from './network.ts';
import type { SimNode } from './node.ts';
import type { Plan } from './plan.ts';
import type { Outcome } from './program.ts';

export interface World {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly plan: Plan;
  readonly envelopes: Envelopes;
  readonly floods: Floods;
  /** Between nodes, and between a node and its programs. */
  readonly network: Network;
  readonly local: Network;
  readonly nodes: readonly SimNode[];
  readonly outcomes: Record<Outcome, number>;
  /** Every byte that a router lets out, for the digest of the run. */
  record(node: SimNode, output: RouterOutput): void;
  isWellBehaved(): boolean;
}
