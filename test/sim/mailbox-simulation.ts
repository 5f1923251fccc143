/**
 * One simulation of mailboxes from one seed. First safety: nodes and receivers crash, pieces are
 * lost, doubled and overtaken, disks refuse, clocks jump. Then liveness: all heals, and everything
 * that was stored must come to its receiver, or be a dead letter with its history.
 */
import type { ShownLetter } from '../../src/mailbox/message.ts';
import { Agenda } from './agenda.ts';
import { Chance } from './chance.ts';
import { demand } from './envelopes.ts';
import { Ledger } from './mailbox-ledger.ts';
import { MailboxNode, type World } from './mailbox-node.ts';
import type { MailboxPlan } from './mailbox-plan.ts';
import { SimReceiver, SimSender } from './mailbox-programs.ts';

/** Long enough for the longest wait of an outbox, of a disk that refused, and for what expires. */
const HEAL_MS = 400_000;
const ADDRESSES = ['r:orders', 'r:bills', ':orders', 'a:local', 'b:local'] as const;
const FULL = { code: 'E_STORE_FULL', values: { path: 'there', reason: 'no room' } } as const;

export interface MailboxResult {
  readonly eventCount: number;
  readonly crashCount: number;
  readonly sentCount: number;
  readonly storedCount: number;
  readonly deliveredCount: number;
  readonly repeatedCount: number;
  readonly deadCount: number;
}

function hexId(kind: string, index: number): string {
  return `${kind}${String(index).padStart(15, '0')}`;
}

function addPrograms(world: World, ledger: Ledger): void {
  const { chance, nodes, plan } = world;
  const [a, b, r] = [...nodes.values()] as [MailboxNode, MailboxNode, MailboxNode];
  for (let index = 0; index < plan.senderCount; index++) {
    const to = ADDRESSES[index] ?? 'r:orders';
    const isMoving = chance.isHit(0.3) && !to.startsWith(':');
    const home = chance.isHit(0.7) ? a : chance.pick([b, r])!;
    const id = hexId('e', index);
    new SimSender(world, ledger, { id, to, nodes: isMoving ? [a, b] : [home] });
  }
  for (let index = 0; index < plan.receiverCount; index++) {
    for (const service of ['orders', 'bills']) new SimReceiver(world, ledger, { node: r, service });
  }
  for (const node of [a, b]) new SimReceiver(world, ledger, { node, service: 'local' });
}

/** Something that happens again and again while there are faults. */
function repeat(world: World, meanMs: number, run: () => void): void {
  if (!Number.isFinite(meanMs)) return;
  world.agenda.after(world.chance.untilNextMs(meanMs), () => {
    if (!world.isFaulty) return;
    run();
    repeat(world, meanMs, run);
  });
}

function addFaults(world: World): void {
  const { agenda, chance, plan } = world;
  for (const node of world.nodes.values()) {
    repeat(world, plan.crashMs, () => node.isUp && node.crashSoon());
    repeat(world, plan.refusalMs, () => {
      node.host.store.refusal = FULL;
      agenda.after(chance.between(0, 600), () => {
        node.host.store.refusal = null;
      });
    });
    repeat(world, plan.clockJumps ? 1_000 : Number.POSITIVE_INFINITY, () => {
      node.wallOffsetMs += chance.integer(-3_600_000, 3_600_000);
    });
    repeat(world, 400, () => node.feed({ kind: 'resolved', service: 'orders', node: 'r' }));
    repeat(world, 1_500, () => {
      const box = chance.pick([...node.host.state.boxes.keys()]);
      if (box === undefined || !node.isUp) return;
      const redeliver = { kind: 'redeliver', box, positions: null } as const;
      if (plan.ttlRate === 0)
        node.ask(
          (reply) => ({ ...redeliver, reply }),
          () => undefined,
        );
    });
  }
}

