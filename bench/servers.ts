/** The two servers that messages and requests go through, each for the programs of its side. */
import { type Contestant, OURS, type Sides } from './bench.ts';
import { startDagent } from './peers/dagent.ts';
import { startNats } from './peers/nats.ts';

/** Our programs with a connection of their own, which is shown beside the figure that counts. */
const DIRECT = 'dagent, direct';

/**
 * Makes a contestant of a name, of the prefix of its programs, and of what they need to connect.
 */
export type CreateContestant = (name: string, prefix: string, options: object) => Contestant;

/** Starts the server of each side that is wanted; all are stopped with `stack`. */
export async function openServers(
  stack: AsyncDisposableStack,
  sides: Sides,
  createContestant: CreateContestant,
): Promise<readonly Contestant[]> {
  const contestants: Contestant[] = [];
  if (sides.peers) {
    const nats = await startNats();
    stack.defer(() => nats.stop());
    contestants.push(createContestant('nats', 'nats', { url: nats.url }));
  }
  if (sides.ours) {
    const dagent = await startDagent('root');
    stack.defer(() => dagent.stop());
    const { home } = dagent;
    contestants.push(createContestant(OURS, 'dagent', { home, direct: false }));
    // What programs get that do not say otherwise: after a moment they talk past the daemon.
    contestants.push(createContestant(DIRECT, 'dagent', { home, direct: true }));
  }
  return contestants;
}
