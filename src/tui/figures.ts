/** The figures of a node as short text; what is not known is a dash. */
import { escapeLine } from '../base/escape.ts';
import { BUILTIN_SERVICE } from '../protocol/address.ts';

export const UNKNOWN = '-';

const SHORT_UNITS = ' kMGT';
const SHORT_BYTE_UNITS = ' KMGT';
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago, in one unit: `0s`, `59s`, `12m`, `3h`, `40d`. At most four cells for 27 years. */
export function formatAge(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / SECOND_MS))}s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)}m`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / DAY_MS)}d`;
}

/** How long something runs, in two units: `45s`, `12m05s`, `3h07m`, `2d04h`, `120d`. */
export function formatUptime(ms: number): string {
  const two = (count: number) => String(Math.floor(count)).padStart(2, '0');
  if (ms < MINUTE_MS || ms >= 100 * DAY_MS) return formatAge(ms);
  if (ms < HOUR_MS) return `${formatAge(ms)}${two((ms % MINUTE_MS) / SECOND_MS)}s`;
  if (ms < DAY_MS) return `${formatAge(ms)}${two((ms % HOUR_MS) / MINUTE_MS)}m`;
  return `${formatAge(ms)}${two((ms % DAY_MS) / HOUR_MS)}h`;
}

/** A round trip in at most six cells: `0.25ms`, `3.1ms`, `250ms`, `12.0s`; NaN is unknown. */
export function formatRtt(ms: number): string {
  if (Number.isNaN(ms)) return UNKNOWN;
  if (ms < 1) return `${ms.toFixed(2)}ms`;
  if (ms < 10) return `${ms.toFixed(1)}ms`;
  return ms < SECOND_MS ? `${Math.round(ms)}ms` : `${(ms / SECOND_MS).toFixed(1)}s`;
}

/** A load average in at most five cells: `0.42`, `12.5`, `1024`. */
export function formatLoad(load: number): string {
  if (load < 10) return load.toFixed(2);
  return load.toFixed(load < 100 ? 1 : 0);
}

/** Part of the memory that is used, from 0 to 1. */
export function memoryShare(usedBytes: number, totalBytes: number): number {
  return totalBytes > 0 ? Math.min(1, Math.max(0, usedBytes / totalBytes)) : 0;
}

function shorten(amount: number, base: number, units: string): string {
  let scaled = amount;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= base;
    unit++;
  }
  const digits = unit > 0 && scaled < 9.95 ? 1 : 0;
  return scaled.toFixed(digits) + units.charAt(unit).trim();
}

/** An amount in at most four cells: `0`, `999`, `1.2k`, `45k`, `7.8M`. */
export function formatShort(amount: number): string {
  return shorten(amount, 1_000, SHORT_UNITS);
}

/** Bytes in at most four cells: as `formatBytes`, with `1.2K` for 1.2 KiB and `25G` for 25 GiB. */
export function formatShortBytes(bytes: number): string {
  return shorten(bytes, 1_024, SHORT_BYTE_UNITS);
}

/** So many a second: as {@link formatShort}, and `0.25` where it is less than ten. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0 || perSecond >= 9.995) return formatShort(perSecond);
  return perSecond.toFixed(perSecond < 0.995 ? 2 : 1);
}

/** Bytes a second: as {@link formatShortBytes}, and `0.25` where it is less than ten. */
export function formatByteRate(perSecond: number): string {
  return perSecond < 9.995 ? formatRate(perSecond) : formatShortBytes(perSecond);
}

/** A number of things, in groups of three digits: `4,310`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Services that someone registered under a name: neither the daemon's own nor unnamed ends. */
export function namedServices(services: readonly string[]): string[] {
  return services
    .filter((service) => service !== BUILTIN_SERVICE && !service.startsWith('~'))
    .map(escapeLine);
}