/** Keeps in the ledger the dead letters that fill small mailboxes, and throws them away. */
function purgeDead(world: World, ledger: Ledger): void {
  for (const node of world.nodes.values()) {
    for (const box of node.host.state.boxes.keys()) {
      node.ask(
        (reply) => ({ kind: 'peek', box, what: 'dead', from: 0, countMax: 1_000, reply }),
        (output) => output.kind === 'peeked' && ledger.purged.push(...output.letters),
      );
      node.ask(
        (reply) => ({ kind: 'purge', box, what: 'dead', reply }),
        () => undefined,
      );
    }
  }
}

function heal(world: World, ledger: Ledger): void {
  world.isFaulty = false;
  for (const node of world.nodes.values()) {
    node.host.store.refusal = null;
    node.host.outputsLeft = Number.POSITIVE_INFINITY;
    node.feed({ kind: 'resolved', service: 'orders', node: 'r' });
  }
  // What was left for a service without a node is resolved when a node comes back, too.
  world.agenda.after(2_000, () => {
    for (const node of world.nodes.values()) {
      node.feed({ kind: 'resolved', service: 'orders', node: 'r' });
    }
  });
  const end = world.agenda.nowMs + HEAL_MS;
  while (world.agenda.nowMs < end) {
    world.agenda.runUntil(world.agenda.nowMs + 10_000);
    if (world.plan.quotaCount < 100) purgeDead(world, ledger);
  }
}

/** The dead letters of a node; nothing else is left on its disk. */
function readRest(node: MailboxNode): ShownLetter[] {
  const { store, state } = node.host;
  const all = { countMax: 100_000, bytesMax: 1_000_000_000 };
  const dead: ShownLetter[] = [];
  for (const box of state.boxes.values()) {
    const { count, bytes, held, ready, records, tries } = box;
    const rest = [count, bytes, held.size, ready.length, records.size, tries.size];
    demand(
      rest.every((each) => each === 0),
      () => `${node.name}: ${box.name} still has ${rest}`,
    );
    node.ask(
      (reply) => ({ kind: 'peek', box: box.name, what: 'dead', from: 0, countMax: 100_000, reply }),
      (output) => output.kind === 'peeked' && dead.push(...output.letters),
    );
  }
  for (const letter of ['m', 't']) {
    const { records } = store.read({ from: `${letter}/`, below: `${letter}0`, ...all });
    demand(records.length === 0, () => `${node.name} keeps ${records.map(({ key }) => key)}`);
  }
  const deadCount = [...state.boxes.values()].reduce((sum, box) => sum + box.deadCount, 0);
  demand(deadCount === dead.length, () => `${node.name} counts ${deadCount} of ${dead.length}`);
  demand(state.lostCount === 0, () => `${node.name} misses ${state.lostCount} messages`);
  return dead;
}

/** Runs a simulation to its end. Throws a Violation, or whatever the mailboxes throw. */
export function simulateMailboxes(plan: MailboxPlan): MailboxResult {
  const chance = new Chance(plan.seed ^ 0x5bd1e995);
  const agenda = new Agenda();
  const nodes = new Map<string, MailboxNode>();
  const world: World = { agenda, chance, plan, nodes, isFaulty: true, nextToken: 1 };
  for (const name of ['a', 'b', 'r']) {
    nodes.set(name, new MailboxNode(world, name, hexId('f', nodes.size)));
  }
  const ledger = new Ledger();
  addPrograms(world, ledger);
  addFaults(world);
  agenda.runUntil(plan.faultyMs);
  heal(world, ledger);
  const dead = [...nodes.values()].flatMap(readRest);
  ledger.checkEnd([...ledger.purged, ...dead], plan.tryCountMax);
  const entries = [...ledger.entries.values()];
  const { deliveredCount, repeatedCount, deadCount } = ledger;
  const crashCount = [...nodes.values()].reduce((sum, node) => sum + node.crashCount, 0);
  const storedCount = entries.filter(({ isStored }) => isStored).length;
  const counts = { eventCount: agenda.doneCount, crashCount, sentCount: entries.length };
  return { ...counts, storedCount, deliveredCount, repeatedCount, deadCount };
}
