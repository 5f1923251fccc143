/**
 * Wraps comments. What overflows a line goes to the next line of its paragraph. Lists, drawings and
 * indented text stay as they are.
 */

const LINE_LENGTH_MAX = 100;
/** A line that is all comment: indentation, mark, text. */
const COMMENT = /^(\s*)(\/\*\*|\*(?!\/)|\/\/|#(?!!)) (.*)$/;
/** Text that begins something of its own: a list item, a tag, a drawing, an indented example. */
const BEGINS = /^(?:\s|[-*|+@]|\d+\.\s|$|\*\/)/;

/** The mark that goes on with a comment which began with `mark`. */
function nextMark(indent: string, mark: string): string {
  return mark === '/**' ? `${indent} * ` : `${indent}${mark} `;
}

/** The two halves of a line that is too long, cut at the last blank that fits. */
function cut(line: string, prefixLength: number): [string, string] | undefined {
  const at = line.lastIndexOf(' ', LINE_LENGTH_MAX);
  return at <= prefixLength ? undefined : [line.slice(0, at), line.slice(at + 1)];
}

/** The lines with every comment wrapped. */
export function wrapComments(lines: readonly string[]): string[] {
  const rest = [...lines];
  const wrapped: string[] = [];
  for (let line = rest.shift(); line !== undefined; line = rest.shift()) {
    const [, indent = '', mark = '', text = ''] = COMMENT.exec(line) ?? [];
    if (line.length <= LINE_LENGTH_MAX || mark === '' || /^\s/.test(text)) {
      wrapped.push(line);
      continue;
    }
    if (mark === '/**' && text.endsWith('*/')) {
      // A comment of one line becomes one of several, and comes round again.
      rest.unshift(`${indent} * ${text.slice(0, -2).trimEnd()}`, `${indent} */`);
      wrapped.push(`${indent}/**`);
      continue;
    }
    const prefix = nextMark(indent, mark);
    const [head, tail] = cut(line, prefix.length) ?? [line];
    wrapped.push(head);
    if (tail === undefined) continue;
    const [, nextIndent, , nextText = ''] = COMMENT.exec(rest[0] ?? '') ?? [];
    const isBeside = nextIndent === (mark === '/**' ? `${indent} ` : indent);
    const goesOn = isBeside && !BEGINS.test(nextText);
    if (goesOn && !tail.endsWith('*/')) rest.shift();
    rest.unshift(`${prefix}${goesOn ? `${tail} ${nextText}` : tail}`);
  }
  return wrapped;
}
