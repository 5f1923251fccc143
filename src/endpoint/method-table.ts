/** What a service offers, by class, version and method. */
import {
  type ApiVersion,
  compareVersions,
  isCompatible,
  parseVersion,
} from '../protocol/api-version.ts';
import { DagentError } from '../protocol/errors.ts';
import { CLASS_VERSIONS_MAX } from '../protocol/limits.ts';
import type { Method, Served } from './methods.ts';
import { methodsOf, type RemoteClass } from './remote-class.ts';

/** One version of one class. */
interface ClassEntry {
  readonly name: string;
  readonly doc: string;
  readonly version: ApiVersion | undefined;
  readonly args: readonly string[];
  readonly methods: Map<string, Method>;
}

/** A class as it is described to who asks. */
export interface ClassHelp {
  readonly name: string;
  readonly doc: string;
  readonly version: string | null;
  /** Names of the arguments of its constructor. */
  readonly args: readonly string[];
  readonly methods: readonly {
    readonly name: string;
    readonly doc: string;
    readonly args: readonly string[];
  }[];
}

function isMethod(value: Served[string]): value is Method {
  return 'run' in value;
}

function versionOf(name: string, { version }: RemoteClass): ApiVersion | undefined {
  if (version === undefined) return undefined;
  const parsed = parseVersion(version);
  if (parsed !== undefined) return parsed;
  const reason = `${version} is no version of ${name}: write MAJOR.MINOR.PATCH`;
  throw new DagentError('E_USAGE', { reason });
}

/** The class and the method of a command; a class may have dots, a method has none. */
function splitCommand(command: string): readonly [string, string] {
  const dot = command.lastIndexOf('.');
  return [command.slice(0, Math.max(0, dot)), command.slice(dot + 1)];
}

export class MethodTable {
  /** By class, the newest version first. */
  readonly #classes = new Map<string, ClassEntry[]>();
  /** What a command means to who asks for no version. */
  readonly #newest = new Map<string, Method>();

  /** Throws E_USAGE when a version is none, or there are too many. */
  constructor(...served: readonly Served[]) {
    for (const each of served) {
      for (const [name, value] of Object.entries(each)) this.#add(name, value);
    }
    for (const [name, [newest]] of this.#classes) {
      for (const [method, each] of newest?.methods ?? []) {
        this.#newest.set(`${name}.${method}`, each);
      }
    }
  }

  #add(name: string, value: Served[string]): void {
    if (!isMethod(value)) return this.#addClass(name, 'create' in value ? [value] : value);
    const [className, method] = splitCommand(name);
    const plain = this.#classes.get(className) ?? [];
    const bare = plain.find(({ version }) => version === undefined);
    if (bare !== undefined) bare.methods.set(method, value);
    else
      this.#put({
        name: className,
        doc: '',
        version: undefined,
        args: [],
        methods: new Map([[method, value]]),
      });
  }

  #addClass(name: string, versions: readonly RemoteClass[]): void {
    if (versions.length > CLASS_VERSIONS_MAX) {
      const reason = `${name} has more than ${CLASS_VERSIONS_MAX} versions`;
      throw new DagentError('E_USAGE', { reason });
    }
    for (const each of versions) {
      const { doc, args = [] } = each;
      const methods = methodsOf(name, each);
      this.#put({ name, doc, args, methods, version: versionOf(name, each) });
    }
  }

  #put(entry: ClassEntry): void {
    const entries = [...(this.#classes.get(entry.name) ?? []), entry];
    entries.sort((a, b) => compareVersions(b.version ?? [], a.version ?? []));
    this.#classes.set(entry.name, entries);
  }

  /**
   * The method that a command means to who was made for a version; the newest without one. Throws
   * E_NO_METHOD, E_NO_VERSION, E_ARGUMENT_INVALID.
   */
  find(service: string, command: string, version: string | undefined): Method {
    const method =
      version === undefined
        ? this.#newest.get(command)
        : this.#findVersion(service, command, version);
    if (method === undefined) throw new DagentError('E_NO_METHOD', { service, method: command });
    return method;
  }

  #findVersion(service: string, command: string, version: string): Method | undefined {
    const wanted = parseVersion(version);
    if (wanted === undefined) {
      const reason = `${version} is no version: write MAJOR.MINOR.PATCH`;
      throw new DagentError('E_ARGUMENT_INVALID', { method: command, reason });
    }
    const [name, method] = splitCommand(command);
    const entries = this.#classes.get(name);
    if (entries === undefined) return undefined;
    const chosen = entries.find((each) => each.version && isCompatible(each.version, wanted));
    if (chosen !== undefined) return chosen.methods.get(method);
    const offered = entries.map((each) => each.version?.join('.') ?? 'no versions').join(', ');
    throw new DagentError('E_NO_VERSION', { service, class: name, version, offered });
  }

  /** All classes, or those of one name, in the order of their names, the newest first. */
  describe(name?: string): ClassHelp[] {
    const names = name === undefined ? [...this.#classes.keys()].sort() : [name];
    return names.flatMap((each) => (this.#classes.get(each) ?? []).map(describeClass));
  }

  /** What can be called without a version: signatures, and what they do. */
  signatures(): Record<string, string> {
    const lines = [...this.#newest].map(([command, { args = [], doc }]) => {
      return [`${command}(${args.join(', ')})`, doc] as const;
    });
    return Object.fromEntries(lines);
  }
}

function describeClass({ name, doc, version, args, methods }: ClassEntry): ClassHelp {
  return {
    name,
    doc,
    version: version?.join('.') ?? null,
    args,
    methods: [...methods].map(([method, each]) => {
      return { name: method, doc: each.doc, args: each.args ?? [] };
    }),
  };
}
