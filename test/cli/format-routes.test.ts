import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  formatHints,
  formatLinks,
  formatRoutes,
  formatTableHead,
} from '../../src/cli/format-routes.ts';

test('a table says whose it is, how large, and where the rest goes', () => {
  const table = { node: 'hq', role: 'root', realm: 'x', routes: 3, lost: 1, defaultVia: null };
  assert.is(formatTableHead(table), 'hq (root, realm x): 3 routes, 1 lost; default route: none');
  assert.match(formatTableHead({ ...table, realm: null, defaultVia: 'up' }), /\(root\).*: up$/);
});

test('links and routes stand under headings, routes by name', () => {
  const east = { peer: 'east', as: 'child', rttMs: 1.5, heardMs: 20, asking: 0, serving: 0 };
  const bytes = { heardBytes: 512, sentBytes: 2_097_152 };
  const mail = {
    ...east,
    ...bytes,
    peer: 'mail',
    as: 'client',
    rttMs: null,
    asking: 3,
    isSlow: true,
  };
  assert.is(
    formatLinks([east, mail]),
    [
      'LINK  AS      RTT    HEARD  IN     OUT      ASKS  WORKS',
      'east  child   1.5ms  20ms   -      -        0     0',
      'mail  client  -      20ms   512 B  2.0 MiB  3     0      does not keep up',
    ].join('\n'),
  );
  const others = [
    { via: 'west', metric: 3, isFeasible: true },
    { via: 'b', metric: 4, isFeasible: false },
  ];
  const web10 = { node: 'web10', via: 'east', metric: 2, reach: 'below', state: 'up', others };
  const web9 = { ...web10, node: 'web9', via: null, state: 'lost', others: [] };
  assert.is(
    formatRoutes([web10, web9]),
    [
      'NODE   VIA   HOPS  REACH  OTHER WAYS',
      'web9   lost  2     below',
      'web10  east  2     below  west 3, b 4 (not yet)',
    ].join('\n'),
  );
});

test('remembered ways stand under a heading', () => {
  const hint = { type: 'hint', service: 'mail', node: 'db1', forMs: 12_000 } as const;
  assert.is(formatHints([hint]), 'SERVICE  ANSWERED BY  FOR\nmail     db1          12s');
});

test('what nodes send cannot move the cursor, and any shape is shown', () => {
  assert.match(formatRoutes([{ node: '\x1b[2J', others: 'x' }]), '\\x1b[2J');
  assert.type(formatRoutes([{ others: [null] }]), 'string');
});

test.run();
