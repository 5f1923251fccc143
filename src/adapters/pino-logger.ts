/** The log as NDJSON in a file, or on stderr; written at once, so that a crash loses nothing. */
import { pino } from 'pino';
import type { LogFields, Logger } from '../ports/logger.ts';
import { LogSink } from './log-sink.ts';

/** A logger for the node `name`. `file` null: stderr. Throws E_CANNOT_WRITE. */
export function createLogger(name: string, file: string | null): Logger {
  const sink = new LogSink(file, (count) => log.warn({ count }, 'lines of the log were lost'));
  const options = {
    base: { node: name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = pino(options, sink);
  return {
    debug: (message: string, fields: LogFields = {}) => log.debug(fields, message),
    info: (message: string, fields: LogFields = {}) => log.info(fields, message),
    warn: (message: string, fields: LogFields = {}) => log.warn(fields, message),
    error: (message: string, fields: LogFields = {}) => log.error(fields, message),
  };
}
