/** The tree as a graph for other programs: in the language of Graphviz, and in that of Mermaid. */
import type { Branch } from './forest.ts';

/** A box of the graph, and the number of the one above it. */
interface Box {
  readonly number: number;
  readonly above: number | undefined;
  readonly branch: Branch;
}

function listBoxes(forest: readonly Branch[]): Box[] {
  const boxes: Box[] = [];
  const walk = (branches: readonly Branch[], above: number | undefined): void => {
    for (const branch of branches) {
      const number = boxes.length;
      boxes.push({ number, above, branch });
      walk(branch.below, number);
    }
  };
  walk(forest, undefined);
  return boxes;
}

/** Two lines: who it is, and what. */
function linesOf({ name, nodes }: Branch): [string, string] {
  const [{ role, state }] = nodes;
  const count = nodes.length === 1 ? '' : `, ${nodes.length} nodes`;
  return [name, `${role}${count}${state === 'lost' ? ', lost' : ''}`];
}

function isLost({ branch }: Box): boolean {
  return branch.nodes[0].state === 'lost';
}

/** A text of dot, in quotes (The DOT Language: only a quote must be escaped, and backslashes). */
function quoteDot(text: string): string {
  return text.replace(/[\\"]/g, '\\$&');
}

/** For `dot -Tsvg`. */
export function formatDot(forest: readonly Branch[]): string {
  const boxes = listBoxes(forest);
  const nodes = boxes.map((box) => {
    const label = linesOf(box.branch).map(quoteDot).join('\\n');
    const style = isLost(box) ? ', style=dashed, color=red' : '';
    return `  n${box.number} [label="${label}"${style}];`;
  });
  const edges = boxes
    .filter(({ above }) => above !== undefined)
    .map(({ above, number }) => `  n${above} -> n${number};`);
  return ['digraph dagent {', '  node [shape=box];', ...nodes, ...edges, '}'].join('\n');
}

/** A text of Mermaid, in quotes: what would end or change it is written as its number. */
function quoteMermaid(text: string): string {
  return text.replace(/["#;<>&`\\]/g, (sign) => `#${sign.charCodeAt(0)};`);
}

/** For a page that shows Mermaid. */
export function formatMermaid(forest: readonly Branch[]): string {
  const boxes = listBoxes(forest);
  const nodes = boxes.map(({ number, branch }) => {
    return `  n${number}["${linesOf(branch).map(quoteMermaid).join('<br/>')}"]`;
  });
  const edges = boxes
    .filter(({ above }) => above !== undefined)
    .map(({ above, number }) => `  n${above} --> n${number}`);
  const lost = boxes.filter(isLost).map(({ number }) => `n${number}`);
  const classes =
    lost.length === 0
      ? []
      : ['  classDef lost stroke:#c00,stroke-dasharray:5 5', `  class ${lost.join(',')} lost`];
  return ['flowchart TD', ...nodes, ...edges, ...classes].join('\n');
}
