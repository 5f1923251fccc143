import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { awaiting, reconnecting } from '../../src/cli/reconnecting.ts';
import type { ClientStatus } from '../../src/client/client-status.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { HOLD_MS_DEFAULT } from '../../src/protocol/limits.ts';

const silent = new DagentError('E_HOLD_TIME', { ms: HOLD_MS_DEFAULT });
const lost = new DagentError('E_CONNECTION_LOST', { node: 'web1', reason: 'it ended' });

const STATUSES: readonly ClientStatus[] = [
  { kind: 'silent', node: 'web1', error: silent },
  { kind: 'answering', node: 'web1' },
  { kind: 'disconnected', error: lost },
  { kind: 'retrying', attempt: 1, waitMs: 200, error: lost },
  { kind: 'connected', node: 'web1', url: 'cd:/web1' },
];
const OF_SILENCE = [
  'web1 does not answer: nothing was heard for 15000 ms (E_HOLD_TIME); waiting for it',
  'web1 answers again',
];

function said(isComingBack: boolean): string[] {
  const lines: string[] = [];
  const { onStatus } = awaiting(isComingBack, (text) => void lines.push(text));
  for (const status of STATUSES) onStatus?.(status);
  return lines;
}

test('who waits says that the daemon is silent, or gone, and when it is there again', () => {
  assert.equal(said(true), [
    ...OF_SILENCE,
    `${lost.message} (E_CONNECTION_LOST); waiting for it`,
    'connected to web1 again',
  ]);
});

test('who ends with the daemon says that it is silent: nothing ends by that', () => {
  assert.equal(said(false), OF_SILENCE);
});

test('only who waits for what comes asks whether the daemon is there', () => {
  assert.is(reconnecting(true, () => undefined).silenceMs, undefined);
  assert.is(awaiting(true, () => undefined).silenceMs, HOLD_MS_DEFAULT);
});

test.run();
