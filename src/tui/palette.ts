/**
 * What is written how. Where a terminal has sixteen colours, those, which every theme sets legibly;
 * where it has more, colours that are told apart more easily; and without colour bold, faint and
 * reverse. No meaning is in the colour alone: states have symbols.
 */

export type Style =
  | 'plain'
  | 'title'
  | 'faint'
  | 'good'
  | 'warning'
  | 'bad'
  | 'heading'
  | 'selected'
  | 'selectedPast'
  | 'alarm'
  | 'key'
  | 'chart';

/** Numbers of ECMA-48 SGR that begin a style and end it. */
type Codes = readonly [begin: string, end: string];
export type Palette = Readonly<Record<Style, Codes>>;

const MONOCHROME: Palette = {
  plain: ['', ''],
  title: ['1', '22'],
  faint: ['2', '22'],
  good: ['', ''],
  warning: ['1', '22'],
  bad: ['1', '22'],
  heading: ['4', '24'],
  selected: ['7', '27'],
  selectedPast: ['2;7', '22;27'],
  alarm: ['1;7', '22;27'],
  key: ['1', '22'],
  chart: ['', ''],
};

/** A style in sixteen, in 256 and in all colours. */
type Shades = Readonly<Partial<Record<Style, readonly [string, string, string]>>>;

const DARK: Shades = {
  faint: ['90', '38;5;245', '38;2;138;143;152'],
  good: ['32', '38;5;114', '38;2;126;211;135'],
  warning: ['33', '38;5;221', '38;2;240;200;90'],
  bad: ['31', '38;5;203', '38;2;255;107;107'],
  heading: ['36;4', '38;5;80;4', '38;2;94;204;214;4'],
  selected: ['7', '48;5;24;38;5;231', '48;2;30;80;120;38;2;255;255;255'],
  selectedPast: ['90;7', '48;5;238;38;5;250', '48;2;62;66;74;38;2;190;195;203'],
  alarm: ['97;41', '38;5;231;48;5;160', '38;2;255;255;255;48;2;200;30;40'],
  key: ['1;36', '1;38;5;80', '1;38;2;94;204;214'],
  chart: ['36', '38;5;80', '38;2;94;204;214'],
};

const LIGHT: Shades = {
  faint: ['90', '38;5;242', '38;2;105;110;118'],
  good: ['32', '38;5;28', '38;2;20;120;40'],
  warning: ['35', '38;5;130', '38;2;160;90;0'],
  bad: ['31', '38;5;160', '38;2;190;20;30'],
  heading: ['34;4', '38;5;25;4', '38;2;10;80;160;4'],
  selected: ['7', '48;5;153;38;5;16', '48;2;180;215;255;38;2;0;0;0'],
  selectedPast: ['90;7', '48;5;252;38;5;240', '48;2;215;218;222;38;2;85;90;98'],
  alarm: ['97;41', '38;5;231;48;5;160', '38;2;255;255;255;48;2;190;20;30'],
  key: ['1;34', '1;38;5;25', '1;38;2;10;80;160'],
  chart: ['34', '38;5;25', '38;2;10;80;160'],
};

/** Nothing is fainter than the rest, and what matters is bold and bright. */
const CONTRAST: Shades = {
  faint: ['37', '37', '37'],
  good: ['1;92', '1;92', '1;92'],
  warning: ['1;93', '1;93', '1;93'],
  bad: ['1;91', '1;91', '1;91'],
  heading: ['1;97;4', '1;97;4', '1;97;4'],
  selectedPast: ['7', '7', '7'],
  alarm: ['1;97;41', '1;97;41', '1;97;41'],
  key: ['1;96', '1;96', '1;96'],
  chart: ['96', '96', '96'],
};

const SKINS = { dark: DARK, light: LIGHT, contrast: CONTRAST, mono: {} } satisfies Record<
  string,
  Shades
>;
export type SkinName = keyof typeof SKINS;
export const SKIN_NAMES = Object.keys(SKINS) as readonly SkinName[];

export function isSkinName(name: unknown): name is SkinName {
  return typeof name === 'string' && Object.hasOwn(SKINS, name);
}

/** The number that ends what `code` sets. */
function endOfCode(code: number): number {
  if (code <= 2) return 22;
  if (code < 10) return code + 20;
  return code < 40 || (code >= 90 && code < 100) ? 39 : 49;
}

/** What ends each part of a style that `begin` sets. */
function endOf(begin: string): string {
  const codes = begin.split(';').map(Number);
  const ends = new Set<number>();
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!;
    ends.add(endOfCode(code));
    // The numbers of a colour of 256, of one by its parts.
    if (code === 38 || code === 48) at += codes[at + 1] === 5 ? 2 : 4;
  }
  return [...ends].join(';');
}

/** The styles of a skin where a colour has so many bits; with one bit there are no colours. */
export function paletteFor(skin: SkinName, colourBits: number): Palette {
  if (colourBits < 4) return MONOCHROME;
  const depth = colourBits >= 24 ? 2 : colourBits >= 8 ? 1 : 0;
  const shades = Object.entries(SKINS[skin] as Shades).map(([style, byDepth]) => {
    const begin = byDepth[depth];
    return [style, [begin, endOf(begin)]];
  });
  return { ...MONOCHROME, ...(Object.fromEntries(shades) as Partial<Palette>) };
}

/** How a value is written that is a warning from `high` on, and trouble from `tooHigh` on. */
export function grade(value: number, high: number, tooHigh: number): Style {
  if (value >= tooHigh) return 'bad';
  return value >= high ? 'warning' : 'plain';
}

/** `text` in `style`. */
export function paint(palette: Palette, style: Style, text: string): string {
  const [begin, end] = palette[style];
  return begin === '' || text === '' ? text : `\x1b[${begin}m${text}\x1b[${end}m`;
}
