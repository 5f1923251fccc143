/** `info.match`: judging a host by its facts where they are, so that only the verdict travels. */
import type { HostProbe } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import {
  classesOf,
  type FactMatch,
  matchFacts,
  parseFactExpression,
} from '../protocol/fact-expression.ts';
import { collectInfo } from './info.ts';

/**
 * Whether the host meets a condition. Only the classes that it is about are collected. Throws
 * E_ARGUMENT_INVALID, E_WHERE.
 */
export async function matchHost(probe: HostProbe, condition: unknown): Promise<FactMatch> {
  if (typeof condition !== 'string') {
    const reason = 'the condition must be a text';
    throw new DagentError('E_ARGUMENT_INVALID', { method: 'info.match', reason });
  }
  const expression = parseFactExpression(condition);
  return matchFacts(expression, await collectInfo(probe, classesOf(expression)));
}
