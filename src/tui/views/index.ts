/** All views, in the order of the digits that lead to them. */
import { eventsView } from './events.ts';
import { flagsView } from './flags.ts';
import { flatView } from './flat.ts';
import { hubView } from './hub.ts';
import { jobsView } from './jobs.ts';
import { linksView } from './links.ts';
import { mailboxesView } from './mailboxes.ts';
import { servicesView } from './services.ts';
import { treeView } from './tree.ts';
import type { View } from './view.ts';

export const VIEWS: readonly View<unknown>[] = [
  treeView,
  flatView,
  linksView,
  servicesView,
  jobsView,
  mailboxesView,
  hubView,
  flagsView,
  eventsView,
];
