import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HubHost, type HubHostComponents } from '../../src/daemon/hub-host.ts';
import type { CallContext } from '../../src/endpoint/methods.ts';
import type { NodeRecord } from '../../src/protocol/record.ts';

/** Why a node does not take somebody into a hub of its own. */
async function refusalOf(self: Partial<NodeRecord>): Promise<unknown> {
  const dataDir = mkdtempSync(join(tmpdir(), 'hub-'));
  try {
    const view = { self: () => self, find: () => undefined };
    const host = new HubHost({ view, dataDir, seed: 1 } as unknown as HubHostComponents);
    const place = { address: 'web1', port: 0, status: 1 };
    const register = host.methods['hub.register'];
    const answer = Promise.resolve(register?.run([place], {} as CallContext));
    const refusal = await answer.catch((error: unknown) => error);
    assert.equal(readdirSync(dataDir), []);
    return refusal;
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

test('a node whose parent is away has no hub, nor has one that is below another', async () => {
  for (const [parent, reason] of [
    [null, 'has no way up now'],
    ['hq', 'is below it'],
  ] as const) {
    const refusal = await refusalOf({ name: 'east', role: 'agent', parent });
    const { code, values } = refusal as { code: string; values: unknown };
    assert.is(code, 'E_HUB_ELSEWHERE');
    assert.equal(values, { node: 'east', reason });
  }
});

test.run();
