/** Messages of 128 bytes from leaf to leaf, three links away, beside one server of nats. */
import { type Bench, type Contestant, OURS } from './bench.ts';
import { createFlow } from './messages.ts';
import { startDagent } from './peers/dagent.ts';
import { startNats } from './peers/nats.ts';

export const hops: Bench = {
  name: 'hops',
  title: '128-byte messages from leaf to leaf: agent and root between; nats: one server',
  roundsDefault: 5,
  metrics: [
    {
      key: 'rate',
      label: 'messages a second',
      unit: '/s',
      compare: 'ratio',
      goals: { nats: { atLeast: 1.5 } },
    },
    { key: 'lost', label: 'messages lost', unit: '', compare: 'difference', goals: {} },
  ],
  async open(stack, sides) {
    const contestants: Contestant[] = [];
    if (sides.peers) {
      const nats = await startNats();
      stack.defer(() => nats.stop());
      contestants.push(createFlow('nats', 'nats', { url: nats.url }));
    }
    if (sides.ours) {
      const { home, stop } = await startDagent('chain');
      stack.defer(stop);
      const nodes = { from: 'leaf', to: 'other' };
      contestants.push(createFlow(OURS, 'dagent', { home, direct: false, ...nodes }));
    }
    return contestants;
  },
};
