/** Sizes in bytes, shown and read with binary units. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `512 B`, `1.5 KiB`, `24 GiB`: at most three digits. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  // From 999.5 on, the rounded number would have four digits.
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit++;
  }
  const digits = unit === 0 || amount >= 9.95 ? 0 : 1;
  return `${amount.toFixed(digits)} ${UNITS[unit]}`;
}

/** Bytes in `10000`, `64k`, `10Mi`, `1 GiB` (units of 1024); undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b?)?\s*$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const bytes = Math.round(Number(amount) * 1024 ** ' kmgt'.indexOf(unit?.toLowerCase() || ' '));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
