import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostProbe } from '../../src/ports/host-probe.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { matchHost } from '../../src/services/info-match.ts';

/** A host that has an operating system and counts what it is asked for. */
function createProbe(): { readonly probe: HostProbe; readonly asked: string[] } {
  const asked: string[] = [];
  const answers: Readonly<Record<string, () => unknown>> = {
    os: () => ({ id: 'debian' }),
    memory: () => Promise.reject(new DagentError('E_PROBE_TIMEOUT', { class: 'memory', ms: 5 })),
  };
  const get = (_: object, name: string) => async () => {
    asked.push(name);
    return answers[name]?.();
  };
  return { probe: new Proxy({}, { get }) as HostProbe, asked };
}

test('only the classes of the condition are collected, each once', async () => {
  const { probe, asked } = createProbe();
  const verdict = await matchHost(probe, 'os.id=debian and os.id!=x');
  assert.equal(verdict, { isMet: true, unknown: [] });
  assert.equal(asked, ['os']);
});

test('a class that the host does not tell is not known, with its reason', async () => {
  const { isMet, unknown } = await matchHost(createProbe().probe, 'memory.total>1');
  assert.is(isMet, false);
  assert.match(unknown[0]?.reason ?? '', 'within 5 ms');
});

test('what is no condition is refused', async () => {
  for (const [condition, code] of [
    [7, 'E_ARGUMENT_INVALID'],
    [undefined, 'E_ARGUMENT_INVALID'],
    ['os=', 'E_WHERE'],
  ] as const) {
    const thrown = await matchHost(createProbe().probe, condition).catch((error) => error);
    assert.is((thrown as DagentError).code, code);
  }
});

test.run();
