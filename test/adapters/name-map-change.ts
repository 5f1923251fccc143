/**
 * Changes the names of a map as fast as it can, until it was told to end. Of each entry every part
 * follows from one number, so that whoever reads parts of two of them can tell.
 */
import type { NameEntry } from '../../src/adapters/name-map-format.ts';
import { NAME_STATES } from '../../src/adapters/name-map-format.ts';
import { NameMapWriter } from '../../src/adapters/name-map-writer.ts';
import { identifyProcess } from '../../src/adapters/process-identity.ts';

/** So few that each of them changes all the time. */
export const NAMES_COUNT = 4;

/** The entry of a number. */
export function entryOf(number: number): NameEntry {
  const text = number.toString(16).padStart(16, '0');
  return {
    service: `service-${number % NAMES_COUNT}`,
    node: 'web1',
    nodeId: text,
    id: text,
    state: NAME_STATES[number % 3] ?? 'up',
    sinceMs: number,
    socket: number % 5 === 0 ? null : `/${text.repeat(1 + (number % 6))}`,
  };
}

/** Changes between two looks at whether it is to end. */
const TURN_COUNT = 1_000;

function run(path: string): void {
  const nodeId = '0123456789abcdef';
  const owner = { node: 'web1', nodeId, incarnation: 1, ...identifyProcess(process.pid) };
  const map = new NameMapWriter(path, owner);
  map.publish();
  let number = 0;
  let isEnding = false;
  process.stdin.on('end', () => {
    isEnding = true;
  });
  process.stdin.resume();
  const turn = (): void => {
    for (let count = 0; count < TURN_COUNT; count++) map.put(entryOf(++number));
    if (!isEnding) return void setImmediate(turn);
    map.withdraw();
    process.stdout.write(`${number}\n`);
  };
  for (let count = 0; count < NAMES_COUNT; count++) map.put(entryOf(++number));
  process.stdout.write('ready\n');
  turn();
}

const [, entry, path] = process.argv;
if (entry === import.meta.filename && path !== undefined) run(path);
