/** The public library: what a program imports as `dagent`. */

export type { ServiceHandlers } from '../endpoint/endpoint.ts';
export type { Answering, Asking, Reply } from '../endpoint/exchange.ts';
export type { Incoming } from '../endpoint/incoming.ts';
export type { CallContext, Method, Methods } from '../endpoint/methods.ts';
export { DagentError, type ErrorCode } from '../protocol/errors.ts';
export type { HostSample, NodeStatus, WatchRecord } from '../protocol/status.ts';
export { Client, connect, type SendOptions } from './client.ts';
export type { ConnectOptions } from './connection.ts';
export type { MessageQueue, Received } from './message-queue.ts';
