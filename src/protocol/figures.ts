/**
 * The figures that a node samples of its host and of itself. A figure's place in the table is its
 * number on the wire: new ones go to the end, and a place is never given to another.
 */

export type FigureUnit =
  | 'percent'
  | 'bytes'
  | 'bytes/s'
  | '1/s'
  | 'ms'
  | 'count'
  | 'load'
  /** Milliseconds since the epoch, by the node's own clock. */
  | 'instant'
  /** 1 for yes, 0 for no. */
  | 'yes/no'
  | 'text';

export interface Figure {
  /** Its name in a {@link HostSample}. */
  readonly id: string;
  readonly unit: FigureUnit;
  readonly doc: string;
  /** Each sample has it; the others are there where the host tells. */
  readonly isBasic?: true;
}

export const FIGURES = [
  { id: 'atMs', unit: 'instant', isBasic: true, doc: 'When the sample was taken.' },
  {
    id: 'load1',
    unit: 'load',
    isBasic: true,
    doc: 'Load average of one minute.',
  },
  { id: 'cpus', unit: 'count', isBasic: true, doc: 'Processors that the load spreads over.' },
  {
    id: 'memoryUsedBytes',
    unit: 'bytes',
    isBasic: true,
    doc: 'Memory that programs could not have, caches given up.',
  },
  { id: 'memoryTotalBytes', unit: 'bytes', isBasic: true, doc: 'Memory of the host.' },
  { id: 'daemonBytes', unit: 'bytes', isBasic: true, doc: 'Resident memory of the daemon.' },
  { id: 'cpuPercent', unit: 'percent', doc: 'Of the time of all processors: at work.' },
  { id: 'ioWaitPercent', unit: 'percent', doc: 'Idle while a disk was waited for.' },
  { id: 'stealPercent', unit: 'percent', doc: 'Given to other guests by the hypervisor.' },
  { id: 'swapUsedBytes', unit: 'bytes', doc: 'Swap that is used.' },
  { id: 'swapTotalBytes', unit: 'bytes', doc: 'Swap of the host.' },
  {
    id: 'diskUsedPercent',
    unit: 'percent',
    doc: 'The fullest local filesystem that can be written: used, as `df` counts it.',
  },
  { id: 'diskMount', unit: 'text', doc: 'Where that one is mounted.' },
  { id: 'diskReadBytesPerSecond', unit: 'bytes/s', doc: 'Read from all disks.' },
  { id: 'diskWrittenBytesPerSecond', unit: 'bytes/s', doc: 'Written to all disks.' },
  {
    id: 'netInBytesPerSecond',
    unit: 'bytes/s',
    doc: 'Received by the network cards; where there are none, by all but the loopback.',
  },
  { id: 'netOutBytesPerSecond', unit: 'bytes/s', doc: 'Sent by them.' },
  { id: 'processes', unit: 'count', doc: 'Processes of the host that the daemon sees.' },
  {
    id: 'clockIsSynchronised',
    unit: 'yes/no',
    doc: 'Whether systemd-timesyncd has set the clock; absent where that does not run.',
  },
  { id: 'daemonCpuPercent', unit: 'percent', doc: 'The daemon, of one processor.' },
  {
    id: 'loopLagMs',
    unit: 'ms',
    doc: 'How late the timer of the sample was: what the daemon keeps others waiting.',
  },
  { id: 'links', unit: 'count', doc: 'Links of the node: to nodes and to programs of its host.' },
  { id: 'queueBytes', unit: 'bytes', doc: 'Written to links and not gone out yet.' },
  { id: 'heldMessages', unit: 'count', doc: 'Messages kept for receivers that are away.' },
  { id: 'deliveredPerSecond', unit: '1/s', doc: 'Envelopes given to programs of the node.' },
  { id: 'forwardedPerSecond', unit: '1/s', doc: 'Envelopes passed on to other nodes.' },
  { id: 'droppedPerSecond', unit: '1/s', doc: 'Messages that came to nothing here.' },
  { id: 'rejectedPerSecond', unit: '1/s', doc: 'Requests that ended in an error of the router.' },
  { id: 'linkInBytesPerSecond', unit: 'bytes/s', doc: 'Heard by all links.' },
  { id: 'linkOutBytesPerSecond', unit: 'bytes/s', doc: 'Sent by all links.' },
  { id: 'asking', unit: 'count', doc: 'Requests of programs of the node without an outcome yet.' },
  { id: 'serving', unit: 'count', doc: 'Requests that programs of the node are at work on.' },
  { id: 'jobsRunning', unit: 'count', doc: 'Jobs that run on the node.' },
  {
    id: 'durableWaiting',
    unit: 'count',
    doc: 'Durable messages that wait, for services of the node and for other nodes.',
  },
  { id: 'durableDead', unit: 'count', doc: 'Dead letters.' },
  {
    id: 'durableOldestAtMs',
    unit: 'instant',
    doc: 'When the oldest of those that wait was sent.',
  },
  { id: 'jobsKept', unit: 'count', doc: 'Jobs that have ended and are still known.' },
] as const satisfies readonly Figure[];

type Known = (typeof FIGURES)[number];

/** Name of a figure. */
export type FigureId = Known['id'];

type TextId = Extract<Known, { readonly unit: 'text' }>['id'];
type BasicId = Extract<Known, { readonly isBasic: true }>['id'];

/** Figures of a host and its daemon at one instant; docs/STATISTICS.md says what each is. */
export type HostSample = { readonly [id in BasicId]: number } & {
  readonly [id in Exclude<FigureId, BasicId | TextId>]?: number;
} & { readonly [id in TextId]?: string };

/** Some figures, as they are gathered. */
export type PartialSample = { -readonly [id in FigureId]?: HostSample[id] };
