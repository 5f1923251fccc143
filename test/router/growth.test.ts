/**
 * Many nodes that all know one address only: what becomes of the tree when each node is soon full.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import type { LinkId } from '../../src/router/io.ts';
import { parentLink } from '../../src/router/state.ts';
import { TestRouter } from './harness.ts';

const CHILDREN_MAX = 3;
const NODES = 40;

interface End {
  readonly node: TestRouter;
  readonly link: LinkId;
}

/** Nodes by their URLs; what they say arrives at once, in its order. */
class Growth {
  readonly nodes = new Map<string, TestRouter>();
  readonly #ends = new Map<TestRouter, Map<LinkId, End>>();
  readonly #mail: { readonly to: End; readonly bytes: Buffer | null }[] = [];

  /** The first ones take children, the others are leaves. */
  constructor(agents = NODES, nodes = NODES) {
    for (let n = 0; n < nodes; n++) {
      const url = `cd://10.0.0.1:${n}`;
      const parents = n === 0 ? [] : ['cd://10.0.0.1:0'];
      const role = n < agents ? 'agent' : 'leaf';
      const more = { role, parents, urls: [url], childrenMax: CHILDREN_MAX, seed: n + 1 } as const;
      this.nodes.set(url, new TestRouter(`n${n}`, { realm: n === 0 ? 'test' : null, ...more }));
    }
    for (const node of this.nodes.values()) this.#carry(node);
  }

  /** A node that was killed is there again. */
  revive(url: string, former: TestRouter): void {
    const { config } = former.router;
    const node = new TestRouter(config.name, { ...config, incarnation: config.incarnation + 1 });
    node.nowMs = this.#nowMs;
    this.nodes.set(url, node);
    this.#carry(node);
  }

  #endsOf(node: TestRouter): Map<LinkId, End> {
    const known = this.#ends.get(node) ?? new Map<LinkId, End>();
    this.#ends.set(node, known);
    return known;
  }

  /** Puts on its way what a node has just said, and connects whom it dials. */
  #carry(node: TestRouter): void {
    for (const output of [...node.outputs]) {
      if (output.kind === 'dial') this.#connect(node, output.dialler, output.url);
      if (output.kind !== 'send' && output.kind !== 'close') continue;
      const to = this.#endsOf(node).get(output.link);
      const bytes = output.kind === 'send' ? Buffer.from(output.bytes) : null;
      if (to !== undefined) this.#mail.push({ to, bytes });
    }
  }

  #connect(node: TestRouter, dialler: number, url: string): void {
    const other = this.nodes.get(url);
    if (other === undefined) {
      const error = { code: 'E_CONNECT', values: { url, reason: 'gone' } } as const;
      node.input({ kind: 'dialFailed', dialler, error });
      return this.#carry(node);
    }
    const there = other.accept();
    const here = node.dialled(dialler);
    this.#endsOf(node).set(here, { node: other, link: there });
    this.#endsOf(other).set(there, { node, link: here });
    this.#carry(node);
  }

  #deliver(): void {
    for (let next = this.#mail.shift(); next !== undefined; next = this.#mail.shift()) {
      const { to, bytes } = next;
      const { node, link } = to;
      // The dead hear nothing.
      if (!this.#ends.has(node)) continue;
      if (bytes === null) node.input({ kind: 'closed', link, reason: 'end' });
      else node.bytes(link, bytes);
      this.#carry(node);
    }
  }

  get #nowMs(): number {
    return Math.max(...[...this.nodes.values()].map(({ nowMs }) => nowMs));
  }

  run(ms: number): void {
    for (let at = 0; at < ms; at += 10) {
      for (const node of this.nodes.values()) {
        node.pass(10);
        this.#carry(node);
      }
      this.#deliver();
    }
  }

  kill(url: string): void {
    const node = this.nodes.get(url);
    if (node === undefined) return;
    this.nodes.delete(url);
    for (const to of this.#endsOf(node).values()) this.#mail.push({ to, bytes: null });
    this.#ends.delete(node);
    for (const ends of this.#ends.values()) {
      for (const [link, end] of ends) if (end.node === node) ends.delete(link);
    }
  }

  /** Hops from a node to the root, along the parents that they name. */
  depthOf(node: TestRouter): number {
    let depth = 0;
    for (let at = node; at.router.config.parents.length > 0; depth++) {
      const name = parentLink(at.router)?.peer?.name;
      const above = [...this.nodes.values()].find(({ router }) => router.config.name === name);
      assert.ok(above !== undefined && depth < NODES, `${at.router.config.name} has no way up`);
      if (above === undefined) break;
      at = above;
    }
    return depth;
  }

  /** All are in one tree, known at its root, and nobody has more children than it takes. */
  check(depthMost: number): void {
    const root = this.nodes.get('cd://10.0.0.1:0');
    for (const node of this.nodes.values()) {
      const { name } = node.router.config;
      assert.ok(node.router.children.size <= CHILDREN_MAX, `${name} is more than full`);
      assert.ok(this.depthOf(node) <= depthMost, `${name} is ${this.depthOf(node)} deep`);
      const isKnown = node === root || root?.router.nodes.get(nodeKeyOf(name))?.lostAtMs === null;
      assert.ok(isKnown, `the root does not know ${name}`);
    }
  }
}

test('who is sent on finds a place, so that a tree grows from one address', () => {
  const growth = new Growth();
  growth.run(60_000);
  // With three to each, forty would fit into four levels; chance needs a few more.
  growth.check(5);
});

test('when some in the middle die, those below find another place', () => {
  const growth = new Growth();
  growth.run(60_000);
  const busy = [...growth.nodes].filter(
    ([url, { router }]) => url !== 'cd://10.0.0.1:0' && router.children.size > 1,
  );
  assert.ok(busy.length > 2);
  for (const [url] of busy.slice(0, 3)) growth.kill(url);
  growth.run(60_000);
  assert.is(growth.nodes.size, NODES - 3);
  growth.check(6);
});

/** Seven nodes that take three children each, and as many leaves as have a place then. */
function crowded(): { growth: Growth; agents: [string, TestRouter][] } {
  const growth = new Growth(7, 22);
  growth.run(90_000);
  growth.check(6);
  const agents = [...growth.nodes].filter(([, { router }]) => router.config.role === 'agent');
  return { growth, agents: agents.slice(1) };
}

/** What becomes of it; and from then on nobody moves. */
function settle(growth: Growth): void {
  growth.run(90_000);
  growth.check(6);
  const joinsOf = () => [...growth.nodes.values()].map(({ router }) => router.joinedSeqno).join();
  const joins = joinsOf();
  growth.run(60_000);
  assert.is(joinsOf(), joins);
}

test('when those that take children start anew in turn, all have a place in the end', () => {
  const { growth, agents } = crowded();
  for (const [url, former] of agents) {
    growth.kill(url);
    growth.run(2_000);
    growth.revive(url, former);
    growth.run(2_000);
  }
  settle(growth);
});

test('leaves that took all places at the root give them to those that take children', () => {
  const { growth, agents } = crowded();
  for (const [url] of agents) growth.kill(url);
  growth.run(30_000);
  const root = growth.nodes.get('cd://10.0.0.1:0');
  const roles = [...(root?.router.children.values() ?? [])].map(({ peer }) => peer?.role);
  assert.equal(roles, ['leaf', 'leaf', 'leaf']);
  for (const [url, former] of agents) growth.revive(url, former);
  settle(growth);
});

test.run();
