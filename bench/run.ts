/**
 * Runs peers and us in turn on this machine and prints the ratios.
 * `run.ts [NAME...] [--rounds N] [--only ours|peers] [--json]`; without a name, all benches.
 */
import { parseArgs } from 'node:util';
import { type Bench, type BenchResult, runBench, type Sides } from './bench.ts';
import { durable } from './durable.ts';
import { exec } from './exec.ts';
import { hops } from './hops.ts';
import { readLoad, readMachine } from './machine.ts';
import { messages } from './messages.ts';
import { requests } from './requests.ts';
import { rmi } from './rmi.ts';
import { startup } from './startup.ts';
import { formatMachine, formatResult } from './table.ts';

const BENCHES: readonly Bench[] = [messages, hops, requests, rmi, durable, exec, startup];

/** Exit codes: a bench failed; wrong arguments; Ctrl-C or SIGTERM, as a shell counts them. */
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

interface Options {
  readonly benches: readonly Bench[];
  readonly rounds?: number;
  readonly sides: Sides;
  readonly json: boolean;
}

/** The command line. @throws with a sentence when it makes no sense. */
function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const names = BENCHES.map(({ name }) => name);
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`no bench ${unknown}; there are ${names.join(', ')}`);
  if (values.only !== undefined && values.only !== 'ours' && values.only !== 'peers') {
    throw new Error(`--only: ${values.only} is neither ours nor peers`);
  }
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new Error(`--rounds: ${values.rounds} is not a number of rounds`);
  }
  const chosen = BENCHES.filter(({ name }) => positionals.includes(name));
  return {
    benches: positionals.length > 0 ? chosen : BENCHES,
    ...(rounds !== undefined && { rounds }),
    sides: { ours: values.only !== 'peers', peers: values.only !== 'ours' },
    json: values.json,
  };
}

/** Runs one bench and takes its servers down; a signal does that too, then ends the process. */
async function runOne(bench: Bench, options: Options): Promise<BenchResult> {
  const stack = new AsyncDisposableStack();
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= stack.disposeAsync());
  let isInterrupted = false;
  const onSignal = (signal: NodeJS.Signals) => {
    isInterrupted = true;
    const code = EXIT_SIGNALS[signal as keyof typeof EXIT_SIGNALS];
    close().finally(() => process.exit(code));
  };
  const signals = Object.keys(EXIT_SIGNALS) as (keyof typeof EXIT_SIGNALS)[];
  for (const signal of signals) process.once(signal, onSignal);
  try {
    return await runBench(bench, stack, options);
  } finally {
    await close();
    // The exit is on its way: the next bench must not begin.
    if (isInterrupted) await new Promise(() => {});
    for (const signal of signals) process.off(signal, onSignal);
  }
}

function complain(error: unknown): void {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
}

/**
 * Runs what was asked for, one bench after the other, printing as they end. One that fails does not
 * keep the others from running. Returns whether all went well.
 */
async function runAll(options: Options): Promise<boolean> {
  const machine = readMachine(new Date());
  const results: BenchResult[] = [];
  if (!options.json) process.stdout.write(`${formatMachine(machine)}\n`);
  for (const bench of options.benches) {
    process.stderr.write(`bench: ${bench.name}\n`);
    try {
      const result = await runOne(bench, options);
      results.push(result);
      if (!options.json) process.stdout.write(`${formatResult(result)}\n`);
    } catch (error) {
      complain(error);
    }
  }
  const loadAtEnd = readLoad();
  const document = { machine, loadAtEnd, results };
  if (options.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else process.stdout.write(`load at the end, our own included: ${loadAtEnd.toFixed(1)}\n`);
  return results.length === options.benches.length;
}

let exitCode = EXIT_USAGE;
try {
  const options = readOptions();
  exitCode = EXIT_FAILED;
  if (await runAll(options)) exitCode = 0;
} catch (error) {
  complain(error);
}
process.exitCode = exitCode;
