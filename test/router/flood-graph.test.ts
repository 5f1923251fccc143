/** Broadcasts and events through whole trees and graphs of routers. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Scope } from '../../src/protocol/frame.ts';
import { ADVERT_DELAY_MS } from '../../src/protocol/limits.ts';
import { Chance } from '../sim/chance.ts';
import { Mesh, type MeshProgram, type Shape } from './mesh.ts';

/** A tree whose nodes have links to others as well. */
const graph = fc
  .record({
    parents: fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
    peers: fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 5 }),
  })
  .map(({ parents, peers }): Shape[] => {
    const parentOf = parents.map((each, index) => each % (index + 1));
    const isKin = (a: number, b: number) => parentOf[a - 1] === b || parentOf[b - 1] === a;
    const links = new Map<number, Set<number>>();
    for (const [a, b] of peers.map((pair) => pair.map((each) => each % (parents.length + 1)))) {
      if (a === undefined || b === undefined || a <= b || isKin(a, b)) continue;
      links.set(a, (links.get(a) ?? new Set()).add(b));
    }
    return [undefined, ...parentOf].map((parent, index) => ({
      name: `n${index}`,
      ...(parent === undefined ? {} : { parent: `n${parent}` }),
      peers: [...(links.get(index) ?? [])].map((each) => `n${each}`),
    }));
  });

test('in any graph each program hears each broadcast once', () => {
  fc.assert(
    fc.property(graph, fc.integer(), (shapes, seed) => {
      const mesh = new Mesh(shapes, new Chance(seed));
      mesh.pass(20 * ADVERT_DELAY_MS);
      const programs = shapes.map(({ name }) => mesh.program(name, 'mail'));
      for (const [index, program] of programs.entries()) {
        mesh.broadcast(program, Scope.REALM, `${index}`);
      }
      for (const [index, { heard }] of programs.entries()) {
        const others = programs.flatMap((_, other) => (other === index ? [] : [`${other}`]));
        assert.equal(heard, others);
      }
    }),
    { numRuns: 40 },
  );
});

test('in any tree an event comes once to all who want it, and goes by no other link', () => {
  const wishes = fc.array(fc.tuple(fc.nat(), fc.constantFrom('a', 'a.*', '*.b', '>')), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(graph, wishes, fc.integer(), (shapes, wished, seed) => {
      const tree = shapes.map(({ peers: _, ...shape }) => shape);
      const mesh = new Mesh(tree, new Chance(seed));
      const programs = shapes.map(({ name }) => mesh.program(name));
      const subscribers = new Set<MeshProgram>();
      for (const [number, pattern] of wished) {
        const program = programs[number % programs.length];
        if (program === undefined) continue;
        mesh.subscribe(program, pattern);
        if (pattern !== 'a') subscribers.add(program);
      }
      mesh.pass(20 * ADVERT_DELAY_MS);
      for (const [index, publisher] of programs.entries()) {
        mesh.carried.clear();
        mesh.publish(publisher, 'a.b', `${index}`);
        for (const program of programs) {
          const isWanted = subscribers.has(program) && program !== publisher;
          const count = program.heard.filter((text) => text === `${index}`).length;
          assert.is(count, isWanted ? 1 : 0, `${publisher.node} to ${program.node}`);
        }
        const ends = new Set([...subscribers].map(({ node }) => node));
        assert.equal(waysTo(tree, publisher.node, ends), [...mesh.carried.keys()].sort());
        assert.ok([...mesh.carried.values()].every((count) => count === 1));
      }
    }),
    { numRuns: 40 },
  );
});

/** The links between one node of a tree and some others. */
function waysTo(tree: readonly Shape[], from: string, ends: ReadonlySet<string>): string[] {
  const ways = new Set<string>();
  const chainOf = (name: string): string[] => {
    const parent = tree.find((each) => each.name === name)?.parent;
    return parent === undefined ? [name] : [name, ...chainOf(parent)];
  };
  for (const end of ends) {
    const [up, down] = [chainOf(from), chainOf(end)];
    const shared = up.find((each) => down.includes(each)) ?? '';
    const climb = up.slice(0, up.indexOf(shared) + 1);
    const path = [...climb, ...down.slice(0, down.indexOf(shared)).reverse()];
    for (let at = 1; at < path.length; at++) ways.add(`${path[at - 1]}>${path[at]}`);
  }
  return [...ways].sort();
}

test('a change of mind is heard in the whole tree', () => {
  const shapes = [{ name: 'r' }, { name: 'a', parent: 'r' }, { name: 'b', parent: 'r' }];
  const mesh = new Mesh(shapes, new Chance(1));
  const [publisher, subscriber] = [mesh.program('a'), mesh.program('b')];
  const publish = (text: string): void => {
    mesh.pass(20 * ADVERT_DELAY_MS);
    mesh.publish(publisher, 'x.y', text);
  };
  publish('before');
  mesh.subscribe(subscriber, 'x.*');
  publish('while');
  mesh.unsubscribe(subscriber, 'x.*');
  publish('after');
  assert.equal(subscriber.heard, ['while']);
  assert.equal(
    [...mesh.carried],
    [
      ['a>r', 1],
      ['r>b', 1],
    ],
  );
});

test('in any graph an event comes once to all who want it, and by no link twice', () => {
  fc.assert(
    fc.property(graph, fc.array(fc.nat(), { maxLength: 4 }), fc.integer(), (shapes, who, seed) => {
      const mesh = new Mesh(shapes, new Chance(seed));
      mesh.pass(40 * ADVERT_DELAY_MS);
      const programs = shapes.map(({ name }) => mesh.program(name));
      const subscribers = new Set(who.map((number) => programs[number % programs.length]));
      for (const program of subscribers) if (program !== undefined) mesh.subscribe(program, 'a.*');
      mesh.pass(40 * ADVERT_DELAY_MS);
      for (const [index, publisher] of programs.entries()) {
        mesh.carried.clear();
        mesh.publish(publisher, 'a.b', `${index}`);
        for (const program of programs) {
          const isWanted = subscribers.has(program) && program !== publisher;
          const count = program.heard.filter((text) => text === `${index}`).length;
          assert.is(count, isWanted ? 1 : 0, `${publisher.node} to ${program.node}`);
        }
        assert.ok([...mesh.carried.values()].every((count) => count === 1));
      }
    }),
    { numRuns: 60 },
  );
});

test('between realms goes what is wanted there, and broadcasts that may leave their own', () => {
  const shapes: Shape[] = [
    { name: 'r', realm: 'one' },
    { name: 'a', realm: 'one', parent: 'r' },
    { name: 's', realm: 'two', peers: ['r'] },
    { name: 'b', realm: 'two', parent: 's' },
  ];
  const mesh = new Mesh(shapes, new Chance(3));
  mesh.pass(40 * ADVERT_DELAY_MS);
  const [here, there] = [mesh.program('a', 'mail'), mesh.program('b', 'mail')];
  mesh.subscribe(there, 'x.>');
  mesh.pass(40 * ADVERT_DELAY_MS);
  mesh.publish(here, 'x.y', 'event');
  mesh.publish(here, 'y', 'nothing');
  mesh.broadcast(here, Scope.REALM, 'near');
  mesh.broadcast(here, Scope.EVERYWHERE, 'far');
  assert.equal(there.heard, ['event', 'far']);
  assert.is(mesh.carried.get('a>r'), 1);
});

test.run();
