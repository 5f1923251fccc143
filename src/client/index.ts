/** The public library: what a program imports as `dagent`. */

export type { Answering } from '../endpoint/answering.ts';
export type { Asking, Reply } from '../endpoint/asking.ts';
export type { Endpoint, ServiceHandlers } from '../endpoint/endpoint.ts';
export type { Incoming } from '../endpoint/incoming.ts';
export type { CallContext, Method, Methods, Served } from '../endpoint/methods.ts';
export type { OutgoingRequest } from '../endpoint/outgoing.ts';
export {
  type ClassSpec,
  type MethodSpec,
  type RemoteClass,
  remoteClass,
} from '../endpoint/remote-class.ts';
export type { CallRecord } from '../endpoint/running-call.ts';
export type { ProgressReport } from '../protocol/call.ts';
export type { DurableContent } from '../protocol/durable.ts';
export {
  DagentError,
  type ErrorCode,
  type ErrorData,
  type ErrorValues,
  RemoteError,
} from '../protocol/errors.ts';
export type { RemoteException } from '../protocol/exception.ts';
export type { HostSample } from '../protocol/figures.ts';
export type { FlagPriority, FlagRecord, ListedFlag } from '../protocol/flag.ts';
export type { NodeHistory, Track } from '../protocol/history.ts';
export type { HubLease, HubRecord, HubReservation } from '../protocol/hub.ts';
export type { NodeRecord } from '../protocol/record.ts';
export type { NodeStatus, WatchRecord } from '../protocol/status.ts';
export type { CallHandle } from './call-handle.ts';
export type {
  CallOptions,
  CallRequest,
  CallStatus,
  GroupAnswer,
  GroupOptions,
  StartOptions,
} from './call-options.ts';
export { Client, connect } from './client.ts';
export type { ClientStatus } from './client-status.ts';
export type { ConnectOptions } from './connection.ts';
export type { Delivery } from './delivery.ts';
export type { DetachedCall } from './detached-call.ts';
export type { DirectStatistics } from './direct-lazy.ts';
export type { DurableQueue } from './durable-queue.ts';
export type {
  FlagAnswer,
  FlagClient,
  FlagFilter,
  FlagList,
  LowerOptions,
  RaiseOptions,
} from './flags.ts';
export { fetchHistory } from './history.ts';
export { HubClient, type HubFilter, type HubKey, type HubWish } from './hub.ts';
export type { ConsumeOptions, Letter } from './letter.ts';
export type { MessageQueue, Received } from './message-queue.ts';
export {
  fetchMetrics,
  type MetricRecord,
  type MetricsWish,
  type NodeMetrics,
} from './metrics.ts';
export { type MapContent, type NameEntry, type NamesOptions, readNames } from './names.ts';
export type {
  CacheOption,
  DeliverOptions,
  DurableOptions,
  MessageOptions,
  PublishOptions,
  ReportOption,
  SendOptions,
  ServeOptions,
  SignalOptions,
} from './options.ts';
export type { Remote } from './proxy.ts';
export type { ReportStatistics, ValueOptions } from './reports.ts';
export type { ClassHelp } from './service-help.ts';
export type { Trigger } from './trigger.ts';
export { type Subscription, watchTree } from './watch.ts';
export { type WorkOptions, workOff } from './worker.ts';
