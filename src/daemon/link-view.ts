/** How a node is linked, and why it is not where it wants to be. */
import type { DaemonStatus } from '../adapters/home.ts';
import type { Dialler } from '../router/dialler.ts';
import { parentLink, type Router } from '../router/state.ts';

type Links = Pick<DaemonStatus, 'parent' | 'parentError' | 'peers' | 'wantedPeers'>;
type WantedPeer = DaemonStatus['wantedPeers'][number];

function viewWanted(router: Router, { link, urls, lastError }: Dialler): WantedPeer {
  const standing = [...router.peers.values()].find(({ id }) => id === link);
  const node = standing?.peer?.name ?? null;
  return { url: urls.join(' '), node, error: node === null ? lastError : null };
}

/** Parent and peers of a node, and the last error of each that is wanted and not linked. */
export function viewLinks(router: Router): Links {
  const parent = parentLink(router)?.peer?.name ?? null;
  const wanted = router.diallers.filter((dialler) => dialler.as === 'peer');
  return {
    parent,
    parentError: parent === null ? router.uplink.lastError : null,
    peers: [...router.peers.values()].map(({ peer }) => peer?.name ?? '').sort(),
    wantedPeers: wanted.map((dialler) => viewWanted(router, dialler)),
  };
}

/** Whether each wanted peer is linked, or has failed to be once. */
export function areTried(wanted: readonly WantedPeer[]): boolean {
  return wanted.every(({ node, error }) => node !== null || error !== null);
}
