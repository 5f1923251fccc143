/** The words of `dagent cp`: what is on this host, what is on nodes, and which way it goes. */
import { basename, resolve } from 'node:path';
import { DagentError } from '../protocol/errors.ts';

/** `TARGET:PATH`. Without a target, flags say which nodes are meant. */
export interface RemotePath {
  readonly target: string;
  readonly path: string;
}

export type CopyWords =
  | { readonly kind: 'out'; readonly sources: readonly string[]; readonly to: RemotePath }
  | { readonly kind: 'in'; readonly from: RemotePath; readonly to: string };

/**
 * What is on nodes: the colon before a path, or else the last one. A word with a `/` before its
 * first colon is a local path; so is one without a colon.
 */
export function parseRemote(word: string): RemotePath | undefined {
  const first = word.indexOf(':');
  const slash = word.indexOf('/');
  if (first < 0 || (slash >= 0 && slash < first)) return undefined;
  const before = word.indexOf(':/');
  const at = before < 0 ? word.lastIndexOf(':') : before;
  return { target: word.slice(0, at), path: word.slice(at + 1) };
}

function usage(reason: string): DagentError {
  return new DagentError('E_USAGE', { reason });
}

function checkNames(sources: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of sources.map((source) => basename(resolve(source)))) {
    if (seen.has(name)) throw usage(`two sources are called ${name}`);
    seen.add(name);
  }
}

/** Which way the words mean. Throws E_USAGE. */
export function readWords(words: readonly string[]): CopyWords {
  const [last, ...rest] = words.toReversed();
  const sources = rest.toReversed();
  if (last === undefined || sources.length === 0) {
    throw usage('a source and a destination are needed: cp FILE TARGET:PATH, cp TARGET:PATH DIR');
  }
  const to = parseRemote(last);
  const remote = sources.map(parseRemote).filter((each) => each !== undefined);
  const [from] = remote;
  if (to !== undefined) {
    if (from !== undefined) throw usage('from node to node: copy it here first, or use exec');
    checkNames(sources);
    return { kind: 'out', sources, to };
  }
  if (from === undefined) throw usage('neither side is on a node: write TARGET:PATH');
  if (sources.length > 1) throw usage('from nodes comes one PATH at a time; a directory with -r');
  return { kind: 'in', from, to: last };
}
