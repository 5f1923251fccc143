/**
 * The machine, by the library `systeminformation`, which knows the tables of vendors and the tools
 * for memory modules and graphics. In a child process: the library waits synchronously for many of
 * the programs that it runs, so inside the daemon no time bound would hold; and its 11 MB go with
 * the child. Everything else that a node tells comes from /proc and /sys, where one read is enough.
 */
import type { HardwareFacts, MemoryModule } from '../ports/host-probe.ts';
import { DagentError } from '../protocol/errors.ts';
import { run } from './host-probe-run.ts';

/** A program that asks the library at `url` and prints its answers as one JSON document. */
const scriptFor = (url: string): string => `
import si from ${JSON.stringify(url)};
const names = ['system', 'baseboard', 'bios', 'chassis', 'memLayout', 'graphics'];
const answers = await Promise.all(names.map((name) => si[name]()));
const text = JSON.stringify(Object.fromEntries(names.map((name, at) => [name, answers[at]])));
process.stdout.write(text, () => process.exit(0));
`;

type Answers = Readonly<Record<string, unknown>>;

/** What the library says for `nothing known`. */
const BLANKS = new Set(['', '-', 'Default string', 'None', 'Not Specified', 'unknown']);

function isAnswers(value: unknown): value is Answers {
  return typeof value === 'object' && value !== null;
}

function textOf(answers: unknown, name: string): string | null {
  const value = isAnswers(answers) ? answers[name] : undefined;
  return typeof value === 'string' && !BLANKS.has(value.trim()) ? value.trim() : null;
}

function numberOf(answers: unknown, name: string): number | null {
  const value = isAnswers(answers) ? answers[name] : undefined;
  return typeof value === 'number' && value > 0 ? value : null;
}

function join(...texts: (string | null)[]): string | null {
  const known = texts.filter((text) => text !== null);
  return known.length === 0 ? null : known.join(' ');
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function toModule(answers: unknown): MemoryModule | undefined {
  const slot = textOf(answers, 'bank');
  const type = textOf(answers, 'type');
  const sizeBytes = numberOf(answers, 'size');
  // Without a slot and a type it is the library's stand-in for modules that it cannot see.
  if (sizeBytes === null || (slot === null && type === null)) return undefined;
  return { slot, sizeBytes, type, megahertz: numberOf(answers, 'clockSpeed') };
}

/** The library's answers as facts. */
export function toHardware(answers: Answers): HardwareFacts {
  const { system, baseboard, bios, chassis, memLayout, graphics } = answers;
  const controllers = isAnswers(graphics) ? listOf(graphics.controllers) : [];
  const isContainer = textOf(system, 'model') === 'Docker Container';
  return {
    vendor: textOf(system, 'manufacturer'),
    // A container is no machine; virtualization tells of it.
    model: isContainer || textOf(system, 'model') === 'Computer' ? null : textOf(system, 'model'),
    version: textOf(system, 'version'),
    serial: textOf(system, 'serial'),
    chassis: textOf(chassis, 'type'),
    board: join(textOf(baseboard, 'manufacturer'), textOf(baseboard, 'model')),
    firmware: join(textOf(bios, 'vendor'), textOf(bios, 'version'), textOf(bios, 'releaseDate')),
    memoryModules: listOf(memLayout)
      .map(toModule)
      .filter((module) => module !== undefined),
    graphics: controllers
      .map((each) => join(textOf(each, 'vendor'), textOf(each, 'model')))
      .filter((text) => text !== null),
  };
}

/** The machine's hardware; rejects with E_PROBE_FAILED when the library cannot tell. */
export async function readHardware(timeoutMs: number): Promise<HardwareFacts> {
  const script = scriptFor(import.meta.resolve('systeminformation'));
  const argv = [process.execPath, '--input-type=module', '--eval', script];
  const result = await run(argv, { what: 'hardware', timeoutMs });
  if (result?.code !== 0) {
    const reason = `the library ended with ${result?.code ?? 'a signal'}`;
    throw new DagentError('E_PROBE_FAILED', { class: 'hardware', reason });
  }
  return toHardware(JSON.parse(result.stdout) as Answers);
}
