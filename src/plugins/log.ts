/** What of a plugin's words goes into the log: so many lines a second, escaped; others count. */
import { takeToken } from '../base/bucket.ts';
import { escapeLine } from '../base/escape.ts';
import type { Plugin } from './state.ts';

/** Says something about a plugin. */
export function logAbout(
  plugin: Plugin,
  level: 'info' | 'warn',
  message: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  const { file } = plugin.config;
  plugin.outputs.push({ kind: 'log', level, message, fields: { plugin: file, ...fields } });
}

/** Says something that the plugin caused, unless it causes too much. */
export function logLine(plugin: Plugin, message: string, text: string, nowMs: number): void {
  if (!takeToken(plugin.logBucket, nowMs)) {
    plugin.untoldCount++;
    plugin.counters.suppressed++;
    return;
  }
  tellSuppressed(plugin);
  logAbout(plugin, message === 'plugin says' ? 'info' : 'warn', message, {
    text: escapeLine(text),
  });
}

/** Says how many lines were left out. */
export function tellSuppressed(plugin: Plugin): void {
  if (plugin.untoldCount === 0) return;
  logAbout(plugin, 'warn', 'lines of a plugin were left out', { count: plugin.untoldCount });
  plugin.untoldCount = 0;
}

/** Logs the lines of its stderr that are whole. */
export function logStderr(plugin: Plugin, nowMs: number): void {
  for (const line of plugin.logLines.splice(0)) {
    const text = line.toString('utf8').trimEnd();
    if (text !== '') logLine(plugin, 'plugin says', text, nowMs);
  }
}
