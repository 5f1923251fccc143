/**
 * Reads TypeScript just well enough for the project's own rules: which characters are code, and
 * which are a comment, a string, a template or a regular expression; what a file imports; how long
 * its functions are. A scanner and a few patterns instead of a parser: quick, and independent of
 * the compiler's version.
 */

/** A stretch of the text that is not code, its quotes and slashes included; `end` is excluded. */
interface Span {
  readonly kind: 'comment' | 'string' | 'template' | 'regex';
  readonly start: number;
  readonly end: number;
}

/** One import or re-export. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** `import()` rather than a declaration: loaded when it is needed. */
  readonly isDynamic: boolean;
  /** Erased before the code runs. */
  readonly isType: boolean;
}

export interface FunctionSize {
  readonly line: number;
  readonly lineCount: number;
}

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'?|"(?:[^"\\\n]|\\[\s\S])*"?/y;
/** From a backquote, or from the brace that ends a `${}`, to the next `${` or to the end. */
const TEMPLATE = /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y;
const REGEX = /\/(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** What stands before a slash that begins a regular expression; elsewhere it divides. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};>+*%~^-]|\b(?:return|typeof|case|of|throw|else|do))\s*$/;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * The stretch that begins at `at`, if one does. `isInTemplate` says whether a `}` here goes on with
 * one.
 */
function spanAt(text: string, at: number, isInTemplate: boolean): Span | undefined {
  const character = text[at] ?? '';
  const make = (kind: Span['kind'], match: string | undefined): Span | undefined =>
    match === undefined ? undefined : { kind, start: at, end: at + match.length };
  if (character === '/') {
    const comment = make('comment', matchAt(COMMENT, text, at));
    if (comment !== undefined) return comment;
    const before = text.slice(Math.max(0, at - 40), at);
    return BEFORE_REGEX.test(before) ? make('regex', matchAt(REGEX, text, at)) : undefined;
  }
  // An apostrophe within a word is one of the text in JSX.
  if ((character === "'" || character === '"') && !/\w/.test(text[at - 1] ?? '')) {
    return make('string', matchAt(STRING, text, at));
  }
  const isTemplate = character === '`' || (character === '}' && isInTemplate);
  return isTemplate ? make('template', matchAt(TEMPLATE, text, at)) : undefined;
}

function findSpans(text: string): Span[] {
  const spans: Span[] = [];
  // Braces that are open within each `${}` that is open, the innermost last; the file itself is
  // first.
  const open: number[] = [1];
  for (let at = 0; at < text.length; ) {
    const span = spanAt(text, at, open.at(-1) === 0);
    if (span === undefined) {
      if (text[at] === '{') open.push((open.pop() ?? 0) + 1);
      if (text[at] === '}') open.push((open.pop() ?? 0) - 1);
      at++;
      continue;
    }
    if (span.kind === 'template') {
      if (text[at] === '}') open.pop();
      if (text.endsWith('${', span.end)) open.push(0);
    }
    spans.push(span);
    at = span.end;
  }
  return spans;
}

/**
 * The text with blanks in place of the spans, and `mark` in place of each character of a string.
 */
function blank(text: string, spans: readonly Span[], mark = ' '): string {
  let result = '';
  let at = 0;
  for (const { kind, start, end } of spans) {
    const filler = kind === 'string' ? mark : ' ';
    result += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, filler);
    at = end;
  }
  return result + text.slice(at);
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/**
 * The text with all that is not code turned into blanks: every character keeps its line and column.
 */
export function codeOf(text: string): string {
  return blank(text, findSpans(text));
}

/** The text with all that is not a comment turned into blanks. */
export function commentsOf(text: string): string {
  const comments = findSpans(text).filter((span) => span.kind === 'comment');
  const edges = [0, ...comments.flatMap(({ start, end }) => [start, end]), text.length];
  const rest: Span[] = [];
  for (let index = 0; index < edges.length; index += 2) {
    rest.push({ kind: 'string', start: edges[index] ?? 0, end: edges[index + 1] ?? text.length });
  }
  return blank(text, rest);
}

