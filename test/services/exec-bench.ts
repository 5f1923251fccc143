/** The exec service of a node, someone who asks it, and commands that the test plays. */
import type { Asking } from '../../src/endpoint/asking.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import type { ExecResult } from '../../src/protocol/exec.ts';
import { createExecService } from '../../src/services/exec.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeAccounts } from '../fakes/accounts.ts';
import { FakeClock } from '../fakes/clock.ts';
import { type FakeChild, FakeSpawner } from '../fakes/spawner.ts';

export const ENV = { PATH: '/bin' };

/** A node with the service, and someone who asks it. */
export class Bench {
  readonly clock = new FakeClock();
  readonly spawner = new FakeSpawner();
  readonly accounts = new FakeAccounts();
  readonly service = createExecService({
    spawner: this.spawner,
    clock: this.clock,
    env: ENV,
    cwd: '/srv',
    accounts: this.accounts,
    hostNames: () => ['box', '10.0.0.1'],
  });
  readonly pair = createPair();

  constructor() {
    const { methods } = this.service;
    this.pair.there.handle('dagent', answering(methods));
  }

  /** A command that runs. */
  async start(spec: object = {}): Promise<Command> {
    const args = [{ argv: ['work'], ...spec }];
    const command = new Command(openCall(this.pair.here, 'there:', 'exec.run', { args }));
    await quiet();
    command.child = this.spawner.children.at(-1);
    return command;
  }
}

/** A command as its caller sees it. */
export class Command {
  readonly asking: Asking;
  readonly output: string[] = [];
  readonly progress: unknown[] = [];
  heardBytes = 0;
  isReading = true;
  result: ExecResult | undefined;
  error: DagentError | undefined;
  child: FakeChild | undefined;

  constructor(asking: Asking) {
    this.asking = asking;
    asking.onProgress = (value) => this.progress.push(value);
    asking.onData = (channel, bytes) => {
      this.output.push(`${channel} ${bytes}`);
      this.heardBytes += bytes.length;
      if (this.isReading) asking.grant(bytes.length);
    };
    asking.outcome.then(
      ({ data }) => {
        this.result = decodeValue(data) as ExecResult;
      },
      (error: DagentError) => {
        this.error = error;
      },
    );
  }

  get played(): FakeChild {
    if (this.child === undefined) throw new Error('it was not started');
    return this.child;
  }
}
