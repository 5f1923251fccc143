/**
 * What a terminal tells of the mouse (SGR reports), taken out of what is typed. Ink knows no mouse
 * and drops what it does not know, so it is handed a stdin from which the reports are gone.
 */
/** The cell that the mouse is on is counted from 0. */
export type MouseEvent = { readonly column: number; readonly row: number } & (
  | { readonly kind: 'click' }
  | { readonly kind: 'wheel'; readonly isDown: boolean }
);

const LEFT = 0;
const WHEEL_UP = 64;
const WHEEL_DOWN = 65;
/** Button, column, row, pressed or let go. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with an escape
const REPORT = /\x1b\[<(\d{1,3});(\d{1,5});(\d{1,5})([Mm])/g;
/** The beginning of a report whose end is still to come; no key begins so. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it begins with an escape
const BEGUN = /\x1b\[<[\d;]{0,15}$/;

function toEvent([, button, column, row, end]: RegExpExecArray): MouseEvent | undefined {
  if (end !== 'M') return undefined;
  const at = { column: Number(column) - 1, row: Number(row) - 1 };
  if (Number(button) === WHEEL_UP) return { kind: 'wheel', isDown: false, ...at };
  if (Number(button) === WHEEL_DOWN) return { kind: 'wheel', isDown: true, ...at };
  return Number(button) === LEFT ? { kind: 'click', ...at } : undefined;
}

/** Takes the reports out of what is typed, piece by piece: returns the rest of each. */
export function createMouseSplitter(
  onMouse: (event: MouseEvent) => void,
): (text: string) => string {
  let begun = '';
  return (text) => {
    const all = begun + text;
    for (const match of all.matchAll(REPORT)) {
      const event = toEvent(match);
      if (event !== undefined) onMouse(event);
    }
    const rest = all.replace(REPORT, '');
    begun = BEGUN.exec(rest)?.[0] ?? '';
    return rest.slice(0, rest.length - begun.length);
  };
}

/** `stdin` for a reader of keys: what the mouse does goes to `onMouse` instead. */
export function withoutMouse(
  stdin: NodeJS.ReadStream,
  onMouse: (event: MouseEvent) => void,
): NodeJS.ReadStream {
  const split = createMouseSplitter(onMouse);
  const read = (): string | null => {
    const chunk: string | Buffer | null = stdin.read();
    return chunk === null ? null : split(chunk.toString());
  };
  return new Proxy(stdin, {
    get: (target, key) => {
      if (key === 'read') return read;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
