/**
 * A node: the composition root. Many may live in one process; nothing here is shared between them.
 */

import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { systemAccounts } from '../adapters/accounts.ts';
import { notedSpawner } from '../adapters/command-ledger.ts';
import { removeFile } from '../adapters/files.ts';
import {
  type DaemonStatus,
  type Home,
  type NodePaths,
  writeJsonInPlace,
} from '../adapters/home.ts';
import { createHostProbe } from '../adapters/host-probe.ts';
import { type MetricsServer, openMetricsServer } from '../adapters/metrics-server.ts';
import { identifyProcess } from '../adapters/process-identity.ts';
import { resolveUrl } from '../adapters/resolver.ts';
import { createSpawner } from '../adapters/spawner.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { createTransport } from '../adapters/transport.ts';
import { createYoungCollection } from '../adapters/young-collection.ts';
import type { Logger } from '../ports/logger.ts';
import type { Listener, Transport } from '../ports/transport.ts';
import { type DagentError, errorFromData } from '../protocol/errors.ts';
import { STOP_GRACE_MS } from '../protocol/limits.ts';
import { BUILTIN_LINK, type RouterEvent } from '../router/io.ts';
import { createRouter, type Router } from '../router/state.ts';
import { Builtin } from './builtin.ts';
import { type Claim, claim } from './claim.ts';
import { chooseDialUrls } from './dial-urls.ts';
import { Driver } from './driver.ts';
import { endLeftovers } from './leftovers.ts';
import { areTried, viewLinks } from './link-view.ts';
import { logEvent } from './log-events.ts';
import { Names } from './names.ts';
import { keepConfig, parsePlace, type StartOptions } from './options.ts';
import { isFinal, Refusals } from './refusals.ts';
import { Unwritten } from './unwritten.ts';

export interface DaemonComponents {
  readonly home: Home;
  readonly options: StartOptions;
  readonly version: string;
  readonly log: Logger;
}

function drawSeed(): number {
  return randomBytes(4).readUInt32BE();
}

export class Daemon {
  readonly #components: DaemonComponents;
  readonly #paths: NodePaths;
  readonly #id: string;
  readonly #router: Router;
  readonly #transport: Transport = createTransport(process.env);
  readonly #driver: Driver;
  readonly #builtin: Builtin;
  readonly #names: Names;
  readonly #claim: Claim;
  readonly #unwritten: Unwritten;
  #stopEnding: () => void = () => undefined;
  readonly #listeners: Listener[] = [];
  #metrics: MetricsServer | undefined;
  #hasPidFile = false;
  #isStopped = false;
  readonly #refusals = new Refusals();
  readonly #startedAtMs = systemClock.wallMs();
  #onJoined: () => void = () => undefined;
  #onRefused: (error: DagentError) => void = () => undefined;
  #onTried: () => void = () => undefined;
  /** Settles when the top knows us (a root: at once); fails when we are refused for good. */
  readonly joined: Promise<void>;
  /** Settles when each wanted peer is linked, or has failed to be once. */
  readonly peersTried: Promise<void>;

