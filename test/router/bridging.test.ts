/** Networks that only nodes in between join: both ways, and without a circle. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeKeyOf } from '../../src/protocol/address.ts';
import { Scope } from '../../src/protocol/frame.ts';
import { ADVERT_DELAY_MS, BACKOFF_MS_MAX } from '../../src/protocol/limits.ts';
import { Chance } from '../sim/chance.ts';
import { Mesh, type MeshProgram, type Shape } from './mesh.ts';

const SETTLE_MS = 60 * ADVERT_DELAY_MS;

/** A root of a realm, with nodes below it: each `name` or `name/parent`. */
function network(realm: string, root: string, ...nodes: readonly string[]): Shape[] {
  const below = nodes.map((each): Shape => {
    const [name = '', parent = root] = each.split('/');
    return { name, parent, realm };
  });
  return [{ name: root, realm }, ...below];
}

function withPeers(shapes: readonly Shape[], peers: Readonly<Record<string, string>>): Shape[] {
  return shapes.map((shape) => {
    const peer = peers[shape.name];
    return peer === undefined ? shape : { ...shape, peers: [peer] };
  });
}

/** A mesh that has settled, with a program on each node. */
function settle(shapes: readonly Shape[], seed = 1): [Mesh, Map<string, MeshProgram>] {
  const mesh = new Mesh(shapes, new Chance(seed));
  mesh.pass(SETTLE_MS);
  const programs = new Map(shapes.map(({ name }) => [name, mesh.program(name, 'mail', name)]));
  mesh.pass(SETTLE_MS);
  return [mesh, programs];
}

/** What came of a message from each node to each other: what did not end well. */
function faultsOf(mesh: Mesh, programs: ReadonlyMap<string, MeshProgram>): string[] {
  const faults: string[] = [];
  for (const [from, program] of programs) {
    for (const to of programs.keys()) {
      const number = mesh.ask(program, `${to}:mail`, `${from} ${to}`);
      const outcome = program.outcomes.get(number);
      if (outcome !== 'ok') faults.push(`${from} to ${to}: ${outcome}`);
    }
  }
  return faults;
}

/** Links that something passed twice in one direction. */
function circlesOf(mesh: Mesh): string[] {
  return [...mesh.trails].flatMap(([frame, ways]) =>
    new Set(ways).size === ways.length ? [] : [`${frame}: ${ways.join(' ')}`],
  );
}

const TWO = withPeers(
  [...network('one', 'ra', 'a1', 'a2/a1', 'g'), ...network('two', 'rb', 'b1')],
  {
    g: 'rb',
  },
);

test('two networks that a leaf of one joins reach each other', () => {
  const [mesh, programs] = settle(TWO);
  assert.equal(faultsOf(mesh, programs), []);
  assert.equal(circlesOf(mesh), []);
});

test('a gateway deep in its tree, and a peer that is no root, do as well', () => {
  const shapes = [
    ...network('one', 'ra', 'a1', 'm', 'g/m'),
    ...network('two', 'rb', 'b1', 'b2/b1'),
  ];
  const [mesh, programs] = settle(withPeers(shapes, { g: 'b2' }));
  assert.equal(faultsOf(mesh, programs), []);
  assert.equal(circlesOf(mesh), []);
});

test('networks in a row reach each other through those in between', () => {
  const shapes = [
    ...network('one', 'ra', 'a1', 'g1'),
    ...network('two', 'rb', 'b1', 'g2'),
    ...network('three', 'rc', 'c1'),
  ];
  for (const rb of ['rb', 'b1']) {
    const [mesh, programs] = settle(withPeers(shapes, { g1: rb, g2: 'c1' }));
    assert.equal(faultsOf(mesh, programs), []);
    assert.equal(circlesOf(mesh), []);
  }
});

test('two networks of one realm name are told apart by their tops', () => {
  const shapes = TWO.map((shape) => ({ ...shape, realm: 'local' }));
  const [mesh, programs] = settle(shapes);
  assert.equal(faultsOf(mesh, programs), []);
});

test('those that are no gateways know no more than before, nor do peers of one network', () => {
  const shapes = [...TWO, { name: 'l', parent: 'ra', realm: 'one', peers: ['g'] }];
  const [mesh, programs] = settle(shapes);
  const known = (name: string) =>
    [...mesh.router(name).nodes.values()].map(({ record }) => record.name).sort();
  assert.equal(known('a1'), ['a2']);
  assert.equal(known('b1'), []);
  assert.equal(known('l'), ['b1', 'g', 'rb']);
  assert.equal(known('g'), ['a1', 'a2', 'b1', 'l', 'ra', 'rb']);
  assert.equal(faultsOf(mesh, programs), []);
});

test('who is a gateway no longer forgets what is above, and is told no more', () => {
  const [mesh] = settle(
    withPeers([...network('one', 'ra', 'a1', 'm', 'g/m'), ...network('two', 'rb')], { g: 'rb' }),
  );
  assert.ok(mesh.router('g').nodes.has(nodeKeyOf('a1')));
  assert.ok(mesh.router('m').gateway.isOn);
  mesh.kill('rb');
  mesh.pass(SETTLE_MS);
  for (const name of ['g', 'm']) {
    const router = mesh.router(name);
    assert.not.ok(router.gateway.isOn);
    assert.not.ok(router.nodes.has(nodeKeyOf('a1')));
    assert.is(router.gateway.children.size, 0);
  }
  assert.is(mesh.router('ra').gateway.children.size, 0);
});

