/** All views, in the order of the digits that lead to them. */
import { flagsView } from './flags.ts';
import { flatView } from './flat.ts';
import { hubView } from './hub.ts';
import { servicesView } from './services.ts';
import { treeView } from './tree.ts';
import type { View } from './view.ts';

export const VIEWS: readonly View<unknown>[] = [
  treeView,
  flatView,
  servicesView,
  hubView,
  flagsView,
];
