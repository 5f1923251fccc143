import { DagentCommand } from '../cli/base.ts';
import { cpFlags } from '../cli/cp-flags.ts';
import { readWords } from '../cli/cp-paths.ts';
import { readTargets } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';

export default class Cp extends DagentCommand {
  static override summary = 'Copy files to nodes, or from them';
  static override description = [
    'Blocks go through the tree, over each link once, however many targets are behind it.',
    'What is there already is not sent again; what broke off goes on where it was. Files are put',
    'in their place whole, when all of it is there. From several nodes each gets a directory of',
    'its own name. What TARGET can be: dagent help targets.',
  ].join(' ');
  static override usage = ['cp FILE... TARGET:PATH', 'cp TARGET:PATH PLACE'];
  static override examples = [
    '<%= config.bin %> cp app.tgz web1:/opt/',
    "<%= config.bin %> cp app.tgz 'web*:/opt/'",
    "<%= config.bin %> cp -r site 'site=oslo and role=leaf:/srv/' --mode 644 --owner www",
    '<%= config.bin %> cp web1:/var/log/syslog .',
    "<%= config.bin %> cp 'web*:/etc/hostname' out/    # out/web1/hostname, ...",
    "<%= config.bin %> cp -f hosts app.tgz :/opt/ --json | jq -r 'select(.change) | .target'",
  ];
  static override strict = false;
  static override args = {
    source: wordArg({ description: 'A file here, or TARGET:PATH' }),
    destination: wordArg({ description: 'TARGET:PATH, or a place here' }),
  };
  static override flags = cpFlags;

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Cp);
    const words = readWords(wordsOf(raw));
    const { target } = words.kind === 'out' ? words.to : words.from;
    const targets = await readTargets(target === '' ? [] : [target], flags);
    const { runCopy } = await import('../cli/cp-run.ts');
    process.exitCode = await this.withClient(flags, (client) =>
      runCopy(client, { words, targets, flags }),
    );
  }
}
