import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logEvent } from '../../src/daemon/log-events.ts';
import type { LogFields, Logger } from '../../src/ports/logger.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';
import type { RouterEvent } from '../../src/router/io.ts';
import { recordOf } from '../services/view.ts';

const record = recordOf('web1', 'east');
const error: ErrorData = { code: 'E_HOLD_TIME', values: { ms: 5 } };
const reason = 'nothing was heard for 5 ms';

/** The one line that an event makes. */
function lineOf(event: RouterEvent): [string, string, LogFields] {
  const lines: [string, string, LogFields][] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push([level, message, fields]);
  const log: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
  logEvent(log, event);
  assert.is(lines.length, 1);
  return lines[0] as [string, string, LogFields];
}

const LINES: readonly (readonly [RouterEvent, string, string, LogFields])[] = [
  [
    { kind: 'uplinkUp', parent: record, url: 'cd:/x', depth: 2 },
    ...(['info', 'uplink up', { parent: 'web1', url: 'cd:/x', depth: 2 }] as const),
  ],
  [{ kind: 'uplinkDown', error }, 'warn', 'uplink down', { reason }],
  [
    { kind: 'uplinkFailed', url: 'cd:/x', error, retryMs: 7 },
    ...(['warn', 'uplink failed', { url: 'cd:/x', retryMs: 7, reason }] as const),
  ],
  [{ kind: 'joined' }, 'info', 'joined the tree', {}],
  [{ kind: 'evicted', error }, 'error', 'evicted', { reason }],
  [
    { kind: 'childUp', link: 3, record },
    ...(['info', 'child up', { child: 'web1', id: record.id }] as const),
  ],
  [{ kind: 'childDown', record, error }, 'warn', 'child down', { child: 'web1', reason }],
  [
    { kind: 'linkRefused', link: 3, error },
    ...(['warn', 'link refused', { link: 3, code: 'E_HOLD_TIME', reason }] as const),
  ],
  [{ kind: 'nodeLost', record }, 'debug', 'nodeLost', { name: 'web1' }],
  [{ kind: 'serviceUp', service: 'clock' }, 'debug', 'serviceUp', { service: 'clock' }],
];

for (const [event, level, message, fields] of LINES) {
  test(`${event.kind} is told as ${level}`, () => {
    assert.equal(lineOf(event), [level, message, fields]);
  });
}

test.run();
