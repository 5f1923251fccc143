/** Limits of what `dagent top` keeps of the output of what it runs. */

/**
 * Lines, and characters, that are kept of one output. More: the oldest go, and are counted. It is
 * what somebody scrolls through; all of it is for `dagent exec`.
 */
export const TOP_LINES_MAX = 10_000;
export const TOP_CHARS_MAX = 4_000_000;
/** Characters of one line. More: it goes on in the next one. */
export const TOP_LINE_CHARS_MAX = 4_096;
/** Outputs that are kept. More: the oldest that has ended goes; while all run, none is begun. */
export const TOP_OUTPUTS_MAX = 8;
