import * as Flags from '@oclif/core/flags';
import { DagentCommand } from '../cli/base.ts';

export default class Demo extends DagentCommand {
  static override summary = 'Start a small tree on this machine and look at it';
  static override description = [
    'A root, two agents and six leaves as real processes in a home of their own, with a',
    'few services that talk. On a terminal it ends in dagent top; otherwise it takes a',
    'short guided tour. Nothing is left running.',
  ].join(' ');
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --tour'];
  static override flags = {
    tour: Flags.boolean({ description: 'Take the guided tour even on a terminal' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo);
    const { runDemo } = await import('../cli/demo.ts');
    const isLive = process.stdout.isTTY === true && process.stdin.isTTY === true;
    process.exitCode = await runDemo({ isTour: flags.tour || !isLive });
  }
}
