/** `true` on another node: our whole command beside ssh's, over a new and a shared connection. */
import { type Bench, type Contestant, OURS } from './bench.ts';
import { createCommand } from './command.ts';
import { DAGENT, startDagent } from './peers/dagent.ts';
import { startSshd } from './peers/sshd.ts';

export const exec: Bench = {
  name: 'exec',
  title: '`true` on another node, whole process of the command',
  roundsDefault: 30,
  metrics: [
    {
      key: 'elapsedMs',
      label: 'start to end',
      unit: 'ms',
      compare: 'ratio',
      goals: { 'ssh, new connection': { atMost: 0.25 }, 'ssh, shared one': { atMost: 1 } },
    },
  ],
  async open(stack, sides) {
    const contestants: Contestant[] = [];
    if (sides.peers) {
      const sshd = await startSshd();
      stack.defer(() => sshd.stop());
      contestants.push(
        createCommand('ssh, new connection', [...sshd.connectNew, 'true']),
        createCommand('ssh, shared one', [...sshd.connectShared, 'true']),
      );
    }
    if (sides.ours) {
      const dagent = await startDagent('leaf');
      stack.defer(() => dagent.stop());
      const argv = [DAGENT, 'exec', '--home', dagent.home, 'leaf', 'true'];
      contestants.push(createCommand(OURS, argv));
    }
    return contestants;
  },
};
