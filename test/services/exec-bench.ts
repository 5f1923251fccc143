/** The exec service of a node, someone who asks it, and commands that the test plays. */
import type { Asking } from '../../src/endpoint/asking.ts';
import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import type { ExecResult } from '../../src/protocol/exec.ts';
import { createExecService, type ExecService } from '../../src/services/exec.ts';
import { Jobs } from '../../src/services/jobs.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeAccounts } from '../fakes/accounts.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeJobHost } from '../fakes/job-host.ts';
import { type FakeChild, FakeSpawner } from '../fakes/spawner.ts';
import { Call } from './jobs-bench.ts';

export const ENV = { PATH: '/bin', DAGENT_TARGET: 'there' };

/** A node with the service, and someone who asks it. */
export class Bench {
  readonly clock = new FakeClock();
  readonly spawner = new FakeSpawner();
  readonly accounts = new FakeAccounts();
  readonly host = new FakeJobHost();
  readonly jobs: Jobs;
  readonly service: ExecService;
  readonly pair = createPair();

  constructor() {
    const ignore = (): void => undefined;
    const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
    const common = {
      clock: this.clock,
      env: ENV,
      cwd: '/srv',
      accounts: this.accounts,
      hostNames: () => ['box', '10.0.0.1'],
    };
    this.jobs = new Jobs({ ...common, host: this.host, log, node: 'there' });
    const { runs } = this.jobs;
    this.service = createExecService({ ...common, spawner: this.spawner, runs });
    const methods = { ...this.service.methods, ...this.jobs.methods };
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

  /** What somebody asks who does not wait for the command. */
  async ask(method: string, args: readonly unknown[]): Promise<Call> {
    const call = new Call(openCall(this.pair.here, 'there:', method, { args }));
    await quiet();
    await quiet();
    return call;
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
