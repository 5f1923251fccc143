import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SystemJobHost } from '../../src/adapters/job-host.ts';
import { identifyProcess, isAlive } from '../../src/adapters/process-identity.ts';
import type { JobNote, JobSight } from '../../src/ports/job-host.ts';
import type { SpawnRequest } from '../../src/ports/spawner.ts';
import type { DagentError } from '../../src/protocol/errors.ts';
import { until } from '../e2e/poll.ts';

const dir = realpathSync(mkdtempSync(join(tmpdir(), 'jobs-')));
const env = { PATH: process.env.PATH ?? '' };
const troubles: string[] = [];
const createHost = (path = env.PATH) =>
  new SystemJobHost({ dir, path }, (path, reason) => troubles.push(`${path} ${reason}`));
const host = createHost();
test.after(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;

function newNote(): JobNote {
  return {
    ...{
      id: (++count).toString(16).padStart(20, '0'),
      owner: 'ann@hq',
      command: 'work',
      hash: 'h',
    },
    ...{ isKeyed: false, rank: 0, count: 1, timeoutMs: null, overallMs: null, graceMs: 5_000 },
    ...{ spoolBytes: 65_536, submittedAtMs: Date.now(), boot: host.boot },
  };
}

/** A job that was written down and started. */
class Run {
  readonly note = newNote();
  refusal: string | undefined;

  async start(argv: readonly string[], more: Partial<SpawnRequest> = {}): Promise<this> {
    await host.create(this.note);
    const onNotStarted = (reason: string): void => {
      this.refusal = reason;
    };
    const request = { argv, env, cwd: dir, ...more };
    host.launch(this.note.id, request, { onOver: () => undefined, onNotStarted });
    return this;
  }

  /** As a daemon sees it that has just been started. */
  look(): JobSight {
    return createHost().look(this.note.id, host.boot);
  }

  begun(): Promise<JobSight> {
    return until('it runs', () => {
      const sight = this.look();
      return sight.word === 'ready' && sight;
    });
  }

  ended(): Promise<JobSight> {
    return until('it has ended', () => {
      const sight = this.look();
      return sight.code !== null && !sight.isPiped && sight;
    });
  }

  path(name: string): string {
    return join(dir, this.note.id, name);
  }

  text(name: 'out' | 'err'): string {
    return readFileSync(this.path(name), 'utf8');
  }
}

test('a command runs in a session of its own, and its end is told by files', async () => {
  const words = 'echo "$X"; echo oops >&2; cut -d" " -f 1,5,6 /proc/$$/stat; exit 7';
  const run = await new Run().start(['sh', '-c', words], { env: { ...env, X: 'a b' } });
  const { pid, code, word, startedAtMs, endedAtMs } = await run.ended();
  assert.equal([code, word], [7, 'ready']);
  assert.is(run.text('out'), `a b\n${pid} ${pid} ${pid}\n`);
  assert.is(run.text('err'), 'oops\n');
  assert.ok((startedAtMs ?? 0) <= (endedAtMs ?? 0));
  assert.is(statSync(run.path('job.json')).mode & 0o77, 0);
});

test('what opens its stdout or stderr anew cuts nothing short', async () => {
  const words = 'echo one; echo two > /dev/stdout; echo three; echo x > /dev/stderr; echo y >&2';
  const run = await new Run().start(['sh', '-c', words]);
  await run.ended();
  assert.is(run.text('out'), 'one\ntwo\nthree\n');
  assert.is(run.text('err'), 'x\ny\n');
});

test('signals end a command as they would elsewhere, INT and QUIT too', async () => {
  const wanted: [NodeJS.Signals, number][] = [
    ['SIGINT', 130],
    ['SIGQUIT', 131],
    ['SIGTERM', 143],
    ['SIGKILL', 137],
  ];
  await Promise.all(
    wanted.map(async ([signal, code]) => {
      const run = await new Run().start(['sleep', '60'], { env: { ...env } });
      await run.begun();
      assert.ok(host.signal(run.note.id, signal) > 0);
      assert.is((await run.ended()).code, code);
      assert.is(host.signal(run.note.id, signal), 0);
    }),
  );
});

test('a signal reaches all of the group, and not who waits for it', async () => {
  const run = await new Run().start(['sh', '-c', 'sleep 60 & echo $!; wait']);
  await run.begun();
  const child = Number(await until('a pid', () => run.text('out').trim()));
  assert.ok(host.signal(run.note.id, 'SIGKILL') > 0);
  assert.is((await run.ended()).code, 137);
  await until('the child has ended', () => !isAlive(identifyProcess(child)));
});

const FAULTS: readonly (readonly [readonly string[], Partial<SpawnRequest>, RegExp])[] = [
  [['no-such-program'], {}, /^127 no such program: no-such-program$/],
  [['/etc/passwd'], {}, /^126 not executable: \/etc\/passwd$/],
  [['true'], { cwd: '/no/such' }, /^125 no such directory: \/no\/such$/],
];
for (const [argv, more, word] of FAULTS) {
  test(`why ${argv} cannot be started is told, also with ${JSON.stringify(more)}`, async () => {
    const run = await new Run().start(argv, more);
    assert.match((await run.ended()).word, word);
  });
}

test('a host that lacks a program for jobs says which', async () => {
  const run = new Run();
  await host.create(run.note);
  const ignore = (): void => undefined;
  const handlers = { onOver: ignore, onNotStarted: ignore };
  createHost('/no/such').launch(run.note.id, { argv: ['true'], env, cwd: dir }, handlers);
  assert.is((await run.ended()).word, '125 a job needs the program setsid');
});

test('what is too long for the system is not started', async () => {
  const run = await new Run().start(['true', 'x'.repeat(3_000_000)]);
  await until('a reason', () => run.refusal);
  assert.match(run.refusal ?? '', /too long|E2BIG/);
});

test('umask, niceness, limits and one stream for both are kept', async () => {
  const words = 'umask; nice; ulimit -n; echo err >&2; echo out';
  const more = { umask: 0o27, nice: 5, ulimits: { nofile: '60:70' }, isMerged: true };
  const run = await new Run().start(['sh', '-c', words], more);
  await run.ended();
  assert.is(run.text('out'), '0027\n5\n60\nerr\nout\n');
});

test('behind a login its profile was read', async () => {
  writeFileSync(join(dir, '.profile'), 'echo hi; export MINE=yes');
  const more = { login: '/bin/sh', env: { ...env, HOME: dir } };
  const run = await new Run().start(['sh', '-c', 'echo "mine: $MINE"'], more);
  await run.ended();
  assert.is(run.text('out'), 'hi\nmine: yes\n');
});

test('a script runs from a file that is gone when the job is over', async () => {
  const script = Buffer.from('echo "$0 $1"');
  const run = await new Run().start(['a'], { script });
  await run.ended();
  const [path = '', word] = run.text('out').trim().split(' ');
  assert.is(word, 'a');
  assert.ok(existsSync(path));
  const result = { verdict: 'ok', ms: 1 } as const;
  host.writeEnd(run.note.id, { result, pid: 1, startedAtMs: 1, endedAtMs: 2 });
  assert.ok(!existsSync(dirname(path)));
});

test('half a path of a script, as a crash may leave it, removes nothing', async () => {
  const run = await new Run().start(['true']);
  await run.ended();
  const precious = join(dir, 'dagent-precious');
  writeFileSync(precious, 'all that I have');
  writeFileSync(run.path('script'), precious);
  const result = { verdict: 'ok', ms: 1 } as const;
  host.writeEnd(run.note.id, { result, pid: 1, startedAtMs: 1, endedAtMs: 2 });
  assert.ok(existsSync(precious));
});

test('what a command leaves behind holds its output open', async () => {
  const run = await new Run().start(['sh', '-c', 'sleep 60 & echo now']);
  const sight = await until('it has ended', () => {
    const seen = run.look();
    return seen.code !== null && seen;
  });
  assert.is(sight.isPiped, true);
  host.signal(run.note.id, 'SIGKILL');
  await run.ended();
});

test('a pid of somebody else is neither taken for the command nor signalled', async () => {
  const run = await new Run().start(['sleep', '60']);
  const { pid } = await run.begun();
  const ticks = Number(identifyProcess(process.pid).startTicks) - 1;
  const line = readFileSync(run.path('pid'), 'latin1');
  const changed = `${process.pid} ${ticks} ${process.pid} ${ticks} 1 1`.padEnd(99);
  writeFileSync(run.path('pid'), `${changed}\n`);
  const other = createHost();
  assert.is(other.look(run.note.id, host.boot).isAlive, false);
  assert.is(other.signal(run.note.id, 'SIGKILL'), 0);
  writeFileSync(run.path('pid'), line);
  assert.is(createHost().look(run.note.id, 'another boot').isAlive, false);
  assert.is(host.look(run.note.id, host.boot).pid, pid);
  host.signal(run.note.id, 'SIGKILL');
  await run.ended();
});

test('the middle of a stream is given back to the disk while it grows', async () => {
  const words = 'head -c 4000000 /dev/zero | tr "\\0" x; read y < /dev/null; exec sleep 60';
  const run = await new Run().start(['sh', '-c', words]);
  await until('it has written', () => host.sizes(run.note.id).stdout === 4_000_000);
  const before = host.sizes(run.note.id).diskBytes;
  const gap = { from: 65_536, to: 3_932_160 };
  host.cut(run.note.id, { stdout: gap, stderr: { from: 0, to: 0 } });
  await until('the disk has it back', () => host.sizes(run.note.id).diskBytes < before / 10);
  assert.is(host.sizes(run.note.id).stdout, 4_000_000);
  const end = await host.read(run.note.id, 'stdout', gap.to, 100_000);
  assert.is(end.length, 4_000_000 - gap.to);
  assert.ok(end.every((byte) => byte === 0x78));
  assert.equal(
    createHost()
      .load(assert.unreachable)
      .find(({ note }) => note.id === run.note.id)?.gaps,
    {
      stdout: gap,
      stderr: { from: 0, to: 0 },
    },
  );
  host.signal(run.note.id, 'SIGKILL');
  await run.ended();
  assert.equal(troubles, []);
});

test('all that was written down is found again, and what is broken is told', async () => {
  const run = await new Run().start(['true']);
  await run.ended();
  const { id } = run.note;
  const ending = { verdict: 'cancelled', atMs: 5 } as const;
  const end = { result: { verdict: 'ok', ms: 1 }, pid: 1, startedAtMs: 1, endedAtMs: 2 } as const;
  host.writeEnding(id, ending);
  host.writeEnd(id, end);
  host.writeSamples(id, [{ atMs: 1, stdout: 2, stderr: 3 }], false);
  host.writeSamples(id, [{ atMs: 2, stdout: 4, stderr: 3 }], false);
  const broken = await new Run().start(['true']);
  await broken.ended();
  writeFileSync(broken.path('job.json'), '{');
  const told: string[] = [];
  const kept = createHost().load((path) => told.push(path));
  const samples = [
    { atMs: 1, stdout: 2, stderr: 3 },
    { atMs: 2, stdout: 4, stderr: 3 },
  ];
  const found = kept.find(({ note }) => note.id === id);
  assert.equal(found, { note: run.note, ending, end, gaps: undefined, samples });
  assert.equal(told, [dirname(broken.path('x'))]);
  host.remove(id);
  assert.ok(!existsSync(dirname(run.path('x'))));
  host.remove(id);
});

test('a job that cannot be written down leaves nothing', async () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  const nowhere = new SystemJobHost({ dir: join(file, 'jobs'), path: '' }, () => undefined);
  const thrown: unknown = await nowhere.create(newNote()).catch((error) => error);
  assert.is((thrown as DagentError).code, 'E_CANNOT_WRITE');
});

test.run();
