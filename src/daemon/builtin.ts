/** The node's own service, `dagent`: all that a node can do, behind one table of methods. */
import { join } from 'node:path';
import { openKeptValue } from '../adapters/kept-value.ts';
import type { MetricsPage } from '../adapters/metrics-server.ts';
import type { Asking } from '../endpoint/asking.ts';
import { CallServer } from '../endpoint/call-server.ts';
import { Endpoint, type ServiceHandlers } from '../endpoint/endpoint.ts';
import { decodeValue, type Methods, openCall } from '../endpoint/methods.ts';
import type { Accounts } from '../ports/accounts.ts';
import type { Clock } from '../ports/clock.ts';
import type { HostProbe } from '../ports/host-probe.ts';
import type { Logger } from '../ports/logger.ts';
import type { Spawner } from '../ports/spawner.ts';
import type { Connection } from '../ports/transport.ts';
import { BUILTIN_SERVICE, SNIFF_SERVICE } from '../protocol/address.ts';
import { DagentError } from '../protocol/errors.ts';
import { Flag } from '../protocol/frame.ts';
import { REQUEST_MS_MAX } from '../protocol/limits.ts';
import type { LinkId, RouterEvent, Tapped } from '../router/io.ts';
import { parentLink, type Router } from '../router/state.ts';
import type { TreeView } from '../services/census.ts';
import { Events } from '../services/events.ts';
import type { ExecService } from '../services/exec.ts';
import type { Jobs } from '../services/jobs.ts';
import { createNodeMethods } from '../services/node.ts';
import type { Plugins } from '../services/plugins.ts';
import { Roster } from '../services/roster.ts';
import { createRouteMethods } from '../services/route-list.ts';
import { Sniff } from '../services/sniff.ts';
import { createCommands } from './commands.ts';
import type { Traffic } from './driver.ts';
import { tellEvent } from './event-view.ts';
import { FileHost, type FileHostComponents } from './file-host.ts';
import { FlagHost, type FlagHostComponents } from './flag-host.ts';
import { HubHost } from './hub-host.ts';
import { MailboxHost, type MailboxHostComponents } from './mailbox-host.ts';
import type { TrafficTotals } from './own-figures.ts';
import { createPluginHost, type PluginHostComponents } from './plugin-host.ts';
import { createRouteView } from './route-view.ts';
import { SeriesHost } from './series-host.ts';
import { StatisticsHost } from './statistics-host.ts';
import { createNameView, toSniffed } from './tap-view.ts';
import { createTreeView } from './tree-view.ts';

export interface BuiltinComponents {
  readonly router: Router;
  readonly clock: Clock;
  readonly spawner: Spawner;
  readonly accounts: Accounts;
  readonly probe: HostProbe;
  readonly log: Logger;
  readonly seed: number;
  readonly options: MailboxHostComponents['options'] &
    PluginHostComponents['options'] &
    FileHostComponents['options'];
  /** Directory of the node. */
  readonly dataDir: string;
  readonly plugins: string;
  readonly socket: string;
  /** Hands frames of the service to the router. */
  send(bytes: Buffer): void;
  /** Takes the connection of a program of the node. */
  accept(connection: Connection): void;
  /** What has gone over a link so far. */
  traffic(link: LinkId): Traffic;
  readonly unwritten: FlagHostComponents['unwritten'];
  /** The same of all links. */
  totals(): TrafficTotals;
  /** Lets the router show what passes, or no longer. */
  setTap(isOn: boolean): void;
}

/** The classes of a table of methods; `admin` has those that every service has. */
function classesOf(methods: Methods): ReadonlySet<string> {
  const names = Object.keys(methods).map((name) => name.slice(0, name.indexOf('.')));
  return new Set(['admin', ...names]);
}

export class Builtin {
  readonly #endpoint: Endpoint;
  readonly #statistics: StatisticsHost;
  readonly #exec: ExecService;
  readonly #jobs: Jobs;
  readonly #sniff: Sniff;
  readonly #events: Events;
  readonly #mailboxes: MailboxHost;
  readonly #calls: CallServer;
  readonly #hub: HubHost;
  readonly #plugins: Plugins;
  readonly #files: FileHost;
  readonly #flags: FlagHost;
  readonly #roster: Roster;
  readonly #series: SeriesHost;
  readonly #components: BuiltinComponents;

