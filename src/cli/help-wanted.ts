/** Whether a command line asks for help rather than for work. */

/**
 * Commands whose later words belong to something else, or which know more of them: only a flag
 * right after the name is ours.
 */
const PASSES_ARGUMENTS_ON = new Set(['exec', 'call']);

/** `ours` is the command line up to a `--`. */
export function isHelpWanted(id: string, ours: readonly string[]): boolean {
  const words = id.split(':').length;
  const own = PASSES_ARGUMENTS_ON.has(id) ? ours.slice(0, words + 1) : ours;
  return own.includes('--help') || own.includes('-h');
}
