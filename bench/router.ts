/**
 * Frames that one router forwards in memory, without any I/O:
 *
 *     node bench/router.ts [--seconds 1] [--rounds 5] [--nodes 10,100000] [--only PART]
 *
 * Frames have a body of 128 bytes and come in runs of 64 KiB, as a socket yields them. Printed are
 * millions of frames a second with so many nodes known below: the median and the best of the
 * rounds.
 */
import { parseArgs } from 'node:util';
import { nodeKeyOf, serviceKeyOf } from '../src/protocol/address.ts';
import { At, encodeFrame, Flag, Kind, MAGIC } from '../src/protocol/frame.ts';
import { pack, unpackMap } from '../src/protocol/pack.ts';
import type { NodeRecord } from '../src/protocol/record.ts';
import type { LinkId } from '../src/router/io.ts';
import { step } from '../src/router/router.ts';
import { createRouter, type Router } from '../src/router/state.ts';
import { nowMs } from './clock.ts';
import { quantile } from './statistics.ts';

const RUN_BYTES = 65_536;
const BODY = Buffer.alloc(128, 7);
const HEAD = pack({ from: 'here:one', to: 'there:two', cmd: 'PUT' });
/** Records of one advert. */
const ADVERT_COUNT = 500;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    nodes: { type: 'string', default: '10,100000' },
    only: { type: 'string', default: '' },
  },
});

/** A router with two children, two programs, and the nodes that the children told it of. */
interface Bench {
  readonly router: Router;
  readonly children: readonly LinkId[];
  readonly programs: readonly { readonly link: LinkId; readonly seed: number }[];
}

function recordOf(name: string): NodeRecord {
  const id = nodeKeyOf(name).toString(16).padStart(16, '0');
  const plain = { role: 'leaf', parent: null, services: [], version: '1' } as const;
  const later = { joinedSeqno: 1, revision: 0, realm: null, labels: {}, urls: [], topics: [] };
  return { name, id, ...plain, ...later, incarnation: 1, seqno: 1 };
}

function open(router: Router, link: LinkId, hello: object): Buffer {
  step(router, { kind: 'accepted', link }, 0);
  const versions = { versionMin: 1, versionMax: 1, holdMs: 1e9, realm: null };
  const frame = encodeFrame({ kind: Kind.HELLO }, pack({ ...versions, ...hello }));
  const bytes = Buffer.concat([MAGIC, frame]);
  const [welcome] = step(router, { kind: 'bytes', link, bytes }, 0);
  return welcome?.kind === 'send' ? welcome.bytes : Buffer.alloc(0);
}

function openProgram(router: Router, link: LinkId, service: string) {
  const welcome = open(router, link, { as: 'client' });
  const register = encodeFrame({ kind: Kind.REGISTER }, pack({ service }));
  step(router, { kind: 'bytes', link, bytes: register }, 0);
  const head = unpackMap(welcome.subarray(44, 44 + welcome.readUInt16BE(At.HEAD_LENGTH)));
  return { link, seed: Number(head.seed) };
}

function createBench(nodeCount: number): Bench {
  const config = { name: 'here', id: '0000000000000001', role: 'root', realm: 'x' } as const;
  const numbers = { incarnation: 1, holdMs: 1e9, childrenMax: 1_000, seed: 1 };
  const more = { parents: [], peers: [], labels: {}, urls: [] };
  const router = createRouter({ ...config, ...numbers, version: '1', ...more });
  const children = [1, 2];
  for (const link of children) open(router, link, { as: 'child', record: recordOf(`c${link}`) });
  for (let at = 0; at < nodeCount; at += ADVERT_COUNT) {
    const count = Math.min(ADVERT_COUNT, nodeCount - at);
    const words = Array.from({ length: count }, (_, n) => ({
      record: recordOf(`n${at + n}`),
      metric: 1,
    }));
    const bytes = encodeFrame({ kind: Kind.ADVERT }, undefined, pack(words));
    step(router, { kind: 'bytes', link: at % 1_000 === 0 ? 1 : 2, bytes }, 0);
  }
  const programs = ['one', 'two'].map((name, n) => openProgram(router, 3 + n, name));
  return { router, children, programs };
}

