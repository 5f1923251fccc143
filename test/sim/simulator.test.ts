import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drawPlan, type Plan } from './plan.ts';
import { simulate } from './simulation.ts';

/** Seeds of each size; `npm run sim` runs others. */
const SMALL = { nodes: 12, seeds: 60, ticks: 15_000 };
const WHOLE = { nodes: 50, seeds: 15, ticks: 20_000 };

for (const { nodes, seeds, ticks } of [SMALL, WHOLE]) {
  test(`${nodes} nodes: faults break no promise, and the tree heals, ${seeds} times`, () => {
    for (let seed = 1; seed <= seeds; seed++) {
      try {
        simulate(drawPlan(seed, nodes, ticks));
      } catch (thrown) {
        const again = `npm run sim -- --nodes ${nodes} --seed ${seed} --ticks ${ticks}`;
        throw new Error(`seed ${seed} fails; again: ${again}`, { cause: thrown });
      }
    }
  });
}

test('a simulation does what it is there for: faults, traffic, and every kind of end', () => {
  const result = simulate(drawPlan(7, 50, 30_000));
  assert.ok(result.faultCount > 10, `${result.faultCount} faults`);
  assert.ok(result.deliveredCount > 1_000, `${result.deliveredCount} delivered`);
  assert.ok(result.heardCount > 1_000, `${result.heardCount} broadcasts and events heard`);
  for (const outcome of ['REPLY', 'E_UNREACHABLE', 'E_NO_SERVICE', 'E_DEADLINE', 'E_LOST']) {
    assert.ok((result.outcomes[outcome] ?? 0) > 0, outcome);
  }
});

test('among the seeds are peers, gateways between networks, uplink loops and namesakes', () => {
  const plans = Array.from({ length: SMALL.seeds }, (_, n) => drawPlan(n + 1, SMALL.nodes, 1));
  const gateways = ({ nodes }: Plan) =>
    nodes.some(({ network, peers }) => peers.some((peer) => nodes[peer]?.network !== network));
  const twins = ({ nodes }: Plan) => new Set(nodes.map(({ name }) => name)).size < nodes.length;
  const peers = ({ nodes }: Plan) => nodes.some((node) => node.peers.length > 0);
  for (const has of [peers, gateways, twins, ({ hasLoops }: Plan) => hasLoops]) {
    assert.ok(plans.filter(has).length >= 5);
  }
});

test('one seed gives the same simulation each time, and another seed another one', () => {
  const run = (seed: number) => simulate(drawPlan(seed, 15, 8_000));
  assert.equal(run(5), run(5));
  assert.is.not(run(5).digest, run(6).digest);
});

test.run();
