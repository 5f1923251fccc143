/** The tree in lines, for `dagent tree`. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import { sortNaturally } from '../base/natural.ts';
import type { NodeStatus } from '../protocol/status.ts';

function describe(node: NodeStatus, hasColour: boolean): string {
  const name = escapeLine(node.name);
  const rtt = node.rttMs === null ? [] : [formatDuration(node.rttMs)];
  const services = node.services.length === 0 ? [] : [node.services.map(escapeLine).join(' ')];
  const pairs = Object.entries(node.labels).map(([label, value]) => `${label}=${value}`);
  const labels = pairs.length === 0 ? [] : [pairs.map(escapeLine).join(' ')];
  const state = node.state === 'up' ? rtt : ['lost'];
  const more = [node.role, ...state, ...services, ...labels].join('  ');
  if (!hasColour) return `${name}  ${more}`;
  return node.state === 'up'
    ? `\x1b[1m${name}\x1b[0m  \x1b[2m${more}\x1b[0m`
    : `\x1b[31m${name}  ${more}\x1b[0m`;
}

/**
 * One line per node, children below their parents; nodes whose parent is not known stand at the
 * top.
 */
export function formatTree(nodes: readonly NodeStatus[], hasColour: boolean): string {
  const names = new Set(nodes.map((node) => node.name));
  const children = Map.groupBy(nodes, ({ parent }) =>
    parent !== null && names.has(parent) ? parent : null,
  );
  const lines: string[] = [];
  const shown = new Set<NodeStatus>();
  const walk = (siblings: readonly NodeStatus[], indent: string, isTop: boolean): void => {
    const left = siblings.filter((node) => !shown.has(node));
    const below = sortNaturally(left, ({ name }) => name);
    for (const [at, node] of below.entries()) {
      if (shown.has(node)) continue;
      shown.add(node);
      const isLast = at === below.length - 1;
      const branch = isTop ? '' : isLast ? '└─ ' : '├─ ';
      lines.push(`${indent}${branch}${describe(node, hasColour)}`);
      const deeper = isTop ? '' : `${indent}${isLast ? '   ' : '│  '}`;
      walk(children.get(node.name) ?? [], deeper, false);
    }
  };
  walk(children.get(null) ?? [], '', true);
  // News that crossed on their way can make two nodes each other's parent, for a moment.
  walk(nodes, '', true);
  return lines.join('\n');
}
