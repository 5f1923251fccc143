/** Facts of this host, without any daemon. */
import { hostname } from 'node:os';
import { createHostProbe } from '../adapters/host-probe.ts';
import type { FactOptions } from '../protocol/facts.ts';
import { collectInfo } from '../services/info.ts';

/** The facts of `classes`; the usual ones when there are none. Throws E_ARGUMENT_INVALID. */
export async function collectLocalInfo(
  classes: readonly string[],
  options: FactOptions = {},
): Promise<{ hostname: string; facts: Record<string, unknown> }> {
  const probe = createHostProbe({ now: Date.now, environment: process.env });
  return { hostname: hostname(), facts: await collectInfo(probe, classes, options) };
}
