/** The characters with which the screen is drawn, each one cell wide unless it says otherwise. */
import { BLOCKS } from '../base/bars.ts';

export interface Glyphs {
  readonly up: string;
  readonly lost: string;
  /** Two cells each: how a branch goes on below a row, or does not. */
  readonly through: string;
  readonly nothing: string;
  /** Two cells each: how a row hangs on its parent, the last child and the others. */
  readonly branch: string;
  readonly lastBranch: string;
  /** Before a name: children below it are shown, are hidden; it has none. */
  readonly open: string;
  readonly folded: string;
  readonly childless: string;
  readonly full: string;
  readonly empty: string;
  /** The parts of a column, from the lowest to a full cell. */
  readonly levels: string;
  /** Between the rows and what is beside them. */
  readonly divider: string;
  readonly ellipsis: string;
  readonly cursor: string;
  /** Beside the title of the column that is sorted by: lowest first, highest first. */
  readonly rising: string;
  readonly falling: string;
  readonly marked: string;
  /** Names of keys on the screen, where they are not their own. */
  readonly keys: Readonly<Record<string, string>>;
}

const KEYS = {
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  tab: 'Tab',
  return: 'Enter',
  escape: 'Esc',
  backspace: 'Bksp',
  ' ': 'Space',
};

const UNICODE: Glyphs = {
  up: '●',
  lost: '○',
  through: '│ ',
  nothing: '  ',
  branch: '├─',
  lastBranch: '└─',
  open: '▾',
  folded: '▸',
  childless: '─',
  full: '█',
  empty: '░',
  divider: '│',
  levels: BLOCKS,
  ellipsis: '…',
  cursor: '█',
  rising: '▲',
  falling: '▼',
  marked: '✓',
  keys: { ...KEYS, up: '↑', down: '↓', left: '←', right: '→' },
};

const ASCII: Glyphs = {
  up: '+',
  lost: 'x',
  through: '| ',
  nothing: '  ',
  branch: '|-',
  lastBranch: '`-',
  open: 'v',
  folded: '>',
  childless: '-',
  full: '#',
  empty: '.',
  divider: '|',
  levels: '_.-=+*%#',
  ellipsis: '~',
  cursor: '_',
  rising: '^',
  falling: 'v',
  marked: '*',
  keys: { ...KEYS, up: 'Up', down: 'Dn', left: 'Lt', right: 'Rt' },
};

/** The glyphs for a terminal that shows UTF-8, or for one that does not. */
export function glyphsFor(isAscii: boolean): Glyphs {
  return isAscii ? ASCII : UNICODE;
}

/** How a key is called on the screen: `↑`, `PgUp`, `^D`, `q`. */
export function keyLabel(key: string, glyphs: Glyphs): string {
  if (key.startsWith('ctrl-')) return `^${key.slice('ctrl-'.length).toUpperCase()}`;
  return glyphs.keys[key] ?? key;
}
