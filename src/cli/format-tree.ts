/** The tree in lines, for `dagent tree`. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { rankOf } from '../protocol/flag.ts';
import type { NodeStatus } from '../protocol/status.ts';
import { cutToWidth } from './cells.ts';
import type { Branch } from './forest.ts';

const [BOLD, DIM, RED, YELLOW] = [1, 2, 31, 33];

function paint(text: string, colour: number): string {
  return text === '' ? '' : `\x1b[${colour}m${text}\x1b[0m`;
}

/** `0.40ms`, or the shortest and the longest of several. */
function formatRtts(nodes: readonly NodeStatus[]): string {
  const times = nodes.map(({ rttMs }) => rttMs).filter((rttMs) => rttMs !== null);
  if (times.length === 0) return '';
  const [least, most] = [Math.min(...times), Math.max(...times)].map(formatDuration);
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** `2 flags (error)`: of nodes that are alike each has as many. */
function formatFlags({ flags }: NodeStatus, isOne: boolean): string {
  if (flags === undefined) return '';
  const { count, worst } = flags;
  return `${count} ${count === 1 ? 'flag' : 'flags'}${isOne ? '' : ' each'} (${worst})`;
}

function colourOf({ flags }: NodeStatus): number {
  return flags !== undefined && rankOf(flags.worst) >= rankOf('error') ? RED : YELLOW;
}

function join(words: readonly string[]): string {
  return words.filter((word) => word !== '').join('  ');
}

export interface TreeLook {
  readonly hasColour: boolean;
  /** Cells of a line: what is said of a node is cut, its name and its flags are not. */
  readonly widthMax: number;
}

function describe({ name, nodes }: Branch, { hasColour, widthMax }: TreeLook): string {
  const [node] = nodes;
  const isOne = nodes.length === 1;
  const pairs = Object.entries(node.labels).map(([label, value]) => `${label}=${value}`);
  const all = join([
    node.role,
    isOne ? '' : `${nodes.length} nodes`,
    node.state === 'up' ? formatRtts(nodes) : 'lost',
    node.services.map(escapeLine).join(' '),
    pairs.map(escapeLine).join(' '),
  ]);
  const flags = formatFlags(node, isOne);
  const shown = escapeLine(name);
  const left = widthMax - join([shown, '', flags]).length - 2;
  const words = left < 1 ? '' : cutToWidth(all, left);
  if (!hasColour) return join([shown, words, flags]);
  const painted = paint(flags, colourOf(node));
  if (node.state === 'lost') return join([paint(join([shown, words]), RED), painted]);
  return join([paint(shown, BOLD), paint(words, DIM), painted]);
}

/** One line for each branch, those below it indented. */
export function formatTree(forest: readonly Branch[], look: TreeLook): string {
  const lines: string[] = [];
  const walk = (branches: readonly Branch[], indent: string, isTop: boolean): void => {
    for (const [at, branch] of branches.entries()) {
      const isLast = at === branches.length - 1;
      const mark = isTop ? '' : isLast ? '└─ ' : '├─ ';
      const before = indent + mark;
      const widthMax = look.widthMax - before.length;
      lines.push(before + describe(branch, { ...look, widthMax }));
      walk(branch.below, isTop ? '' : `${indent}${isLast ? '   ' : '│  '}`, false);
    }
  };
  walk(forest, '', true);
  return lines.join('\n');
}
