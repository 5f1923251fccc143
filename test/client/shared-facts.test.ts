import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Client } from '../../src/client/client.ts';
import { SharedFacts } from '../../src/client/shared-facts.ts';
import { DagentError } from '../../src/protocol/errors.ts';
import { digestFacts, hashFacts } from '../../src/protocol/fact-digest.ts';
import { FACTS_INLINE_BYTES } from '../../src/protocol/limits.ts';
import { pack, unpack } from '../../src/protocol/pack.ts';
import { digestInfo } from '../../src/services/info-digest.ts';

type Facts = Readonly<Record<string, unknown>>;

function packagesOf(count: number, version = '1'): unknown {
  const names = Array.from({ length: count }, (_, at) => [`package-${at}`, `${version}.${at}-1`]);
  return { manager: 'dpkg', count, installed: Object.fromEntries(names) };
}

/** Nodes with facts, asked by a client that counts what crosses its link. */
class Nodes {
  readonly asked: string[] = [];
  bytes = 0;
  readonly #facts: (node: string) => Facts;

  constructor(facts: (node: string) => Facts) {
    this.#facts = facts;
  }

  /** What a node answers to a question; a test may let one lie or fail. */
  answer = (node: string, method: string, classes: readonly unknown[]): Facts => {
    const all = this.#facts(node);
    const chosen = Object.fromEntries(classes.map((name) => [name, all[String(name)]]));
    return method === 'info.digest' ? digestInfo(chosen) : chosen;
  };

  get client(): Client {
    const call = async (to: string, method: string, args: readonly unknown[]): Promise<unknown> => {
      const node = to.slice(0, -1);
      this.asked.push(`${node} ${method}`);
      const answer = pack(this.answer(node, method, args));
      this.bytes += answer.length;
      return unpack(answer);
    };
    return { call } as unknown as Client;
  }

  read(names: readonly string[], classes: readonly string[]): Promise<readonly Facts[]> {
    const shared = new SharedFacts(this.client, { classes, timeoutMs: 1 });
    return Promise.all(names.map((name) => shared.read(name)));
  }

  countOf(method: string): number {
    return this.asked.filter((each) => each.endsWith(method)).length;
  }
}

test('what a thousand nodes have in common crosses once', async () => {
  const packages = packagesOf(700);
  const nodes = new Nodes((node) => ({ packages, kernel: { hostname: node } }));
  const names = Array.from({ length: 1_000 }, (_, at) => `web${at}`);
  const answers = await nodes.read(names, ['packages', 'kernel']);
  assert.equal(answers[999], { packages, kernel: { hostname: 'web999' } });
  assert.is(nodes.countOf('info.digest'), 1_000);
  assert.is(nodes.countOf('info.get'), 1);
  const whole = pack({ packages, kernel: { hostname: 'web999' } }).length;
  assert.ok(nodes.bytes / 1_000 < 150, `${nodes.bytes / 1_000} bytes for each`);
  assert.ok(whole * 1_000 > nodes.bytes * 100, `${whole} bytes as they are`);
});

test('each different answer is fetched once, whoever has it', async () => {
  const nodes = new Nodes((node) => ({ packages: packagesOf(50, node.slice(-1)) }));
  const names = Array.from({ length: 30 }, (_, at) => `n${at}`);
  const answers = await nodes.read(names, ['packages']);
  for (const [at, facts] of answers.entries()) {
    assert.equal(facts.packages, packagesOf(50, `n${at}`.slice(-1)));
  }
  assert.is(nodes.countOf('info.get'), 10);
});

test('facts that are short, or others at every look, come at once', async () => {
  const processes = { top: 'x'.repeat(FACTS_INLINE_BYTES) };
  const nodes = new Nodes(() => ({ os: { id: 'debian' }, processes }));
  assert.equal(await nodes.read(['a'], ['os', 'processes']), [{ os: { id: 'debian' }, processes }]);
  assert.is(nodes.countOf('info.get'), 0);
});

test('facts of so many bytes are told themselves, of one more by their hash', () => {
  const most = 'x'.repeat(FACTS_INLINE_BYTES - 2);
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
  assert.equal(digestFacts(most, sha256), { facts: most });
  assert.equal(digestFacts(`${most}x`, sha256), { hash: hashFacts(`${most}x`, sha256) });
});

test('a node cannot say what another one means', async () => {
  const honest = packagesOf(50);
  const nodes = new Nodes(() => ({ packages: honest }));
  const { answer } = nodes;
  nodes.answer = (node, method, classes) => {
    const isLie = node === 'liar' && method === 'info.get';
    return isLie ? { packages: { manager: 'evil' } } : answer(node, method, classes);
  };
  const [told, ...others] = await nodes.read(['liar', 'a', 'b', 'c'], ['packages']);
  assert.equal(told, { packages: { manager: 'evil' } });
  for (const facts of others) assert.equal(facts, { packages: honest });
  assert.is(nodes.countOf('info.get'), 2);
});

test('when the node that was asked for all fails, the next one is asked', async () => {
  const nodes = new Nodes(() => ({ packages: packagesOf(50) }));
  const { answer } = nodes;
  nodes.answer = (node, method, classes) => {
    if (node === 'a' && method === 'info.get') throw new DagentError('E_LOST', { to: 'a' });
    return answer(node, method, classes);
  };
  const shared = new SharedFacts(nodes.client, { classes: ['packages'], timeoutMs: 1 });
  const [lost, told] = await Promise.allSettled([shared.read('a'), shared.read('b')]);
  assert.is(lost.status, 'rejected');
  assert.is(told.status, 'fulfilled');
});

test('what is no answer is not believed', async () => {
  for (const odd of [{ os: 7 }, { os: { hash: 7 } }, { os: null }]) {
    const nodes = new Nodes(() => ({}));
    nodes.answer = () => odd;
    const thrown = await nodes.read(['a'], ['os']).catch((error: unknown) => error);
    assert.is((thrown as DagentError).code, 'E_NOT_UNDERSTOOD');
  }
});

test.run();
