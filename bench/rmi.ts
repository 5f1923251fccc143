/**
 * Remote method calls: an object is made by the arguments of its constructor, and a method of it is
 * called with arguments by position and by name. nats carries the same as JSON.
 */
import type { Bench } from './bench.ts';
import { createRequesting } from './requests.ts';
import { openServers } from './servers.ts';

export const rmi: Bench = {
  name: 'rmi',
  title: 'calls of a method of a remote object, client libraries for Node',
  roundsDefault: 5,
  metrics: [
    { key: 'p50Ms', label: 'one at a time, p50', unit: 'ms', compare: 'ratio', goals: {} },
    { key: 'p99Ms', label: 'one at a time, p99', unit: 'ms', compare: 'ratio', goals: {} },
    {
      key: 'rate',
      label: '1,000 in flight',
      unit: '/s',
      compare: 'ratio',
      goals: { nats: { atLeast: 1 } },
    },
  ],
  open: (stack, sides) => openServers(stack, sides, createRequesting('callee', 'caller')),
};