  constructor(components: BuiltinComponents) {
    this.#components = components;
    const { router, clock, probe, seed, send, setTap } = components;
    const { name } = router.config;
    this.#endpoint = new Endpoint(
      { node: name, service: BUILTIN_SERVICE, seed },
      { write: send, schedule: (flush) => queueMicrotask(flush) },
    );
    this.#roster = this.#createRoster();
    const flagsOf: TreeView['flagsOf'] = (node) => this.#flags.flags.summaryOf(node);
    const view = createTreeView(router, flagsOf, this.#roster);
    const commands = createCommands(components, name);
    this.#exec = commands.exec;
    this.#jobs = commands.jobs;
    this.#statistics = this.#createStatistics(view);
    const node = createNodeMethods({
      view,
      clock,
      probe,
      openParent: (method) => this.#openParent(method),
      counters: () => this.#counters(),
      untilBack: (names, signal) => this.#roster.untilBack(names, signal),
    });
    this.#events = new Events({ view, clock });
    const sources = { nowMs: () => clock.monotonicMs(), traffic: components.traffic };
    const routes = createRouteMethods(createRouteView(router, sources), clock);
    const call: FileHostComponents['call'] = (to, method, args, timeoutMs) =>
      openCall(this.#endpoint, to, method, { args, timeoutMs });
    this.#files = new FileHost({ ...components, call });
    this.#mailboxes = new MailboxHost({
      ...components,
      call: (to, method, args, timeoutMs) => this.#openCall(to, method, { args, timeoutMs }),
    });
    this.#hub = new HubHost({ view, ...components });
    this.#flags = this.#createFlags(view);
    const streams = { ...this.#statistics.methods, ...this.#events.methods, ...routes };
    const { methods: durable } = this.#mailboxes.mailbox;
    this.#plugins = createPluginHost(components, commands.place, {
      ownClasses: () => classesOf(own),
      onMethods: (methods) => this.#calls.serve({ ...methods, ...own }),
      say: (input) => this.#flags.flags.say(input),
    });
    this.#series = this.#createSeries(view);
    const started = { ...this.#exec.methods, ...this.#jobs.methods, ...this.#plugins.methods };
    const others = { ...this.#hub.methods, ...this.#files.methods, ...this.#series.methods };
    const flagged = this.#flags.flags.methods;
    const own: Methods = { ...node, ...started, ...streams, ...durable, ...others, ...flagged };
    this.#calls = new CallServer(own, { node: name, timer: clock });
    this.#endpoint.handle(BUILTIN_SERVICE, this.#answering(this.#calls));
    this.#sniff = new Sniff({ node: name, clock, names: createNameView(router), setTap });
    const sniffing = new CallServer(this.#sniff.methods, { node: name, timer: clock });
    this.#endpoint.handle(SNIFF_SERVICE, this.#answering(sniffing));
  }

  #createRoster(): Roster {
    return new Roster({
      ...this.#components,
      kept: openKeptValue(join(this.#components.dataDir, 'roster.json')),
      onLost: (record) => this.#events.nodeLost(record),
      onGone: (record) => this.observe({ kind: 'nodeGone', record }),
    });
  }

  #createStatistics(view: TreeView): StatisticsHost {
    return new StatisticsHost({
      ...this.#components,
      view,
      openChild: (child, args) =>
        this.#openCall(child, 'watch.open', { args, timeoutMs: REQUEST_MS_MAX }),
      children: () => this.#children(),
      durable: () => this.#mailboxes.mailbox.figures(),
      jobs: () => this.#jobs,
      ask: (to, method, args) => this.#ask(to, method, args),
      parent: () => this.#parent(),
      tell: (node, command, data) =>
        this.#endpoint.send({ to: `${node}:`, command, data, flags: Flag.NO_CACHE }),
    });
  }

  #createFlags(view: TreeView): FlagHost {
    return new FlagHost({
      ...this.#components,
      view,
      events: this.#events,
      mailboxes: this.#mailboxes,
      onChange: (changed) => this.#statistics.watch.changed(changed),
      openParent: (method, args) => this.#openParent(method, args),
    });
  }

  #createSeries(view: TreeView): SeriesHost {
    const { clock } = this.#components;
    return new SeriesHost({
      ...{ view, clock },
      sample: () => this.#statistics.sample(),
      counters: () => this.#counters(),
      pluginSeries: () => this.#plugins.series(),
      children: () => this.#children(),
      ask: (child, method, args, timeoutMs) => this.#openCall(child, method, { args, timeoutMs }),
    });
  }

  #counters(): Readonly<Record<string, number>> {
    const { counters } = this.#components.router;
    const endpoint = this.#endpoint.counters;
    return { ...counters, ...endpoint, ...this.#files.counters, ...this.#series.counters };
  }

  /** Answers calls, and what is no call and yet understood. */
  #answering(calls: CallServer): ServiceHandlers {
    const { name } = this.#components.router.config;
    return {
      onMessage: (message) =>
        (!message.isCall && this.#statistics.take(message)) || calls.handlers.onMessage?.(message),
      onRequest(exchange) {
        const { command, isCall, to } = exchange.request;
        if (isCall) {
          calls.answer(exchange);
        } else if (command === 'PING') {
          exchange.reply({ command: 'PONG' });
        } else {
          const values = { service: to, command };
          exchange.reject(new DagentError('E_NOT_UNDERSTOOD', values, { origin: name }).toData());
        }
      },
    };
  }

  #openCall(
    node: string,
    method: string,
    more: { readonly args?: readonly unknown[]; readonly timeoutMs?: number } = {},
  ): Asking {
    return openCall(this.#endpoint, `${node}:`, method, more);
  }

  #openParent(method: string, args: readonly unknown[] = []): Asking | undefined {
    const parent = this.#parent();
    return parent === undefined ? undefined : this.#openCall(parent, method, { args });
  }

  /** The value that a call returns. */
  async #ask(node: string, method: string, args: readonly unknown[]): Promise<unknown> {
    return decodeValue((await this.#openCall(node, method, { args }).outcome).data);
  }

  #parent(): string | undefined {
    return parentLink(this.#components.router)?.peer?.name;
  }

  *#children(): Iterable<string> {
    for (const link of this.#components.router.links.values()) {
      if (link.role === 'child' && link.peer !== null) yield link.peer.name;
    }
  }

  /** Takes whole frames for the service. */
  receive(run: Buffer): void {
    this.#endpoint.receive(run);
  }

  /** What is told to who scrapes the node. */
  page(): Promise<MetricsPage> {
    return this.#series.page();
  }

  /** Sees what passes, for those who sniff. */
  sniff(tapped: Tapped): void {
    this.#sniff.see(toSniffed(tapped));
  }

  /** Hears what the router says, for those who watch. */
  observe(event: RouterEvent): void {
    if (event.kind === 'nodeUp' || event.kind === 'nodeChanged') this.#roster.nodeUp(event.record);
    if (event.kind === 'nodeGone') this.#roster.nodeGone(event.record.name);
    tellEvent(this.#events, this.#components.router.config.name, event);
    this.#mailboxes.observe(event);
    this.#hub.observe(event);
    this.#statistics.observe(event);
    this.#flags.observe(event);
  }

  /** Opens what was kept. */
  async start(): Promise<void> {
    this.#statistics.start();
    this.#jobs.start();
    await Promise.all([this.#mailboxes.start(), this.#files.start()]);
  }

  /** Runs the plugins, now that they find a daemon that answers. */
  startPlugins(): void {
    this.#flags.start();
    this.#plugins.start();
  }

  /** Ends what runs here. */
  async stop(): Promise<void> {
    this.#calls.stop();
    this.#jobs.stop();
    this.#statistics.stop();
    const endings = [this.#exec.stop(), this.#plugins.stop(), this.#files.stop()];
    const stores = [this.#mailboxes.mailbox.stop(), this.#flags.stop(), this.#hub.stop()];
    await Promise.all([...endings, ...stores, this.#roster.stop()]);
  }
}
