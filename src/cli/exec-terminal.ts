/** `exec --tty`: our terminal is that of the command, as long as it runs. */
import { isatty } from 'node:tty';
import type { Client } from '../client/client.ts';
import { type RemoteCommand, startCommand } from '../client/exec.ts';
import { DagentError } from '../protocol/errors.ts';
import { parseTerminal, type Terminal, type Window } from '../protocol/exec.ts';
import type { ExecRun } from './exec-request.ts';
import { runExec } from './exec-run.ts';
import { ScreenModes } from './screen-modes.ts';
import { TildeFilter } from './tilde.ts';

const DEFAULT: Window = { columns: 80, rows: 24 };

function describeTerminal(): Terminal {
  const { columns, rows } = process.stdout;
  const usual = { name: 'xterm', ...DEFAULT };
  const own = { name: process.env.TERM ?? usual.name, columns, rows };
  return parseTerminal(own) ?? usual;
}

/**
 * Takes our terminal for `command` until that has ended; gives it back whatever happens, as
 * `modes` says how it was.
 */
function lendTerminal(command: RemoteCommand, modes: ScreenModes): void {
  const { stdin, stdout } = process;
  const tilde = new TildeFilter();
  const onKeys = (typed: Buffer): void => {
    const { bytes, isLeaving } = tilde.push(typed);
    if (bytes.length > 0) command.writeStdin(bytes);
    if (isLeaving) command.cancel();
  };
  const onResize = (): void => command.resize?.(describeTerminal());
  const restore = (): void => {
    stdin.setRawMode(false);
    stdout.write(modes.undoing);
  };
  stdin.setRawMode(true);
  stdin.on('data', onKeys);
  stdout.on('resize', onResize);
  process.on('exit', restore);
  // It may have changed while nobody was told.
  onResize();
  void command.result.finally(() => {
    restore();
    stdin.off('data', onKeys).pause();
    stdout.off('resize', onResize);
    process.off('exit', restore);
  });
}

/** Runs it; returns the exit status. Throws E_USAGE, and what stands in the way of it. */
export function runInTerminal(client: Client, run: ExecRun): Promise<number> {
  const usage = (reason: string): never => {
    throw new DagentError('E_USAGE', { reason });
  };
  if (!run.targets.isSingle) return usage('--tty is for one target that is named in full');
  if (!isatty(0) || !isatty(1)) return usage('--tty needs a terminal here, for stdin and stdout');
  const view = { ...run.view, isRaw: true };
  return runExec(client, { ...run, view }, (by, target, spec, sink) => {
    const modes = new ScreenModes();
    const command = startCommand(
      by,
      target,
      { ...spec, hasStdin: true, terminal: describeTerminal() },
      {
        ...sink,
        onStart(hostNames): void {
          sink.onStart?.(hostNames);
          lendTerminal(command, modes);
        },
        onOutput(channel, bytes, done): void {
          modes.push(bytes);
          sink.onOutput(channel, bytes, done);
        },
      },
    );
    return command;
  });
}
