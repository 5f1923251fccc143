/** What goes into the router and what comes out: the whole of its contact with the world. */
import type { ErrorCode, ErrorData } from '../protocol/errors.ts';
import type { NodeRecord } from '../protocol/record.ts';
import type { DiallerId } from './dialler.ts';
import type { Link } from './link.ts';

/** Number of a link within one router. 0 is the node's own built-in service. */
export type LinkId = number;
export const BUILTIN_LINK: LinkId = 0;

export type RouterInput =
  /** A connection was accepted; whoever dialled speaks first. */
  | { readonly kind: 'accepted'; readonly link: LinkId }
  /** The connection asked for by a `dial` output stands. */
  | { readonly kind: 'dialled'; readonly dialler: DiallerId; readonly link: LinkId }
  /** What was to be dialled is a name: it stands for these, in their order; at least one. */
  | {
      readonly kind: 'resolved';
      readonly dialler: DiallerId;
      readonly urls: readonly string[];
    }
  | { readonly kind: 'dialFailed'; readonly dialler: DiallerId; readonly error: ErrorData }
  /** Bytes came. The buffer is the router's from here on: it may be written to and sent. */
  | { readonly kind: 'bytes'; readonly link: LinkId; readonly bytes: Buffer }
  | { readonly kind: 'closed'; readonly link: LinkId; readonly reason: string }
  /** The queue of a link is, or is no longer, so long that messages to it are dropped. */
  | { readonly kind: 'congested'; readonly link: LinkId; readonly isCongested: boolean }
  /** Time has passed: at the latest at the instant of the last `wake`. */
  | { readonly kind: 'tick' }
  /** The node listens, and others can dial it at these URLs. */
  | { readonly kind: 'listening'; readonly urls: readonly string[] }
  /** Show every envelope that passes, or no longer. */
  | { readonly kind: 'tap'; readonly isOn: boolean }
  /** Say goodbye to everybody: this node is about to stop. */
  | { readonly kind: 'leave' };

export type RouterOutput =
  /** Write these bytes: whole frames. They are a view; write or copy them before the next step. */
  | { readonly kind: 'send'; readonly link: LinkId; readonly bytes: Buffer }
  /** The same, where the link that it came from is not to be slowed down for this one. */
  | { readonly kind: 'copy'; readonly link: LinkId; readonly bytes: Buffer }
  /** Close a link once what was sent before has gone out. */
  | { readonly kind: 'close'; readonly link: LinkId; readonly error: ErrorData }
  /** Connect, and answer with `dialled`, `dialFailed` or `resolved`. */
  | { readonly kind: 'dial'; readonly dialler: DiallerId; readonly url: string }
  /** Step with a tick at this instant; replaces the former wish. */
  | { readonly kind: 'wake'; readonly atMs: number }
  | { readonly kind: 'tapped'; readonly tapped: Tapped }
  | { readonly kind: 'event'; readonly event: RouterEvent };

/** An envelope that passed while somebody looks. */
export interface Tapped {
  /** The whole frame; a view, to be read before the next step. */
  readonly bytes: Buffer;
  /** The link by which it came; null when this router made it. */
  readonly from: Link | null;
  /** The link by which it left; null when it ended here. */
  readonly to: Link | null;
  /** Why it ended here, where that is an error. */
  readonly code: ErrorCode | null;
}

/** What an observer may want to know: logs, `top`, `daemon start` live from these. */
export type RouterEvent =
  | {
      readonly kind: 'uplinkUp';
      readonly parent: NodeRecord;
      readonly url: string;
      readonly depth: number;
    }
  | { readonly kind: 'uplinkDown'; readonly error: ErrorData }
  | {
      readonly kind: 'uplinkFailed' | 'peerFailed';
      readonly url: string;
      readonly error: ErrorData;
      readonly retryMs: number;
    }
  /** The top of the tree knows this node now. */
  | { readonly kind: 'joined' }
  /** Another node has our name; we were told to go. */
  | { readonly kind: 'evicted'; readonly error: ErrorData }
  | { readonly kind: 'childUp'; readonly link: LinkId; readonly record: NodeRecord }
  | { readonly kind: 'childDown'; readonly record: NodeRecord; readonly error: ErrorData }
  | { readonly kind: 'peerUp'; readonly record: NodeRecord }
  /** A URL led to a peer whose link stood already. */
  | { readonly kind: 'peerHeld'; readonly url: string; readonly record: NodeRecord }
  | { readonly kind: 'peerDown'; readonly record: NodeRecord; readonly error: ErrorData }
  | { readonly kind: 'nodeUp' | 'nodeChanged'; readonly record: NodeRecord }
  | { readonly kind: 'nodeLost' | 'nodeGone'; readonly record: NodeRecord }
  | { readonly kind: 'serviceUp' | 'serviceDown'; readonly service: string }
  /** Programs of this node can connect to it at a socket of that name. */
  | { readonly kind: 'serviceDirect'; readonly service: string; readonly socket: string }
  | { readonly kind: 'linkRefused'; readonly link: LinkId; readonly error: ErrorData };
