/** A daemon in words. */
import type { DaemonStatus } from '../adapters/home.ts';

/** One line: what it is, where it hangs, where it listens. */
export function formatDaemon(status: DaemonStatus): string {
  const { name, role, pid, parent, listen } = status;
  const below = parent === null ? '' : ` below ${parent}`;
  return `${name} (${role}, pid ${pid}) is up${below}, listening on ${listen.join(' ')}`;
}
