/**
 * What is written how. Sixteen colours, which every terminal has and every theme sets legibly; and
 * without colour bold, faint and reverse. No meaning is in the colour alone: states have symbols.
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
  alarm: ['1;7', '22;27'],
  key: ['1', '22'],
  chart: ['', ''],
};

const COLOURED: Palette = {
  ...MONOCHROME,
  faint: ['90', '39'],
  good: ['32', '39'],
  warning: ['33', '39'],
  bad: ['31', '39'],
  heading: ['36;4', '39;24'],
  alarm: ['97;41', '39;49'],
  key: ['1;36', '22;39'],
  chart: ['36', '39'],
};

export function paletteFor(hasColour: boolean): Palette {
  return hasColour ? COLOURED : MONOCHROME;
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
