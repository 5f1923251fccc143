import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openLocalProgram } from '../../src/daemon/local-program.ts';
import type { Incoming } from '../../src/endpoint/incoming.ts';
import { nodeKeyOf, serviceKeyOf } from '../../src/protocol/address.ts';
import { type DagentError, errorFromData } from '../../src/protocol/errors.ts';
import { Kind, ROUTED_KIND_MIN } from '../../src/protocol/frame.ts';
import { SERVICES_PER_LINK_MAX } from '../../src/protocol/limits.ts';
import { selfRecord } from '../../src/router/state.ts';
import { quiet, Station } from './station.ts';

function start() {
  const station = new Station();
  const events: Incoming[] = [];
  const open = () =>
    openLocalProgram(
      'here',
      (connection) => station.driver.accept(connection),
      (event) => events.push(event),
    );
  return { station, events, open };
}

test('it takes names, which go with it', async () => {
  const { station, open } = start();
  const program = open();
  await program.register('forecast', {});
  await program.register('history', {});
  assert.equal(selfRecord(station.router).services, ['forecast', 'history']);
  program.unregister('history');
  assert.equal(selfRecord(station.router).services, ['forecast']);
  program.close();
  program.close();
  await quiet();
  assert.equal(selfRecord(station.router).services, []);
  assert.is(station.eventKinds().filter((kind) => kind === 'serviceDown').length, 2);
});

test('a name that is taken is refused', async () => {
  const { open } = start();
  await open().register('forecast', {});
  const error = await open()
    .register('forecast', {})
    .catch((thrown) => thrown);
  assert.is((error as DagentError).code, 'E_SERVICE_TAKEN');
});

/** A program that asks the service `forecast`. */
async function startAsker(station: Station) {
  const visitor = await station.program('visitor');
  const seed = Number(visitor.received[0]?.head.seed);
  const place = { toNode: nodeKeyOf('here'), toService: serviceKeyOf('forecast') };
  const own = { fromNode: nodeKeyOf('here'), fromService: serviceKeyOf('visitor'), seed };
  const ask = async (number: number, cmd: string): Promise<void> => {
    const head = { from: 'here:visitor', to: 'here:forecast', cmd };
    visitor.send({ kind: Kind.REQUEST, ...place, ...own, number }, head);
    await quiet();
  };
  const outcome = (number: number) =>
    visitor.received.find((frame) => frame.number === number && frame.kind >= ROUTED_KIND_MIN);
  return { ask, outcome };
}

test('who asks its service is answered, and hears at once when it is gone', async () => {
  const { station, open } = start();
  const program = open();
  await program.register('forecast', {
    onRequest: (exchange) => {
      if (exchange.request.command === 'ASK') exchange.reply({ command: 'OK' });
    },
  });
  const { ask, outcome } = await startAsker(station);
  await ask(1, 'ASK');
  assert.is(outcome(1)?.head.cmd, 'OK');
  await ask(2, 'HANG');
  assert.is(outcome(2), undefined);
  program.close();
  await quiet();
  assert.is(errorFromData(outcome(2)?.head.error).code, 'E_LOST');
});

test('it hears the events that it asked for, and no others', async () => {
  const { station, open, events } = start();
  const program = open();
  await program.subscribe('orders.>');
  const error = await program.subscribe('a..b').catch((thrown) => thrown);
  assert.is((error as DagentError).code, 'E_TOPIC_INVALID');
  const visitor = await station.program('visitor');
  const seed = Number(visitor.received[0]?.head.seed);
  const own = { fromNode: nodeKeyOf('here'), fromService: serviceKeyOf('visitor'), seed };
  for (const [number, topic] of ['orders.eu', 'other'].entries()) {
    visitor.send({ kind: Kind.EVENT, ...own, number }, { from: 'here:visitor', topic });
  }
  await quiet();
  assert.equal(
    events.map(({ to, from }) => [to, from]),
    [['orders.eu', 'here:visitor']],
  );
});

test('what it asks for after its end, or does not hear of any more, fails', async () => {
  const { open } = start();
  const program = open();
  program.close();
  const error = await program.register('late', {}).catch((thrown) => thrown);
  assert.is((error as DagentError).code, 'E_CONNECTION_LOST');
});

test('a node that leaves takes it along, and takes none any more', async () => {
  const { station, open } = start();
  const program = open();
  await program.register('forecast', {});
  station.driver.input({ kind: 'leave' });
  await quiet();
  assert.is(station.router.programs.size, 1, 'only the node itself');
  const error = await open()
    .register('late', {})
    .catch((thrown) => thrown);
  assert.is((error as DagentError).code, 'E_CONNECTION_LOST');
});

test('names of all programs of a node count together', async () => {
  const { open } = start();
  const program = open();
  for (let index = 0; index < SERVICES_PER_LINK_MAX; index++) {
    await program.register(`s${index}`, {});
  }
  const error = await open()
    .register('more', {})
    .catch((thrown) => thrown);
  assert.is((error as DagentError).code, 'E_TOO_MANY_SERVICES');
});

test.run();
