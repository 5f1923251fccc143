import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DaemonStatus } from '../../src/adapters/home.ts';
import { formatStatus, formatUnlinked } from '../../src/cli/format-daemon.ts';
import type { ErrorData } from '../../src/protocol/errors.ts';

const URL = 'cd://127.0.0.1:1';
const REFUSED: ErrorData = {
  code: 'E_CONNECT',
  values: { url: URL, reason: 'connection refused' },
};
const TAKEN: ErrorData = {
  code: 'E_NAME_TAKEN',
  values: { name: 'a\x1b', where: 'hq/a', other: 'hq/b/a' },
};

function statusOf(more: Partial<DaemonStatus>): DaemonStatus {
  const plain = { name: 'a', id: '0123456789abcdef', role: 'leaf', realm: 'test' } as const;
  const links = { parent: null, parentError: null, peers: [], wantedPeers: [] };
  const places = { listen: [], metrics: null };
  const rest = { pid: 7, startTicks: '1', depth: 1, startedAtMs: 0, version: '1', home: '/h' };
  return { ...plain, ...links, ...places, ...rest, ...more };
}

test('a peer that is not linked is told with the reason, without its URL twice', () => {
  const wantedPeers = [
    { url: URL, node: null, error: REFUSED },
    { url: 'cd://x:2', node: null, error: null },
    { url: 'cd://x:3', node: 'b', error: null },
  ];
  const status = statusOf({ role: 'root', peers: ['b', 'c'], wantedPeers });
  assert.equal(formatUnlinked(status), [
    `peer ${URL} is not linked yet: connection refused; tried again until it is`,
    'peer cd://x:2 is not linked yet: no answer yet; tried again until it is',
  ]);
  assert.equal(formatStatus(status, 1_000).slice(3), [
    '  parent  none',
    `  peer    ${URL} is not linked: connection refused`,
    '  peer    cd://x:2 is not linked: no answer yet',
    '  peer    b at cd://x:3',
    '  peer    c',
  ]);
});

test('a node without its parent says why, and what comes from others is escaped', () => {
  const lineOf = (parentError: ErrorData | null) =>
    formatStatus(statusOf({ parentError }), 0).find((line) => line.startsWith('  parent'));
  assert.is(lineOf(null), '  parent  not connected');
  assert.is(
    lineOf(REFUSED),
    `  parent  not connected: cannot connect to ${URL}: connection refused`,
  );
  assert.match(lineOf(TAKEN) ?? '', /not connected: the name a.*is taken by the node at hq\/a;/);
  assert.not.match(lineOf(TAKEN) ?? '', '\x1b');
});

test.run();
