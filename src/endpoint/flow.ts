/** What the messages, requests and events of one sender that are alike have in common. */
import { nodeKeyOf, parseAddress, type ServiceKey, serviceKeyOf } from '../protocol/address.ts';
import { At, decodeHeader, Flag, type FrameHeader, Kind, PREFIX_BYTES } from '../protocol/frame.ts';
import type { Answering } from './answering.ts';
import type { ExchangeAddress } from './exchange.ts';
import { type Incoming, type IncomingOrigin, readHead } from './incoming.ts';

/** What a service does with what comes. */
export interface ServiceHandlers {
  /** False: it is nothing for this service, and is counted as unexpected. */
  onMessage?(message: Incoming): unknown;
  onRequest?(exchange: Answering): void;
}

/** A service of an endpoint. */
export interface Service {
  readonly name: string;
  readonly address: string;
  readonly handlers: ServiceHandlers;
}

export interface Flow extends IncomingOrigin {
  /** The service that is meant, if it is here. */
  readonly handlers: ServiceHandlers | undefined;
  /** Whether the sender's name belongs to the keys that its first node has checked. */
  readonly isGenuine: boolean;
  readonly isBroadcast: boolean;
  /** Whether libraries say it to each other: no service hears it. */
  readonly isReserved: boolean;
  /** Where answers to a request go. */
  readonly answerTo: ExchangeAddress;
}

/** Whether libraries, and not programs, speak to each other by such a command. */
export function isReserved(command: string): boolean {
  return command.startsWith('~');
}

/** Whether a name has the keys that a frame says to be from. */
function hasKeys(from: string, header: FrameHeader): boolean {
  const address = parseAddress(from);
  if (address === undefined || nodeKeyOf(address.node) !== header.fromNode) return false;
  return serviceKeyOf(address.service) === header.fromService;
}

/** Reads what a whole frame has in common with those like it, for an endpoint of `nodeKey`. */
export function readFlow(
  frame: Buffer,
  services: ReadonlyMap<ServiceKey, Service>,
  nodeKey: number,
): Flow {
  const header = decodeHeader(frame);
  const head = readHead(frame);
  const named = services.get(header.toService);
  const service = named?.name === head.service ? named : undefined;
  const isBroadcast = (header.flags & Flag.BROADCAST) !== 0;
  const to = isBroadcast ? head.to : (service?.address ?? '');
  return {
    head,
    header,
    dataAt: PREFIX_BYTES + frame.readUInt16BE(At.HEAD_LENGTH),
    to: header.kind === Kind.EVENT ? head.topic : to,
    handlers: service?.handlers,
    isGenuine: hasKeys(head.from, header),
    isBroadcast,
    isReserved: isReserved(head.command),
    answerTo: {
      toNode: header.fromNode,
      toService: header.fromService,
      fromNode: nodeKey,
      fromService: header.toService,
      seed: header.seed,
    },
  };
}
