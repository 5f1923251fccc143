/** What is done on nodes from the screen. */

export type RunSpec =
  | { readonly kind: 'exec'; readonly nodes: readonly string[]; readonly command: string }
  | {
      readonly kind: 'copy';
      readonly nodes: readonly string[];
      /** File or directory of this host, and where it goes on the nodes. */
      readonly file: string;
      readonly path: string;
    }
  | { readonly kind: 'info'; readonly node: string }
  | { readonly kind: 'trace'; readonly node: string }
  | { readonly kind: 'sniff'; readonly node: string; readonly expression: string }
  /** The output of a job, as it is written. */
  | { readonly kind: 'job'; readonly node: string; readonly id: string }
  /** The end of a job. */
  | { readonly kind: 'end'; readonly node: string; readonly id: string };

/** The nodes that it is done on. */
export function nodesOf(spec: RunSpec): readonly string[] {
  return 'nodes' in spec ? spec.nodes : [spec.node];
}

/** `web1`, or `12 nodes`. */
export function nameNodes(nodes: readonly string[]): string {
  return nodes.length === 1 ? (nodes[0] ?? '') : `${nodes.length} nodes`;
}

/** What it is, in a few words: `exec on 2 nodes: uptime`. */
export function titleOf(spec: RunSpec): string {
  const where = nameNodes(nodesOf(spec));
  switch (spec.kind) {
    case 'exec':
      return `exec on ${where}: ${spec.command}`;
    case 'copy':
      return `copy ${spec.file} to ${where}:${spec.path}`;
    case 'job':
      return `output of job ${spec.id} on ${where}`;
    case 'end':
      return `end job ${spec.id} on ${where}`;
    case 'sniff':
      return `sniff ${where} ${spec.expression}`.trimEnd();
    default:
      return `${spec.kind} ${where}`;
  }
}
