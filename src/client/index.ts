/** The public library: what a program imports as `dagent`. */

export type { Answering } from '../endpoint/answering.ts';
export type { Asking, Reply } from '../endpoint/asking.ts';
export type { ServiceHandlers } from '../endpoint/endpoint.ts';
export type { Incoming } from '../endpoint/incoming.ts';
export type { CallContext, Method, Methods } from '../endpoint/methods.ts';
export { DagentError, type ErrorCode } from '../protocol/errors.ts';
export type { HostSample, NodeStatus, WatchRecord } from '../protocol/status.ts';
export { Client, connect } from './client.ts';
export type { ConnectOptions } from './connection.ts';
export type { Delivery } from './delivery.ts';
export type { DirectStatistics } from './direct-lazy.ts';
export type { ConsumeOptions, DurableQueue, Letter } from './durable-queue.ts';
export type { MessageQueue, Received } from './message-queue.ts';
export { type MapContent, type NameEntry, type NamesOptions, readNames } from './names.ts';
export type {
  CacheOption,
  DeliverOptions,
  DurableOptions,
  MessageOptions,
  PublishOptions,
  ReportOption,
  SendOptions,
} from './options.ts';
export { Outbox } from './outbox.ts';
export type { StandingOptions } from './standing.ts';
export { type Subscription, watchTree } from './watch.ts';
export { type WorkOptions, workOff } from './worker.ts';
