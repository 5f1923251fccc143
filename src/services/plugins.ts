/**
 * The plugins of a node: what lies in their directory is run, and run anew when it changes
 * (docs/PLUGINS.md). Their methods stand beside the node's own.
 */
import type { Method, Methods } from '../endpoint/methods.ts';
import type { PluginHello } from '../plugins/hello.ts';
import { listPluginSeries, listStatistics } from '../plugins/statistics.ts';
import { viewDetails, viewPlugin } from '../plugins/view.ts';
import type { FoundPlugin, PluginDirectory } from '../ports/plugin-directory.ts';
import { DagentError, type ErrorData, errorFromData } from '../protocol/errors.ts';
import { PLUGIN_SCAN_MS, PLUGIN_SETTLE_MS, PLUGINS_MAX } from '../protocol/limits.ts';
import type {
  PluginDetails,
  PluginRecord,
  ReloadRecord,
  Statistic,
} from '../protocol/plugin-record.ts';
import type { Series } from '../protocol/series.ts';
import { type PluginComponents, PluginDriver } from './plugin-driver.ts';
import { viewIdle } from './plugin-idle.ts';

export interface PluginsComponents extends PluginComponents {
  readonly directory: PluginDirectory;
  /** A seed for each plugin. */
  nextSeed(): number;
  /** Names of the node's own classes. */
  ownClasses(): ReadonlySet<string>;
  /** There are other methods now. */
  onMethods(methods: Methods): void;
}

/** A file of the directory: run, or not run and why. */
interface Entry {
  readonly found: FoundPlugin;
  readonly driver: PluginDriver | null;
  readonly error: ErrorData | null;
}

interface Changes {
  readonly started: string[];
  readonly restarted: string[];
  readonly stopped: string[];
  unchanged: number;
}

export class Plugins {
  readonly #components: PluginsComponents;
  readonly #entries = new Map<string, Entry>();
  /** Those that were taken away, and are not gone yet. */
  readonly #leaving = new Set<PluginDriver>();
  /** Why the directory cannot be used. */
  #error: DagentError | undefined;
  #stopScan: (() => void) | undefined;
  #stopSettle: (() => void) | undefined;
  #isStopped = false;

  constructor(components: PluginsComponents) {
    this.#components = components;
  }

  /** Runs what is there, and follows what changes. */
  start(): void {
    const { clock, directory } = this.#components;
    directory.watch(() => this.#lookSoon());
    this.#stopScan = clock.every(PLUGIN_SCAN_MS, () => this.#look());
    this.#look();
  }

  /** Ends all of them; settles when they are gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopScan?.();
    this.#stopSettle?.();
    this.#components.directory.close();
    for (const [file] of this.#entries) this.#remove(file);
    await Promise.all([...this.#leaving].map((driver) => driver.ended));
  }

  #lookSoon(): void {
    this.#stopSettle?.();
    if (this.#isStopped) return;
    this.#stopSettle = this.#components.clock.after(PLUGIN_SETTLE_MS, () => this.#look());
  }

  /** Makes what runs like what lies there. */
  #look(): Changes {
    const changes: Changes = { started: [], restarted: [], stopped: [], unchanged: 0 };
    const found = this.#scan();
    const files = new Set(found.map(({ file }) => file));
    for (const [file] of this.#entries) {
      if (files.has(file)) continue;
      this.#remove(file);
      changes.stopped.push(file);
    }
    for (const [index, each] of found.entries()) this.#adopt(each, index, changes);
    return changes;
  }

