/** A node with jobs that the test plays, and someone who asks it. */

import { decodeValue, openCall } from '../../src/endpoint/methods.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { type JobRecord, parseJobRecord } from '../../src/protocol/job.ts';
import { JOB_FOLLOW_MS } from '../../src/protocol/limits.ts';
import { Jobs } from '../../src/services/jobs.ts';
import { answering, createPair, quiet } from '../endpoint/pair.ts';
import { FakeAccounts } from '../fakes/accounts.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeJobHost } from '../fakes/job-host.ts';

export const ID = '0123456789abcdef0123';
export const OTHER_ID = 'ffffffffffffffffffff';

/** A node with jobs, and someone who asks it. */
export class Bench {
  readonly clock = new FakeClock();
  readonly host: FakeJobHost;
  readonly jobs: Jobs;
  readonly pair = createPair();
  readonly logged: string[] = [];

  constructor(host = new FakeJobHost()) {
    this.host = host;
    const ignore = (): void => undefined;
    const log: Logger = {
      ...{ debug: ignore, info: ignore, warn: ignore },
      error: (message) => this.logged.push(message),
    };
    this.jobs = new Jobs({
      ...{ host, clock: this.clock, log, node: 'there', env: { PATH: '/bin' }, cwd: '/srv' },
      accounts: new FakeAccounts(),
      hostNames: () => ['box'],
    });
    this.jobs.start();
    const { methods } = this.jobs;
    this.pair.there.handle('dagent', answering(methods));
  }

  call(method: string, args: readonly unknown[]): Call {
    return new Call(openCall(this.pair.here, 'there:', method, { args }));
  }

  /** Starts a job, and lets it begin. */
  async start(spec: object = {}, wish: object = {}): Promise<Call> {
    const call = this.call('job.start', [
      { argv: ['work'], ...spec },
      { id: ID, ...wish },
    ]);
    await quiet();
    return call;
  }

  async begun(spec: object = {}, wish: object = {}): Promise<Call> {
    const call = await this.start(spec, wish);
    this.host.last.begin(this.clock.wallMs());
    await this.pass(JOB_FOLLOW_MS);
    return call;
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await quiet();
    await quiet();
  }

  async ask(method: string, args: readonly unknown[]): Promise<Call> {
    const call = this.call(method, args);
    await quiet();
    await quiet();
    return call;
  }
}

/** A call as its caller sees it. */
export class Call {
  value: unknown;
  error: DagentError | undefined;
  readonly output: string[] = [];
  isReading = true;

  readonly #asking: ReturnType<typeof openCall>;

  constructor(asking: ReturnType<typeof openCall>) {
    this.#asking = asking;
    asking.onProgress = (value) => {
      const { omitted, bytes } = value as { omitted?: string; bytes?: number };
      if (omitted !== undefined) this.output.push(`${omitted} without ${bytes}`);
    };
    asking.onData = (channel, bytes) => {
      this.output.push(`${channel} ${bytes}`);
      if (this.isReading) asking.grant(bytes.length);
    };
    asking.outcome.then(
      ({ data }) => {
        this.value = decodeValue(data);
      },
      (error: DagentError) => {
        this.error = error;
      },
    );
  }

  /** Gives leave for so many more bytes. */
  grant(bytes: number): void {
    this.#asking.grant(bytes);
  }

  get record(): JobRecord {
    const record = parseJobRecord(this.value);
    if (record === undefined) throw new Error(`no job: ${JSON.stringify(this.value)}`);
    return record;
  }
}
