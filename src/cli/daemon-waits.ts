/** How long the commands about daemons wait, in milliseconds, unless `--timeout` says otherwise. */

/** For parents to take a node in. */
export const UPLINK_MS_DEFAULT = 10_000;

/** For a daemon to drain: its commands have five seconds of grace. */
export const STOP_MS_DEFAULT = 15_000;