/** All that a file imports, re-exports, or loads with `import()`. */
export function importsOf(text: string): Import[] {
  const spans = findSpans(text);
  const code = blank(text, spans);
  return spans.flatMap((span) => {
    if (span.kind !== 'string') return [];
    const before = code.slice(0, span.start);
    const declaration = /\b(?:import|export)\b([^;=()]*\bfrom)?\s*$/.exec(before);
    const isDynamic = /\bimport\s*\(\s*$/.test(before);
    if (declaration === null && !isDynamic) return [];
    const specifier = text.slice(span.start + 1, span.end - 1);
    const isType = isDynamic
      ? /\btypeof\s+import\s*\(\s*$/.test(before)
      : /^\s+type\b(?!\s+from)/.test(declaration?.[1] ?? '');
    return [{ specifier, line: lineAt(text, span.start), isDynamic, isType }];
  });
}

const PAIRS: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']' };

/** Offset behind the bracket that closes the one at `start`. */
function skipBracket(code: string, start: number): number {
  const opening = code[start] ?? '';
  const closing = PAIRS[opening] ?? '';
  let depth = 0;
  for (let at = start; at < code.length; at++) {
    if (code[at] === opening) depth++;
    if (code[at] === closing && --depth === 0) return at + 1;
  }
  return code.length;
}

/**
 * Offset of the brace that opens the body behind a list of parameters that ends at `at`; undefined
 * when there is none. A brace where a type is expected belongs to the result's type.
 */
function findBody(code: string, at: number): number | undefined {
  const colon = /\s*:/y;
  const isTyped = matchAt(colon, code, at);
  if (isTyped === undefined) {
    const brace = matchAt(/\s*\{/y, code, at);
    return brace === undefined ? undefined : at + brace.length - 1;
  }
  let position = at + isTyped.length;
  let isTypeExpected = true;
  while (position < code.length) {
    const character = code[position] ?? '';
    if (character === '{' && !isTypeExpected) return position;
    if (character === ';' || character === ',' || character === '=') return undefined;
    if (/\s/.test(character)) {
      position++;
      continue;
    }
    isTypeExpected = /[:|&<]/.test(character);
    position = character in PAIRS ? skipBracket(code, position) : position + 1;
  }
  return undefined;
}

/** A line that may begin a method: words before it, its name, type parameters, a bracket. */
const METHOD =
  /^ +(?:(?:async|static|private|protected|get|set|override) +)*\*?#?(\w+)(?:<[^(\n]*>)?\(/gm;
const NO_METHOD = new Set(['if', 'for', 'while', 'switch', 'catch', 'function', 'return', 'super']);

/**
 * Offsets of the brackets that open the bodies of the functions, and of where each function begins.
 */
function findFunctions(code: string): { start: number; body: number }[] {
  const found: { start: number; body: number }[] = [];
  for (const match of code.matchAll(/=>\s*([{(])/g)) {
    found.push({ start: match.index, body: match.index + match[0].length - 1 });
  }
  const heads = [...code.matchAll(/\bfunction\b[^(]*\(/g)];
  heads.push(...[...code.matchAll(METHOD)].filter((match) => !NO_METHOD.has(match[1] ?? '')));
  for (const match of heads) {
    const parameters = match.index + match[0].length - 1;
    const body = findBody(code, skipBracket(code, parameters));
    const start = match.index + match[0].search(/\S/);
    if (body !== undefined) found.push({ start, body });
  }
  return found;
}

/** Where each function of a file begins, and how many lines it has, its head included. */
export function functionsOf(text: string): FunctionSize[] {
  // A string that is a type must not look as if the type were still to come.
  const code = blank(text, findSpans(text), '_');
  return findFunctions(code).map(({ start, body }) => {
    const line = lineAt(code, start);
    return { line, lineCount: lineAt(code, skipBracket(code, body)) - line + 1 };
  });
}
