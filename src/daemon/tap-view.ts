/** What the router shows of passing envelopes, as the services see it. */

import { keyOf } from '../protocol/record.ts';
import type { Tapped } from '../router/io.ts';
import type { Link } from '../router/link.ts';
import { parentLink, type Router } from '../router/state.ts';
import type { NameView, Sniffed } from '../services/sight.ts';

/** A neighbour by its name, a program by the last that it registered, or by its unnamed end. */
export function nameOf(link: Link): string {
  return link.peer?.name ?? [...link.services.values()].at(-1) ?? link.role;
}

/** An envelope as those who sniff see it. */
export function toSniffed({ bytes, from, to, code }: Tapped): Sniffed {
  return {
    bytes,
    from: from === null ? null : nameOf(from),
    to: to === null ? null : nameOf(to),
    code,
  };
}

/** The names of nodes that the router knows. */
export function createNameView(router: Router): NameView {
  return {
    nameNode(key) {
      if (key === router.key) return router.config.name;
      const parent = parentLink(router)?.peer ?? null;
      if (parent !== null && keyOf(parent) === key) return parent.name;
      return router.nodes.get(key)?.record.name;
    },
  };
}
