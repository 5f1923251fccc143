import * as Flags from '@oclif/core/flags';
import { DagentCommand, viaFlags } from '../cli/base.ts';
import { printLine, printRecord } from '../cli/output.ts';
import { lookUpWanted, readTargets, targetFlags } from '../cli/target-flags.ts';
import { wordArg, wordsOf } from '../cli/words.ts';
import { foldNames } from '../protocol/node-set.ts';

export default class Targets extends DagentCommand {
  static override summary = 'Show which nodes a selector means';
  static override description =
    `Nothing is done there. Wherever a command takes a TARGET, this is what it can be:

  web1                  this node, also when nobody knows it
  web1,db1              several; a comma binds closest
  web*  web?  db[ab]    patterns of names
  web[1-40]  [01-09,15] numbers, with zeros in front; a{b,c} is ab and ac
  site=oslo  site=*     a label, its value, or that it is there; label:role=x
  role=leaf  state=lost  version=0.1.*  service=orders  parent=east  id=...
  under:east            all below east, without east itself
  A and B, A or B, not A, (A)
  @last                 the targets of the last run over several nodes
  @last:failed          those that were not ok; also @last:ok, @last:timeout ...
  -                     from stdin: names, or NDJSON of our own commands

-x takes some away, -f reads a file, --limit leaves so many, always the same.
--where takes those whose facts are so: 'memory.total>16Gi and os.id=debian',
'packages.installed.openssl<3.0.11', 'filesystems.usedPercent>90'.
A condition that no node meets is told; when nothing is left, or one name is given that
nobody has, the exit status is 3.`;
  static override examples = [
    "<%= config.bin %> targets 'web[1-40]' -x web7",
    "<%= config.bin %> targets 'site=oslo and role=leaf and not service=orders' --fold",
    "<%= config.bin %> targets 'web*' --limit 10% | <%= config.bin %> exec - uptime",
    "<%= config.bin %> targets '*' --where 'cpu.processors>=8 and not os.id=debian'",
    "<%= config.bin %> targets '*' --json | jq -r 'select(.state == \"lost\") | .name'",
  ];
  static override strict = false;
  static override args = { target: wordArg({ description: 'Selectors: any of them is meant' }) };
  static override flags = {
    fold: Flags.boolean({ description: 'Print them in short: web[1-40],db1' }),
    json: Flags.boolean({
      description: 'Print NDJSON: name, state, role, parent, labels, services',
    }),
    ...targetFlags,
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { raw, flags } = await this.parse(Targets);
    const wanted = await readTargets(wordsOf(raw), flags);
    const known = { ...wanted, isKnown: wanted.isSingle };
    const { names, nodes } = await this.withClient(flags, (client) => lookUpWanted(client, known));
    if (flags.json) {
      for (const name of names) {
        const { state = 'unknown', role, parent, labels, services } = nodes.get(name) ?? {};
        printRecord({ name, state, role, parent, labels, services });
      }
    } else {
      printLine(flags.fold ? foldNames(names) : names.join('\n'));
    }
    process.stderr.write(`${names.length} ${names.length === 1 ? 'target' : 'targets'}\n`);
  }
}
