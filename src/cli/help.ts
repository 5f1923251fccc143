/** Help as people read it: examples first, then the rest. */
import { CommandHelp, Help } from '@oclif/core/help';
import { listTopics } from './help-topics.ts';

class ExamplesFirst extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const all = super.sections();
    const examples = all.filter((section) => section.header === 'EXAMPLES');
    return [...examples, ...all.filter((section) => section.header !== 'EXAMPLES')];
  }
}

const TASTE = `EXAMPLES
  $ dagent demo                             a tree of nine daemons on this machine, live
  $ dagent daemon start                     a daemon on this host
  $ dagent exec web1 uptime                 a command on one node
  $ dagent exec 'web*' 'df -h / | tail -1'  on many
  $ dagent top                              all of it, live`;

const EXIT_STATUS = `EXIT STATUS
  0 all is well   1 a command failed there   2 wrong usage   3 no such node   4 not permitted
  5 not reached, or no answer   6 no daemon   7 some were skipped   124 too late   125 our bug
  130 interrupted
  With one target, dagent exec ends as the command did; 255 when the way there broke.`;

export default class DagentHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst;

  override formatRoot(): string {
    return `${TASTE}\n\n${super.formatRoot()}\n\n${listTopics()}\n\n${EXIT_STATUS}`;
  }
}
