/** The machine's monotonic clock: one for every process, so instants of two programs compare. */

/** Milliseconds, to the nanosecond, since an instant common to all processes of this machine. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