  private constructor(components: DaemonComponents) {
    this.#components = components;
    const { options, version, log } = components;
    this.#unwritten = new Unwritten({ clock: systemClock, log });
    const [unwritten, startedAtMs] = [this.#unwritten, this.#startedAtMs];
    this.#claim = claim({ ...components, unwritten, startedAtMs });
    const { paths, identity, ledger } = this.#claim;
    this.#paths = paths;
    this.#id = identity.id;
    this.#router = createRouter({ ...options, ...identity, version, seed: drawSeed() });
    this.#builtin = new Builtin({
      router: this.#router,
      clock: systemClock,
      spawner: notedSpawner(createSpawner(), ledger),
      accounts: systemAccounts,
      probe: createHostProbe({ now: () => systemClock.wallMs(), environment: process.env }),
      ...paths,
      ...components,
      seed: drawSeed(),
      send: (bytes) => this.#driver.input({ kind: 'bytes', link: BUILTIN_LINK, bytes }),
      accept: (connection) => this.#driver.accept(connection),
      traffic: (link) => this.#driver.traffic(link),
      totals: () => this.#driver.totals(),
      unwritten: () => unwritten.paths,
      setTap: (isOn) => this.#driver.input({ kind: 'tap', isOn }),
    });
    this.#driver = new Driver({
      router: this.#router,
      transport: this.#transport,
      resolve: resolveUrl,
      clock: systemClock,
      deliver: (run) => this.#builtin.receive(run),
      onEvent: (event) => this.#handleEvent(event),
      onTapped: (tapped) => this.#builtin.sniff(tapped),
      collectYoung: createYoungCollection(),
    });
    this.#names = new Names({
      path: paths.names,
      owner: {
        node: options.name,
        nodeId: this.#id,
        incarnation: identity.incarnation,
        ...identifyProcess(process.pid),
      },
      seed: drawSeed(),
      now: () => systemClock.wallMs(),
      log,
      keep: (path, action) => unwritten.write(path, action),
    });
    this.joined = new Promise((resolve, reject) => {
      this.#onJoined = resolve;
      this.#onRefused = reject;
    });
    this.peersTried = new Promise((resolve) => {
      this.#onTried = resolve;
    });
    this.joined.catch(() => 'who only runs in the foreground does not wait for it');
  }

  /** Only what worked is kept for `daemon restart`; what cannot be kept runs all the same. */
  #handleIn(): void {
    const { home, options } = this.#components;
    try {
      keepConfig(home, options, this.#id, (path, write) => this.#unwritten.write(path, write));
    } catch (error) {
      this.#components.log.error('options not kept', { reason: String(error) });
    }
    this.#onJoined();
  }

  /**
   * Starts a node: it listens, and dials its parents. Throws E_DAEMON_RUNNING, E_LISTEN,
   * E_SOCKET_PATH, E_CANNOT_WRITE, E_PLUGIN_UNSAFE.
   */
  static async start(components: DaemonComponents): Promise<Daemon> {
    const daemon = new Daemon(components);
    try {
      await daemon.#builtin.start();
      await daemon.#listen();
      daemon.#begin();
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return daemon;
  }

  async #listen(): Promise<void> {
    // The lock is ours: whatever lies there is what a dead daemon left.
    removeFile(this.#paths.socket);
    for (const url of [`cd:${this.#paths.socket}`, ...this.#components.options.listen]) {
      this.#listeners.push(
        await this.#transport.listen(url, (connection) => this.#driver.accept(connection)),
      );
    }
    chmodSync(this.#paths.socket, 0o600);
    const { metrics } = this.#components.options;
    if (metrics === null) return;
    this.#metrics = await openMetricsServer(parsePlace(metrics), () => this.#builtin.page());
  }

  #begin(): void {
    const { options, log } = this.#components;
    this.#writeStatus();
    const leaving = { clock: systemClock, log, node: options.name };
    this.#stopEnding = endLeftovers(this.#claim.ledger, leaving);
    const { pidFile } = options;
    if (pidFile !== null) {
      this.#unwritten.write(pidFile, () => {
        writeFileSync(pidFile, `${process.pid}\n`);
        this.#hasPidFile = true;
      });
    }
    const { listen, role, version } = this.status();
    log.info('started', { id: this.#id, role, version, listen });
    this.#driver.input({ kind: 'listening', urls: chooseDialUrls(options.urls, listen) });
    this.#driver.start();
    this.#builtin.startPlugins();
    if (options.parents.length === 0) this.#handleIn();
  }

  /** What the daemon says of itself. */
  status(): DaemonStatus {
    const { options, home, version } = this.#components;
    return {
      name: options.name,
      id: this.#id,
      role: options.role,
      realm: this.#router.realm,
      ...identifyProcess(process.pid),
      ...viewLinks(this.#router),
      listen: this.#listeners.map((listener) => listener.url),
      metrics: this.#metrics?.url ?? null,
      depth: this.#router.depth,
      startedAtMs: this.#startedAtMs,
      version,
      home: home.label,
    };
  }

  /** Why the uplink does not stand, if it does not: the last word of each place that was tried. */
  get whyAlone(): string {
    return this.#refusals.reason;
  }

  #writeStatus(): void {
    // Who is being dialled may fail later; the file may be the next daemon's then.
    if (this.#isStopped) return;
    const status = this.status();
    if (areTried(status.wantedPeers)) this.#onTried();
    try {
      const { status: path } = this.#paths;
      this.#unwritten.write(path, () => writeJsonInPlace(path, this.status()));
    } catch (error) {
      this.#components.log.error('cannot write the status file', { reason: String(error) });
    }
  }

  #handleEvent(event: RouterEvent): void {
    logEvent(this.#components.log, event);
    this.#names.observe(event);
    this.#builtin.observe(event);
    switch (event.kind) {
      case 'uplinkUp':
        this.#refusals.clear();
        return this.#writeStatus();
      case 'uplinkDown':
      case 'peerUp':
      case 'peerHeld':
      case 'peerDown':
      case 'peerFailed':
        return this.#writeStatus();
      case 'joined':
        return this.#handleIn();
      case 'uplinkFailed':
        this.#writeStatus();
        if (!this.#refusals.add(event.url, event.error, event.retryMs)) return;
        return this.#onRefused(errorFromData(event.error));
      case 'evicted':
        this.#writeStatus();
        if (isFinal(event.error)) this.#onRefused(errorFromData(event.error));
        return;
      default:
        return;
    }
  }

  /** Drains: ends commands, says goodbye, closes, and gives the name back. */
  async stop(): Promise<void> {
    await this.#builtin.stop();
    await this.#driver.stop(STOP_GRACE_MS);
    const listeners = [...this.#listeners, ...(this.#metrics ? [this.#metrics] : [])];
    await Promise.all(listeners.map((listener) => listener.close()));
    this.#names.close();
    this.#isStopped = true;
    this.#unwritten.stop();
    this.#stopEnding();
    this.#claim.ledger.close();
    removeFile(this.#paths.status);
    removeFile(this.#paths.socket);
    const { pidFile } = this.#components.options;
    // One that we have not written is another daemon's.
    if (pidFile !== null && this.#hasPidFile) removeFile(pidFile);
    this.#claim.unlock();
    this.#components.log.info('stopped');
  }
}
