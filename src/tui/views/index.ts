/** All views, in the order of the digits that lead to them. */
import { flatView } from './flat.ts';
import { treeView } from './tree.ts';
import type { View } from './view.ts';

export const VIEWS: readonly View<unknown>[] = [treeView, flatView];
