/** `dagent --version` beside the bare runtime: the cost of the command line itself. */
import { type Bench, OURS } from './bench.ts';
import { createCommand } from './command.ts';
import { DAGENT } from './peers/dagent.ts';

export const startup: Bench = {
  name: 'startup',
  title: '`dagent --version` beside the start of the bare runtime, whole process',
  roundsDefault: 30,
  metrics: [
    {
      key: 'elapsedMs',
      label: 'start to end',
      unit: 'ms',
      compare: 'difference',
      goals: { 'node -e 0': { atMost: 25 } },
    },
  ],
  async open(_stack, sides) {
    const peers = [createCommand('node -e 0', [process.execPath, '-e', '0'])];
    const ours = [createCommand(OURS, [DAGENT, '--version'])];
    return [...(sides.peers ? peers : []), ...(sides.ours ? ours : [])];
  },
};
