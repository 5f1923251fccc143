/**
 * From a selector to names, for every command that takes targets. What spells its names out costs
 * no question; all else is looked up at the top.
 */
import { murmur3 } from '../base/hash.ts';
import { sortNaturally } from '../base/natural.ts';
import { DagentError } from '../protocol/errors.ts';
import { selectNodes, type Unmatched } from '../protocol/select.ts';
import { formatSelector, type Selector } from '../protocol/selector.ts';
import type { NodeStatus } from '../protocol/status.ts';
import type { Client } from './client.ts';
import { fetchNodes, type TreePart } from './tree.ts';

/** Of how many of the targets a command is meant, and how they are drawn. */
export interface Limit {
  readonly count: number;
  /** Whether `count` is a part of hundred. */
  readonly isPercent: boolean;
  /** Another seed draws others. */
  readonly seed: string;
}

export interface TargetOptions {
  readonly limit?: Limit | undefined;
  /** The text that errors name; the selector itself when absent. */
  readonly text?: string | undefined;
  /** Names that nobody has are no targets. */
  readonly isKnown?: boolean | undefined;
  /** Hears that nodes are waited for which come back after a restart of the top, and its name. */
  readonly onWait?: ((top: string) => void) | undefined;
}

export interface Targets {
  /**
   * In natural order. Nodes that were lost lately are among them, and names that nobody has: who
   * asks for all must hear of the one that does not answer.
   */
  readonly names: readonly string[];
  /** What was asked about them, by name; none of a name that nobody has. */
  readonly nodes: ReadonlyMap<string, NodeStatus>;
  /** Conditions that no node meets, and names that none has. */
  readonly unmatched: readonly Unmatched[];
  /** The node that was asked as the top, when its parent is away. */
  readonly cutOffAt?: string | undefined;
  /** Names that nobody has, whether they are targets or not. */
  readonly unknown: readonly string[];
}

/** What may have been meant instead. */
export function hintOf(similar: readonly string[]): string {
  return similar.length > 0 ? `did you mean: ${similar.join(', ')}` : 'see all: dagent tree';
}

/** What is said where `top` is asked for all, and has no way up. */
export function describeCutOff(top: string): string {
  return `seen from ${top}, whose parent is away: what is not below it is missing`;
}

function noTarget(
  selector: string,
  { unmatched, cutOffAt }: Pick<TreePart, 'unmatched' | 'cutOffAt'>,
): DagentError {
  const similar = [...new Set(unmatched.flatMap((each) => each.similar))].slice(0, 3);
  const hint = cutOffAt === undefined ? hintOf(similar) : describeCutOff(cutOffAt);
  return new DagentError('E_NO_TARGET', { selector, similar: hint });
}

/** Whether the names alone tell what is meant. */
function isSpelledOut(selector: Selector): boolean {
  switch (selector.kind) {
    case 'names':
      return true;
    case 'either':
      return selector.parts.every(isSpelledOut);
    case 'both':
      return (
        selector.parts.some(isSpelledOut) &&
        selector.parts.every(
          (part) => isSpelledOut(part) || (part.kind === 'not' && isSpelledOut(part.part)),
        )
      );
    default:
      return false;
  }
}

/**
 * The targets that a limit leaves. Each name draws a number by its hash with the seed, and the
 * lowest are taken: the same names and the same seed leave the same ones, a higher limit leaves
 * those and more, and a node that comes or goes changes little (rendezvous hashing, Thaler and
 * Ravishankar, 1998). At least one is left.
 */
export function drawTargets(names: readonly string[], limit: Limit): string[] {
  const { count, isPercent, seed } = limit;
  const wanted = isPercent ? Math.ceil((names.length * count) / 100) : count;
  if (wanted >= names.length) return [...names];
  const drawn = names
    .map((name) => ({ name, number: murmur3(`${seed}\0${name}`, 0) }))
    .sort((a, b) => a.number - b.number || (a.name < b.name ? -1 : 1));
  const left = new Set(drawn.slice(0, wanted).map(({ name }) => name));
  return names.filter((name) => left.has(name));
}

/** What was found, as targets. Throws E_NO_TARGET when there are none. */
function toTargets(found: TreePart, selector: Selector, options: TargetOptions): Targets {
  const { nodes, unknown, unmatched, cutOffAt } = found;
  const all = [...nodes.map(({ name }) => name), ...(options.isKnown ? [] : unknown)];
  if (all.length === 0) throw noTarget(options.text ?? formatSelector(selector), found);
  const names = sortNaturally(all, (name) => name);
  return {
    names: options.limit === undefined ? names : drawTargets(names, options.limit),
    nodes: new Map(nodes.map((node) => [node.name, node])),
    unmatched,
    unknown,
    ...(cutOffAt !== undefined && { cutOffAt }),
  };
}

/**
 * The targets that a selector means, with what the top knows of each. Throws E_NO_TARGET when there
 * are none.
 */
export async function lookUpTargets(
  client: Client,
  selector: Selector,
  options: TargetOptions = {},
): Promise<Targets> {
  return toTargets(await fetchNodes(client, selector), selector, options);
}

/**
 * The targets that a selector means; nobody is asked when it spells them out. Throws E_NO_TARGET
 * when there are none.
 */
export async function resolveTargets(
  client: Client,
  selector: Selector,
  options: TargetOptions = {},
): Promise<Targets> {
  if (!isSpelledOut(selector)) {
    const { onWait } = options;
    const found = await fetchNodes(client, selector, { isPatient: true, onWait });
    return toTargets(found, selector, options);
  }
  const { unknown } = selectNodes(selector, []);
  return toTargets({ realm: null, nodes: [], unknown, unmatched: [] }, selector, options);
}

/** Whether a selector means any node, or any of the names that it spells out. */
export async function meansAny(client: Client, selector: Selector): Promise<boolean> {
  if (isSpelledOut(selector)) return selectNodes(selector, []).unknown.length > 0;
  return (await fetchNodes(client, selector)).nodes.length > 0;
}

/**
 * What to say of a node that could not be reached: when nobody knows its name, E_NO_TARGET with the
 * nearest names; else undefined.
 */
export async function explainUnreachable(
  client: Client,
  name: string,
): Promise<DagentError | undefined> {
  try {
    const found = await fetchNodes(client, { kind: 'names', names: [name] });
    // Who sees a part of the tree only cannot tell that nobody has the name.
    const isUnknown = found.unknown.includes(name) && found.cutOffAt === undefined;
    return isUnknown ? noTarget(name, found) : undefined;
  } catch (error) {
    // The top cannot be asked: then the first error is all that is known.
    if (error instanceof DagentError) return undefined;
    throw error;
  }
}
