/** The machine's monotonic clock: the same in every process, so instants of two programs compare. */

/** Milliseconds since an instant common to all processes of this machine, with nanoseconds behind the point. */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