/** What is fed again and again: whole frames from one link. */
interface Feed {
  readonly link: LinkId;
  readonly bytes: Buffer;
  readonly frameCount: number;
}

function createFeed(link: LinkId, encode: (index: number) => Buffer): Feed {
  const frames: Buffer[] = [];
  for (let bytes = 0; ; ) {
    const frame = encode(frames.length);
    bytes += frame.length;
    if (bytes > RUN_BYTES) break;
    frames.push(frame);
  }
  return { link, bytes: Buffer.concat(frames), frameCount: frames.length };
}

function message(from: string, to: string): Buffer {
  const [fromNode = '', fromService = ''] = from.split(':');
  const [toNode = '', toService = ''] = to.split(':');
  const source = { fromNode: nodeKeyOf(fromNode), fromService: serviceKeyOf(fromService) };
  const target = { toNode: nodeKeyOf(toNode), toService: serviceKeyOf(toService) };
  return encodeFrame({ kind: Kind.MESSAGE, ...source, ...target }, HEAD, BODY);
}

function exchange(bench: Bench, kind: Kind): (index: number) => Buffer {
  const [one, two] = ['one', 'two'].map(serviceKeyOf);
  const isReply = kind === Kind.REPLY;
  return (index) =>
    encodeFrame(
      {
        ...{ kind, flags: isReply ? Flag.RESPONSE : 0, number: index },
        ...{ seed: bench.programs[0]?.seed ?? 0, fromNode: bench.router.key },
        ...{ fromService: isReply ? two : one, toNode: bench.router.key },
        toService: isReply ? one : two,
      },
      HEAD,
      BODY,
    );
}

/** The ways through a router that are measured. */
const PARTS: Readonly<Record<string, (bench: Bench) => readonly Feed[]>> = {
  'program to program': () => [createFeed(3, () => message('here:one', 'here:two'))],
  'program to node': () => [createFeed(3, () => message('here:one', 'n5:x'))],
  'node to node (transit)': () => [createFeed(2, () => message('n500:x', 'n5:x'))],
  'node to 8 nodes in turn': () => [createFeed(2, (n) => message('n500:x', `n${n % 8}:x`))],
  'node to program': () => [createFeed(2, () => message('n500:x', 'here:two'))],
  'request and reply, two programs': (bench) => [
    createFeed(3, exchange(bench, Kind.REQUEST)),
    createFeed(4, exchange(bench, Kind.REPLY)),
  ],
};

/** Frames a second, in millions. */
function measure(router: Router, feeds: readonly Feed[], seconds: number): number {
  const scratch = feeds.map(({ bytes }) => Buffer.from(bytes));
  const startMs = nowMs();
  let frameCount = 0;
  let spentMs = 0;
  while (spentMs < seconds * 1_000) {
    for (let round = 0; round < 50; round++) {
      feeds.forEach(({ link, bytes, frameCount: count }, index) => {
        const input = scratch[index] ?? bytes;
        // The hop limit is counted down in place: each time a fresh copy comes in.
        bytes.copy(input);
        step(router, { kind: 'bytes', link, bytes: input }, 0);
        frameCount += count;
      });
    }
    spentMs = nowMs() - startMs;
  }
  return frameCount / spentMs / 1_000;
}

for (const nodeCount of values.nodes.split(',').map(Number)) {
  const bench = createBench(nodeCount);
  for (const [name, prepare] of Object.entries(PARTS)) {
    if (!name.includes(values.only)) continue;
    const feeds = prepare(bench);
    const seconds = Number(values.seconds);
    measure(bench.router, feeds, seconds / 5);
    const figures = Array.from({ length: Number(values.rounds) }, () =>
      measure(bench.router, feeds, seconds),
    );
    const shown = [0.5, 1].map((at) => quantile(figures, at).toFixed(2).padStart(8)).join('');
    process.stdout.write(`${String(nodeCount).padStart(7)} nodes  ${name.padEnd(34)}${shown}\n`);
  }
  const { droppedLate, droppedUnreachable, rejected } = bench.router.counters;
  const lostCount = droppedLate + droppedUnreachable + rejected;
  if (lostCount > 0) throw new Error(`${lostCount} frames did not arrive`);
}