  /** What lies there; of a directory that is not to be trusted nothing. */
  #scan(): readonly FoundPlugin[] {
    try {
      const found = this.#components.directory.scan();
      this.#error = undefined;
      return found;
    } catch (error) {
      if (!(error instanceof DagentError)) throw error;
      if (this.#error?.message !== error.message) {
        this.#components.log.error('plugins are not run', { reason: error.message });
      }
      this.#error = error;
      return [];
    }
  }

  #objectTo({ file, untrusted }: FoundPlugin, index: number): ErrorData | null {
    const origin = this.#components.node;
    if (untrusted !== null) {
      return new DagentError('E_PLUGIN_UNSAFE', { ...untrusted }, { origin }).toData();
    }
    if (index < PLUGINS_MAX) return null;
    return new DagentError('E_TOO_MANY_PLUGINS', { file, max: PLUGINS_MAX }, { origin }).toData();
  }

  #adopt(found: FoundPlugin, index: number, changes: Changes): void {
    const { file, fingerprint } = found;
    const former = this.#entries.get(file);
    const error = this.#objectTo(found, index);
    if (former?.found.fingerprint === fingerprint && former.error?.code === error?.code) {
      changes.unchanged++;
      return;
    }
    if (error !== null) return this.#setAside(found, error, changes);
    if (former !== undefined && former.driver !== null) {
      this.#entries.set(file, { ...former, found });
      changes.restarted.push(file);
      return former.driver.feed({ kind: 'restart' });
    }
    const driver = this.#create(found);
    this.#entries.set(file, { found, driver, error: null });
    changes.started.push(file);
    driver.feed({ kind: 'tick' });
  }

  #setAside(found: FoundPlugin, error: ErrorData, changes: Changes): void {
    const { file } = found;
    if (this.#entries.get(file)?.driver != null) {
      this.#remove(file);
      changes.stopped.push(file);
    }
    this.#entries.set(file, { found, driver: null, error });
    const reason = errorFromData(error).message;
    this.#components.log.warn('plugin is not run', { plugin: file, reason });
  }

  #create({ file, path }: FoundPlugin): PluginDriver {
    const driver: PluginDriver = new PluginDriver(this.#components, {
      file,
      path,
      seed: this.#components.nextSeed(),
      objectTo: (hello) => this.#findClash(driver, hello),
      onChange: () => this.#tellMethods(),
    });
    return driver;
  }

  #remove(file: string): void {
    const driver = this.#entries.get(file)?.driver;
    this.#entries.delete(file);
    if (driver === null || driver === undefined) return;
    this.#leaving.add(driver);
    void driver.ended.then(() => this.#leaving.delete(driver));
    driver.feed({ kind: 'stop' });
    this.#tellMethods();
  }

  #drivers(): PluginDriver[] {
    return [...this.#entries.values()].flatMap(({ driver }) => driver ?? []);
  }

  /** Why a hello cannot be taken: somebody else has its name, or one of its classes. */
  #findClash(own: PluginDriver, { name, classes }: PluginHello): string | undefined {
    const ownClasses = this.#components.ownClasses();
    const owners = new Map<string, string>();
    for (const { state } of this.#drivers().filter((driver) => driver !== own)) {
      const { file } = state.config;
      if (state.hello?.name === name) return `its name ${name} is that of ${file}`;
      for (const each of Object.keys(state.hello?.classes ?? {})) owners.set(each, file);
    }
    for (const each of Object.keys(classes)) {
      if (ownClasses.has(each)) return `the class ${each} is the node's own`;
      const owner = owners.get(each);
      if (owner !== undefined) return `the class ${each} is that of ${owner}`;
    }
    return undefined;
  }

  #tellMethods(): void {
    const tables = this.#drivers().map(({ methods }) => methods);
    this.#components.onMethods(Object.assign({}, ...tables) as Methods);
  }

  #nowMs(): number {
    return this.#components.clock.monotonicMs();
  }

  #view({ driver, found, error }: Entry): PluginRecord {
    return driver === null ? viewIdle(found, error) : viewPlugin(driver.state, this.#nowMs());
  }

  /** The entry of a plugin, by the name in its hello or by its file. Throws E_NO_PLUGIN. */
  #find(name: unknown): Entry {
    const { node } = this.#components;
    for (const entry of this.#entries.values()) {
      if (entry.found.file === name || entry.driver?.state.hello?.name === name) return entry;
    }
    throw this.#error ?? new DagentError('E_NO_PLUGIN', { node, name: String(name) });
  }

  #list(): PluginRecord[] {
    if (this.#error !== undefined) throw this.#error;
    return [...this.#entries.values()].map((entry) => this.#view(entry));
  }

  #show(name: unknown): PluginDetails {
    const { driver, found, error } = this.#find(name);
    if (driver !== null) {
      const { missing } = driver;
      return viewDetails(driver.state, { path: found.path, missing }, this.#nowMs());
    }
    return viewIdle(found, error);
  }

  #statistics(): Statistic[] {
    return this.#drivers().flatMap(({ state }) => listStatistics(state, this.#nowMs()));
  }

  /** What they have reported, as series of the node. */
  *series(): Iterable<Series> {
    for (const { state } of this.#drivers()) yield* listPluginSeries(state, this.#nowMs());
  }

  /** Looks at the directory now; a plugin that is named is started anew in any case. */
  async #reload(name: unknown): Promise<ReloadRecord> {
    const changes = this.#look();
    if (this.#error !== undefined) throw this.#error;
    const { started, restarted } = changes;
    if (name !== undefined && name !== null) {
      const { found, driver, error } = this.#find(name);
      if (error !== null) throw errorFromData(error);
      if (![...started, ...restarted].includes(found.file)) {
        driver?.feed({ kind: 'restart' });
        restarted.push(found.file);
        changes.unchanged--;
      }
    }
    const touched = [...started, ...restarted].flatMap((file) => this.#entries.get(file) ?? []);
    await Promise.all(touched.map(({ driver }) => driver?.settled()));
    const plugins = touched.map((entry) => this.#view(entry));
    return { directory: this.#components.directory.path, ...changes, plugins };
  }

  readonly methods: Record<string, Method> = {
    'plugin.ls': { doc: 'The plugins of the node, and how they are.', run: () => this.#list() },
    'plugin.show': {
      doc: 'All about one plugin, by its name or its file.',
      args: ['name'],
      run: ([name]) => this.#show(name),
    },
    'plugin.reload': {
      doc: 'Looks for changed plugins at once; one that is named is started anew.',
      args: ['name?'],
      run: ([name]) => this.#reload(name),
    },
    'plugin.statistics': {
      doc: 'The last values of what plugins count and measure: {plugin, name, kind, value, unit}.',
      run: () => this.#statistics(),
    },
  };
}