test('to the nearest of a service one comes across networks', () => {
  const [mesh, programs] = settle(TWO);
  const ask = (from: string, to: string) => {
    const program = programs.get(from);
    const number = program && mesh.ask(program, to, `${from} ${to}`);
    assert.is(program?.outcomes.get(number ?? 0), 'ok', `${from} to ${to}`);
    assert.is(programs.get(to)?.heard.at(-1), `${from} ${to}`);
  };
  for (const from of programs.keys()) for (const to of programs.keys()) ask(from, to);
  assert.equal(circlesOf(mesh), []);
});

test('of several gateways one is enough, and at no time does a frame go in circles', () => {
  const nets = [...network('one', 'ra', 'a1', 'g1', 'g2/a1'), ...network('two', 'rb', 'b1')];
  const shapes = withPeers(nets, { g1: 'rb', g2: 'b1' });
  for (let seed = 1; seed <= 20; seed++) {
    const [mesh, programs] = settle(shapes, seed);
    assert.equal(faultsOf(mesh, programs), []);
    mesh.kill(seed % 2 === 0 ? 'g1' : 'g2');
    // While the news spreads, little by little, all go on talking.
    for (let round = 0; round < 30; round++) {
      for (const [from, program] of programs) {
        if (from === 'g1' || from === 'g2') continue;
        mesh.ask(
          program,
          from.startsWith('r') || from.startsWith('a') ? 'b1:mail' : 'a1:mail',
          `${round}`,
          2,
        );
      }
      mesh.pass(ADVERT_DELAY_MS / 3);
    }
    mesh.pass(SETTLE_MS);
    assert.equal(circlesOf(mesh), []);
    programs.delete(seed % 2 === 0 ? 'g1' : 'g2');
    assert.equal(faultsOf(mesh, programs), []);
  }
});

test('what goes to many goes both ways: broadcasts as far as they may, events where wanted', () => {
  const [mesh, programs] = settle(TWO);
  const [a2, b1] = [programs.get('a2'), programs.get('b1')];
  if (a2 === undefined || b1 === undefined) throw new Error('no programs');
  mesh.subscribe(a2, 'x.>');
  mesh.subscribe(b1, '*.y');
  mesh.pass(SETTLE_MS);
  for (const [from, to] of [
    [a2, b1],
    [b1, a2],
  ] as const) {
    to.heard.length = 0;
    mesh.carried.clear();
    mesh.publish(from, 'x.y', 'event');
    mesh.publish(from, 'z', 'nothing');
    mesh.broadcast(from, Scope.REALM, 'near');
    mesh.broadcast(from, Scope.EVERYWHERE, 'far');
    assert.equal(to.heard, ['event', 'far']);
    assert.ok([...mesh.carried.values()].every((count) => count === 1));
  }
});

test('a gateway that comes later joins networks that are there', () => {
  const shapes = withPeers(TWO, { g: 'rb' });
  const [mesh, programs] = settle(shapes);
  mesh.kill('ra');
  programs.delete('ra');
  mesh.pass(4 * BACKOFF_MS_MAX);
  // Without the root of its network it still joins what it has.
  const ask = (from: string, to: string) => {
    const program = programs.get(from);
    return program?.outcomes.get(mesh.ask(program, `${to}:mail`, 'x'));
  };
  assert.is(ask('g', 'b1'), 'ok');
  assert.is(ask('b1', 'g'), 'ok');
  assert.is(ask('b1', 'a1'), 'E_UNREACHABLE');
});

/** Networks of all shapes, each linked with one before it at least, by any two of their nodes. */
const networks = fc
  .array(
    fc.record({
      parents: fc.array(fc.nat(), { maxLength: 4 }),
      links: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 2 }),
    }),
    { minLength: 2, maxLength: 4 },
  )
  .map((drawn): Shape[] => {
    const shapes: { name: string; realm: string; parent?: string; peers: string[] }[] = [];
    for (const [n, { parents, links }] of drawn.entries()) {
      const before = shapes.length;
      const nameOf = (index: number) => `n${before + index}`;
      // Realms of one name are two networks all the same.
      const realm = `realm${n % 3}`;
      shapes.push({ name: nameOf(0), realm, peers: [] });
      for (const [index, parent] of parents.entries()) {
        shapes.push({
          name: nameOf(index + 1),
          realm,
          parent: nameOf(parent % (index + 1)),
          peers: [],
        });
      }
      if (before === 0) continue;
      for (const [here, there] of links) {
        const peer = `n${there % before}`;
        const { peers } = shapes[before + (here % (parents.length + 1))] ?? {
          peers: [] as string[],
        };
        if (!peers.includes(peer)) peers.push(peer);
      }
    }
    return shapes;
  });

test('however networks are linked, all reach all, and nothing circles', () => {
  fc.assert(
    fc.property(networks, fc.integer(), (shapes, seed) => {
      const [mesh, programs] = settle(shapes, seed);
      assert.equal(faultsOf(mesh, programs), []);
      assert.equal(circlesOf(mesh), []);
    }),
    { numRuns: 40 },
  );
});

test('whoever dies, nothing goes in circles while the others hear of it', () => {
  fc.assert(
    fc.property(networks, fc.nat(), fc.integer(), (shapes, victim, seed) => {
      const [mesh, programs] = settle(shapes, seed);
      const { name } = shapes[victim % shapes.length] ?? { name: '' };
      mesh.kill(name);
      programs.delete(name);
      const chance = new Chance(seed);
      const living = [...programs.values()];
      for (let round = 0; round < 40; round++) {
        const from = chance.pick(living);
        const to = chance.pick(shapes);
        if (from !== undefined && to !== undefined) mesh.ask(from, `${to.name}:mail`, '', 1);
        if (round % 4 === 0) mesh.pass(ADVERT_DELAY_MS / 2);
      }
      mesh.pass(SETTLE_MS);
      assert.equal(circlesOf(mesh), []);
    }),
    { numRuns: 40 },
  );
});

test.run();
