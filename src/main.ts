/**
 * Entry of the command line. A known command is loaded and run by itself, with oclif's parser but
 * without its search for plugins and manifests: that is what keeps `dagent exec` quick. Help, and
 * all that is no command, goes through the whole of oclif.
 */
import module from 'node:module';
import { dirname, join } from 'node:path';
import { VERSION } from './base/version.ts';

const dist = import.meta.dirname;

async function runKnown(argv: readonly string[]): Promise<boolean> {
  const end = argv.indexOf('--');
  const ours = end < 0 ? argv : argv.slice(0, end);
  const { findCommand, classOf } = await import('./cli/command-table.ts');
  const found = findCommand(argv);
  if (found === undefined) return false;
  const { isHelpWanted } = await import('./cli/help-wanted.ts');
  if (isHelpWanted(found.id, ours)) return false;
  const { createQuickConfig } = await import('./cli/quick-config.ts');
  const Found = classOf(await found.load());
  Found.id = found.id;
  await new Found(found.rest, createQuickConfig(dirname(dist))).execute();
  return true;
}

/** Help, and a word about what is no command. */
async function runOther(argv: string[]): Promise<void> {
  if (argv[0] === 'help' && argv.length === 2) {
    const { findHelp, printHelp } = await import('./cli/topic-help.ts');
    const text = findHelp(argv[1] ?? '', dirname(dist));
    if (text !== undefined) return printHelp(text);
  }
  const { findUnknown } = await import('./cli/unknown-command.ts');
  const unknown = findUnknown(argv);
  if (unknown !== undefined) {
    process.stderr.write(`${unknown}\n`);
    process.exitCode = 2;
    return;
  }
  const { runOclif } = await import('./cli/run-oclif.ts');
  // `dagent help exec` is what some type for `dagent exec --help`.
  const isHelp = argv[0] === 'help';
  await runOclif(isHelp ? [...argv.slice(1), '--help'] : argv, dirname(dist));
}

async function main(argv: string[]): Promise<void> {
  if (argv.length === 1 && ['--version', '-v', 'version'].includes(argv[0] ?? '')) {
    process.stdout.write(`dagent ${VERSION}\n`);
    return;
  }
  module.enableCompileCache?.(join(dist, '.compile-cache'));
  if (await runKnown(argv)) return;
  await runOther(argv);
}

/** A word as it was typed: bin/dagent hides from Node what Node would take for its own. */
function unhide(word: string): string {
  return word.startsWith('--\\') ? `--${word.slice('--\\'.length)}` : word;
}

await main(process.argv.slice(2).map(unhide));
