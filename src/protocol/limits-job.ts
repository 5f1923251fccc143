/** Limits of jobs: commands that outlive who asked for them. */

/** Jobs that run on one node at a time. More: E_JOB_REFUSED, the verdict not-started. */
export const JOB_RUNNING_MAX = 256;
/**
 * Jobs that a node remembers. More: those that ended first are forgotten; when none can be, the
 * next one is refused with E_JOB_REFUSED.
 */
export const JOB_KEPT_MAX = 1_000;
/** Time for which a job is remembered after its end. Then it is removed with its output. */
export const JOB_KEEP_MS = 604_800_000;
/**
 * Bytes of each of its streams that a job keeps where it runs, unless it says otherwise. Of what is
 * more, the middle is given up and counted: the beginning and the end tell most.
 */
export const JOB_SPOOL_BYTES_DEFAULT = 16_777_216;
/** Least and most of it that can be asked for. Others: E_ARGUMENT_INVALID. */
export const JOB_SPOOL_BYTES_MIN = 65_536;
export const JOB_SPOOL_BYTES_MAX = 1_073_741_824;
/**
 * Bytes on disk of the output of all jobs of a node. More: that of those that ended first is
 * removed; when that is not enough, no job is started, and the one that runs with the most output
 * is cancelled. A host spares as much beside its logs.
 */
export const JOB_NODE_SPOOL_BYTES_MAX = 4_294_967_296;
/**
 * Bytes of a key that makes a job run once. More: E_ARGUMENT_INVALID. It is a name, no document.
 */
export const JOB_KEY_BYTES_MAX = 256;
/** Bytes of the command that a list of jobs shows. More is cut; `job show` has all of it. */
export const JOB_COMMAND_BYTES_MAX = 512;
/**
 * Instants at which it is noted how much a job had written, for `--since`. More: every second one
 * is forgotten, so that the whole time is covered with half the precision.
 */
export const JOB_SAMPLES_MAX = 2_048;
/** Time between two looks at a running job; shorter where somebody follows its output. */
export const JOB_LOOK_MS = 200;
export const JOB_FOLLOW_MS = 50;
/**
 * Time in which a job must have begun that was written down when its daemon died. Then: lost,
 * because nobody can tell whether it ran.
 */
export const JOB_START_MS = 5_000;
/**
 * Silence after which the output of a job is over although something that it left behind holds it
 * open; the same as for exec.
 */
export const JOB_LINGER_MS = 500;
/**
 * Time for which whoever waits for a job, or reads it, asks again after a node that was there and
 * is not now: a daemon that is updated, a line that is mended. Then: the verdict of what broke.
 */
export const JOB_AWAY_MS = 120_000;
/** Jobs whose targets a home remembers. More: the oldest is forgotten, and its nodes are asked. */
export const JOB_MEMORIES_MAX = 100;
