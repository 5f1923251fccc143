/** Where and with what the figures were taken: without it they mean nothing. */
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { formatBytes } from '../src/base/size.ts';
import { readDagentVersion } from './peers/dagent.ts';
import { readNatsVersion } from './peers/nats.ts';
import { readSshVersion } from './peers/sshd.ts';

export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly memory: string;
  readonly system: string;
  /** Load of the last minute before the run: above a few tenths, others disturb the figures. */
  readonly load: number;
  /** By name; null when not installed. */
  readonly versions: Readonly<Record<string, string | null>>;
}

/** Load average of the last minute. */
export function readLoad(): number {
  return loadavg()[0] ?? 0;
}

/** This machine, today. */
export function readMachine(date: Date): Machine {
  const processors = cpus();
  return {
    date: date.toISOString().slice(0, 10),
    cpu: `${processors.length} x ${processors[0]?.model ?? 'unknown'}`,
    memory: formatBytes(totalmem()),
    system: `${type()} ${release()}`,
    load: readLoad(),
    versions: {
      dagent: readDagentVersion() ?? null,
      node: process.version,
      'nats-server': readNatsVersion() ?? null,
      OpenSSH: readSshVersion() ?? null,
    },
  };
}
