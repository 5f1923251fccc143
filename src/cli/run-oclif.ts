/** The whole of oclif: for help, and for what is not one of our commands. */
import { handle } from '@oclif/core/handle';
import { run } from '@oclif/core/run';

/**
 * Runs a command line; `root` is the folder of the package. Ends the process itself after an error.
 */
export async function runOclif(argv: string[], root: string): Promise<void> {
  try {
    await run(argv, { root });
  } catch (error) {
    await handle(error as Error);
  }
}
