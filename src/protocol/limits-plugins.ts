/** Limits of plugins: executables that a node runs beside itself (docs/PLUGINS.md). */

/** Plugins of one node. More: E_TOO_MANY_PLUGINS for those that come last by their names. */
export const PLUGINS_MAX = 64;
/**
 * One line of a plugin. Longer: it is ended with E_PLUGIN_BROKEN, and started again. The largest
 * message in base64, with its names, fits.
 */
export const PLUGIN_LINE_BYTES_MAX = 2_097_152;
/**
 * Bytes that were written to a plugin which it has not read yet. More: calls get E_PLUGIN_BUSY,
 * messages and events are dropped, and counted.
 */
export const PLUGIN_INPUT_BYTES_MAX = 8_388_608;
/**
 * Bytes of output and of log that are taken from a plugin in one second. More: it is not read until
 * the second is over, so that a flood stops the plugin itself, and costs the node a few percent.
 */
export const PLUGIN_OUTPUT_BYTES_MAX = 4_194_304;
/**
 * Lines of one run that are not of the protocol, each logged and counted. More: the plugin is ended
 * with E_PLUGIN_BROKEN, and started again; a stray print is forgiven.
 */
export const PLUGIN_FAULTS_MAX = 100;
/** Lines of a plugin that are logged in one second. More: they are counted, and that is logged. */
export const PLUGIN_LOG_LINES_MAX = 20;
/** A line of its stderr in the log. Longer: it is logged in pieces; a stack still can be read. */
export const PLUGIN_LOG_LINE_BYTES_MAX = 4_096;

/**
 * Time from the start of a plugin to its hello. Longer: it is ended with E_PLUGIN_SILENT, and
 * started again. A large interpreter on a busy host starts in less.
 */
export const PLUGIN_HELLO_MS_MAX = 10_000;
/** Time that a method has which says nothing else. Longer: E_PLUGIN_TIMEOUT; as for any request. */
export const PLUGIN_CALL_MS_DEFAULT = 30_000;
/** Time that a method or a schedule may ask for. More: the hello is refused; that is a job. */
export const PLUGIN_CALL_MS_MAX = 3_600_000;
/**
 * Time that a plugin has to let go of a call whose time is over. Longer: it is ended with
 * E_PLUGIN_STUCK, and started again; all that wait behind that call would wait for ever.
 */
export const PLUGIN_RELEASE_MS_MAX = 5_000;
/** Time that a plugin has to end once its stdin has ended. Longer: TERM. It only has to leave. */
export const PLUGIN_STOP_MS = 1_000;
/** Time from TERM to KILL for a plugin: enough to clean up, and a node must be able to stop. */
export const PLUGIN_GRACE_MS = 2_000;
/** A run of a plugin that was as long counts as good: the waits between starts are short again. */
export const PLUGIN_STABLE_MS = 60_000;
/** Unanswered calls of one plugin. More: E_PLUGIN_BUSY; most plugins do one after the other. */
export const PLUGIN_CALLS_MAX = 256;

/**
 * Memory of a plugin and what it has started (resident, as the kernel counts it). More: it is
 * killed with E_PLUGIN_MEMORY, and started again. A plugin may ask for more, up to the maximum.
 */
export const PLUGIN_MEMORY_BYTES_DEFAULT = 268_435_456;
export const PLUGIN_MEMORY_BYTES_MAX = 4_294_967_296;
/** How often that is measured. Seldom enough to cost nothing; it takes longer to fill a host. */
export const PLUGIN_SAMPLE_MS = 1_000;

/** How often the directory is looked at where nothing told of a change; it is a few small reads. */
export const PLUGIN_SCAN_MS = 5_000;
/** Time from a change of the directory to the look at it: what is being copied should be whole. */
export const PLUGIN_SETTLE_MS = 200;

/** Methods of one plugin. More: its hello is refused. A person is to find one in the list. */
export const PLUGIN_METHODS_MAX = 256;
/** Services that one plugin registers. More: its hello is refused; a few doors are enough. */
export const PLUGIN_SERVICES_MAX = 16;
/** Patterns of topics that one plugin hears. More: its hello is refused; a wider one serves. */
export const PLUGIN_TOPICS_MAX = 32;
/** Schedules of one plugin. More: its hello is refused. One can do several things in turn. */
export const PLUGIN_SCHEDULES_MAX = 32;
/** Statistics of one plugin. More: those are not kept, and counted. Names must not be data. */
export const PLUGIN_STATISTICS_MAX = 256;
/** Length of a doc, a unit, or a result that is shown. Longer: it is cut off there, to be read. */
export const PLUGIN_TEXT_LENGTH_MAX = 1_024;
/** Shortest time from run to run of a schedule. Less: the hello is refused; that is a loop. */
export const PLUGIN_PERIOD_MS_MIN = 1_000;
