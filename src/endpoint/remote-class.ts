/**
 * Classes whose objects are called from elsewhere: which methods they offer, and how one is made.
 */
import { assert } from '../base/assert.ts';
import type { CallBody } from '../protocol/call.ts';
import { bindArguments } from './binding.ts';
import type { CallContext, Method } from './methods.ts';

/** What there is to know of a method before it is called. */
export interface MethodSpec {
  /** One sentence. */
  readonly doc: string;
  /**
   * Names of its arguments, in their order: `words`, `times?` may be left out, `...rest` is a list
   * of all that follow. It gets one for each, and the {@link CallContext} behind them.
   */
  readonly args?: readonly string[];
}

/** What a class offers. What is not named here cannot be called. */
export interface ClassSpec<Names extends string = string> {
  /** One sentence. */
  readonly doc: string;
  /** `MAJOR.MINOR.PATCH` of its interface: the newest compatible one is called. */
  readonly version?: string;
  /** Names of the arguments of its constructor. */
  readonly args?: readonly string[];
  readonly methods: Readonly<Partial<Record<Names, MethodSpec>>>;
}

/** A class that is served. For each call an object is made. */
export interface RemoteClass extends ClassSpec {
  /** Makes the object, or finds it, by the arguments of the constructor. */
  create(args: readonly unknown[], context: CallContext): object | Promise<object>;
}

type MethodName<T> = {
  [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
}[keyof T] &
  string;

/**
 * Offers methods of a class.
 *
 * @example
 * await client.serve('kennel', {
 *   Dog: remoteClass(Dog, {
 *     doc: 'A dog.',
 *     args: ['name'],
 *     methods: { bark: { doc: 'Barks.', args: ['words', 'times?'] } },
 *   }),
 * });
 */
export function remoteClass<T extends object>(
  Class: new (...args: never[]) => T,
  spec: ClassSpec<MethodName<T>>,
): RemoteClass {
  for (const name of Object.keys(spec.methods)) {
    const isThere = typeof (Class.prototype as Record<string, unknown>)[name] === 'function';
    assert(isThere, `${Class.name} has the method ${name} that it offers`);
  }
  return {
    ...(spec as ClassSpec),
    create: (args) => Reflect.construct(Class, args) as T,
  };
}

async function invoke(
  offered: RemoteClass,
  names: { readonly class: string; readonly method: string },
  call: CallBody,
  context: CallContext,
): Promise<unknown> {
  const { args: constructorArgs = [], methods } = offered;
  const made = bindArguments(`new ${names.class}`, constructorArgs, call.cntr);
  const title = `${names.class}.${names.method}`;
  const bound = bindArguments(title, methods[names.method]?.args ?? [], call);
  const object = (await offered.create(made, context)) as Record<string, unknown>;
  const method = object[names.method] as (...args: unknown[]) => unknown;
  return Reflect.apply(method, object, [...bound, context]);
}

/** The methods of a class, as those without objects are. */
export function methodsOf(name: string, offered: RemoteClass): Map<string, Method> {
  const entries = Object.entries(offered.methods).map(([method, spec]): [string, Method] => {
    const { doc = '', args = [] } = spec ?? {};
    const names = { class: name, method };
    const run: Method['run'] = (_, context) => invoke(offered, names, context.call, context);
    return [method, { doc, args, isRaw: true, run }];
  });
  return new Map(entries);
}
