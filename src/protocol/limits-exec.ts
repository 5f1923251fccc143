/** Limits of running commands: where they run, and where they are asked for. */

/** Commands that one node runs at a time. More: the verdict not-started, with this reason. */
export const EXEC_COUNT_MAX = 512;
/**
 * Bytes of a command with its arguments; the kernel's own bound is about two megabytes. More:
 * E_ARGUMENT_INVALID.
 */
export const EXEC_ARGV_BYTES_MAX = 262_144;
/** Bytes of the variables that a caller gives a command. More: E_ARGUMENT_INVALID, as for argv. */
export const EXEC_ENV_BYTES_MAX = 131_072;
/**
 * Bytes of a script that is sent along. More: E_ARGUMENT_INVALID; what is larger is not typed by
 * anybody, and is better copied there once.
 */
export const EXEC_SCRIPT_BYTES_MAX = 524_288;
/**
 * Bytes that may be said before a command runs, by its login shell. More: it is ended, and the
 * command was not started. No profile greets at such length.
 */
export const EXEC_GREETING_BYTES_MAX = 65_536;
/**
 * Columns, and rows, of the terminal of a command. More: E_ARGUMENT_INVALID; no screen has more.
 */
export const EXEC_WINDOW_MAX = 10_000;
/**
 * Time a command that must end has after TERM. Then KILL: enough to clean up, too short to hang.
 */
export const EXEC_GRACE_MS = 5_000;
/**
 * Bytes of the environment of a process in which it is looked for the id of a job: twice what a
 * caller can give it. Whose id stands behind that is not found when its command is ended.
 */
export const EXEC_ENVIRON_BYTES_MAX = 262_144;
/**
 * Processes that have left the group of a command and are told to end by one look; the next look
 * finds more of them. No command has as many on purpose.
 */
export const EXEC_STRAYS_MAX = 1_024;
/** Time for which it is waited that they are gone, after KILL. Then the verdict is told anyway. */
export const EXEC_STRAY_MS = 2_000;
/**
 * Bytes of each of its streams that a node keeps in memory of a command whose caller waits for it:
 * what `job attach` shows first. Of what is more a caller that wants all has it; of one that wants
 * less (`--max-output`) the output goes on into a file, of JOB_SPOOL_BYTES_DEFAULT.
 */
export const EXEC_RECENT_BYTES = 32_768;
/** Time for which such a file is kept after the end of its command: until the next day is over. */
export const EXEC_KEEP_MS = 86_400_000;
/**
 * Commands that a node remembers, with their verdicts and the last of their output, after their
 * callers have heard how they ended. More: those that ended first are forgotten.
 */
export const EXEC_ENDED_MAX = 256;
/** Time for which it does. Then a command is forgotten: who asks does so in the same hour. */
export const EXEC_ENDED_MS = 3_600_000;
/**
 * Bytes of their commands and of their output together. More: those that ended first are forgotten.
 * A daemon spares as much, and it is enough for all that say little.
 */
export const EXEC_ENDED_BYTES_MAX = 4_194_304;
/**
 * Time within which a node must say that it has a command, unless `--connect-timeout` says another;
 * then the verdict is timeout (connect). For each target of the run it is longer by
 * EXEC_CONNECT_MS_EACH, as their answers come one after the other.
 */
export const EXEC_CONNECT_MS = 5_000;
export const EXEC_CONNECT_MS_EACH = 2;
/**
 * A running command says so this often; a caller that hears nothing for four times that gives up
 * (no-reply).
 */
export const EXEC_ALIVE_MS = 5_000;
export const EXEC_SILENCE_MS = 20_000;

/**
 * Bytes of output that a client keeps to print them later (--group, --sort), shared by the targets
 * of a run. Of what is more, the middle is left out, and counted. A shell's host can spare as much.
 * Also the most that a node keeps of a stream of which the tail is wanted: E_ARGUMENT_INVALID.
 */
export const EXEC_KEPT_BYTES_MAX = 134_217_728;
/** Lines of each of two outputs that --diff compares. More: it says that they differ. */
export const EXEC_DIFF_LINES_MAX = 1_000;
/**
 * Targets above which a person is asked, and a script must say --yes or --expect-count. Who means
 * more than this by mistake does much harm.
 */
export const EXEC_CONFIRM_COUNT = 100;
/**
 * Bytes of stdin that are kept where not all targets start at once, for those that start later.
 * More: E_TOO_LARGE. At once there is no such bound: the slowest sets the pace.
 */
export const EXEC_STDIN_BYTES_MAX = 67_108_864;
/** Time of silence after which the progress line says who is waited for. Shorter would flicker. */
export const EXEC_QUIET_MS = 5_000;
/** Plans that a home keeps. More: the oldest is forgotten. Each is looked at, and run or not. */
export const EXEC_PLANS_MAX = 20;
