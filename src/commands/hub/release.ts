import { DagentCommand, viaFlags } from '../../cli/base.ts';
import { wordArg } from '../../cli/words.ts';
import { HubClient } from '../../client/hub.ts';
import { DagentError } from '../../protocol/errors.ts';

export default class HubRelease extends DagentCommand {
  static override summary = 'Give back what a lease of the hub holds';
  static override examples = ['<%= config.bin %> hub release 1f3a09cc'];
  static override args = {
    lease: wordArg({ required: true, description: 'What hub request said: 8 hexadecimal digits' }),
  };
  static override flags = viaFlags;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HubRelease);
    if (!/^[0-9a-f]{8}$/.test(args.lease)) {
      const reason = `${args.lease} is no lease: it has 8 hexadecimal digits`;
      throw new DagentError('E_USAGE', { reason });
    }
    await this.withClient(flags, async (client) =>
      (await HubClient.of(client)).release(args.lease),
    );
  }
}
