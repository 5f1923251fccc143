import { escapeForTerminal } from '../base/escape.ts';
import { DagentCommand, durationFlag, viaFlags } from '../cli/base.ts';
import { printLine } from '../cli/output.ts';
import { wordArg, wordsOf } from '../cli/words.ts';

/** An argument is JSON when it reads as such (numbers, true, lists, maps), and text otherwise. */
function parseArgument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export default class Call extends DagentCommand {
  static override summary = 'Call a method of a service';
  static override examples = [
    '<%= config.bin %> call web1: admin.echo hello',
    '<%= config.bin %> call web1: info.get kernel | jq .kernel.release',
    '<%= config.bin %> call greeter admin.help',
  ];
  static override strict = false;
  static override args = {
    address: wordArg({ required: true, description: 'NODE:SERVICE, SERVICE, or NODE:' }),
    method: wordArg({ required: true, description: 'class.method' }),
  };
  static override flags = {
    timeout: durationFlag({ description: 'How long it may take (30s)' }),
    ...viaFlags,
  };

  async run(): Promise<void> {
    const { args, raw, flags } = await this.parse(Call);
    const given = wordsOf(raw).slice(2).map(parseArgument);
    const value = await this.withClient(flags, (client) =>
      client.call(args.address, args.method, given, { timeoutMs: flags.timeout }),
    );
    if (value === undefined || value === null) return;
    if (typeof value === 'string')
      printLine(process.stdout.isTTY ? escapeForTerminal(value) : value);
    else printLine(JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined));
  }
}
