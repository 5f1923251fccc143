/** What all commands share: the flags that choose a daemon, connecting, and how errors are told. */
import { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { parseDurationMs } from '../base/duration.ts';
import { escapeForTerminal } from '../base/escape.ts';
import type { Client } from '../client/client.ts';
import type { ConnectOptions } from '../client/connection.ts';
import { DagentError } from '../protocol/errors.ts';
import { toComplaint } from './complaint.ts';
import { onPipeClosed } from './pipe.ts';

/** Exit status of what nobody foresaw. */
const EXIT_INTERNAL = 125;
const EXIT_USAGE = 2;

/** A flag that takes a duration, in milliseconds. */
export const durationFlag = Flags.custom<number>({
  helpValue: 'DURATION',
  parse(text) {
    const ms = parseDurationMs(text);
    if (ms !== undefined && ms > 0) return Promise.resolve(ms);
    const reason = `${text} is not a duration: write 500ms, 5s, 2m, 1h30m`;
    throw new DagentError('E_USAGE', { reason });
  },
});

/** The flag of every command that needs an installation. */
export const homeFlags = {
  home: Flags.string({
    helpValue: 'DIR',
    helpGroup: 'DAEMON',
    description: 'Directory of the installation (DAGENT_HOME)',
  }),
};

/** Flags of every command that talks to a daemon. */
export const viaFlags = {
  ...homeFlags,
  via: Flags.string({
    helpValue: 'NAME|URL',
    helpGroup: 'DAEMON',
    description: 'Daemon to talk to (DAGENT_VIA); the one nearest to the root otherwise',
  }),
};

export interface ViaFlags {
  readonly home?: string | undefined;
  readonly via?: string | undefined;
}

function hasExit(error: unknown): error is { oclif: { exit?: number } } {
  return typeof error === 'object' && error !== null && 'oclif' in error;
}

export abstract class DagentCommand extends Command {
  /** Runs the command; what it throws is told, and becomes the exit status. */
  execute(): Promise<unknown> {
    return this._run();
  }

  /** oclif would look for deprecations and name itself to HTTP clients: we have neither. */
  protected override init(): Promise<void> {
    onPipeClosed();
    return Promise.resolve();
  }

  /**
   * Connects, hands the client over, and closes it whatever comes. A command ends when its daemon
   * does, unless `more` says that it is to come back.
   */
  protected async withClient<T>(
    { home, via }: ViaFlags,
    use: (client: Client) => Promise<T>,
    more: ConnectOptions = { reconnect: false },
  ): Promise<T> {
    const { connect } = await import('../client/client.ts');
    const client = await connect({ home, via, ...more });
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  /** One sentence on stderr, what to do about it, and the exit status of the error. */
  protected override catch(error: Error): Promise<void> {
    process.exitCode = this.report(error);
    return Promise.resolve();
  }

  private report(error: Error): number {
    if (error instanceof DagentError) {
      const at = error.origin === undefined ? '' : ` at ${error.origin}`;
      this.complain(`${toComplaint(error.message)} (${error.code}${at})`, error.hint);
      return error.exit;
    }
    if (hasExit(error)) {
      if (error.oclif.exit !== undefined && error.oclif.exit !== EXIT_USAGE)
        return error.oclif.exit;
      const id = this.id?.replaceAll(':', ' ') ?? '';
      this.complain(toComplaint(error.message), `see: dagent ${id} --help`);
      return EXIT_USAGE;
    }
    this.complain(`internal error: ${error.message}`, 'please report this, with the lines below');
    process.stderr.write(`${error.stack ?? ''}\n`);
    return EXIT_INTERNAL;
  }

  /** Tells on stderr what went wrong. */
  protected complain(message: string, hint?: string): void {
    const lines = [`dagent: ${message}`, ...(hint === undefined ? [] : [`  ${hint}`])];
    process.stderr.write(`${escapeForTerminal(lines.join('\n'))}\n`);
  }
}
