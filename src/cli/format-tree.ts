/** The tree in lines, for `dagent tree`. */
import { formatDuration } from '../base/duration.ts';
import { escapeLine } from '../base/escape.ts';
import type { NodeStatus } from '../protocol/status.ts';

const byName = new Intl.Collator('en', { numeric: true });

function describe(node: NodeStatus, hasColour: boolean): string {
  const name = escapeLine(node.name);
  const rtt = node.rttMs === null ? [] : [formatDuration(node.rttMs)];
  const services = node.services.length === 0 ? [] : [node.services.map(escapeLine).join(' ')];
  const more = [node.role, ...(node.state === 'up' ? rtt : ['lost']), ...services].join('  ');
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
  const children = Map.groupBy(nodes, (node) =>
    node.parent !== null && names.has(node.parent) ? node.parent : '',
  );
  const lines: string[] = [];
  const walk = (parent: string, indent: string): void => {
    const below = (children.get(parent) ?? []).toSorted((a, b) => byName.compare(a.name, b.name));
    for (const [at, node] of below.entries()) {
      const isLast = at === below.length - 1;
      const branch = parent === '' ? '' : isLast ? '└─ ' : '├─ ';
      lines.push(`${indent}${branch}${describe(node, hasColour)}`);
      walk(node.name, parent === '' ? '' : `${indent}${isLast ? '   ' : '│  '}`);
    }
  };
  walk('', '');
  return lines.join('\n');
}
