/**
 * Who imports whom: the edges between the files of the project, and to the packages that they use.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { type Import, importsOf } from './source.ts';

export interface Edge extends Import {
  /** Path of the importing file, from the root of the project. */
  readonly file: string;
  /** Path of the imported file, from the root of the project; or the name of a package. */
  readonly target: string;
  readonly isPackage: boolean;
}

/** `node:fs` of `node:fs/promises`, `@oclif/core` of `@oclif/core/help`, `ink` of `ink`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** All edges of the files that match `patterns`, below the directory `root`. */
export function readEdges(root: string, patterns: readonly string[]): Edge[] {
  const files = globSync([...patterns], { cwd: root }).sort();
  return files.flatMap((file) =>
    importsOf(readFileSync(join(root, file), 'utf8')).map((each) => {
      const isPackage = !each.specifier.startsWith('.');
      const target = isPackage
        ? packageOf(each.specifier)
        : normalize(join(dirname(file), each.specifier));
      return { ...each, file, target, isPackage };
    }),
  );
}

/** A ring of files that need each other to load, or undefined when there is none. */
export function findCycle(edges: readonly Edge[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const { file, target, isPackage, isDynamic, isType } of edges) {
    if (!isPackage && !isDynamic && !isType) next.set(file, [...(next.get(file) ?? []), target]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of next.get(file) ?? []) {
      const cycle = visit(target, [...path, file]);
      if (cycle !== undefined) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const cycle = visit(file, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
