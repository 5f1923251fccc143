/** The log as NDJSON in a file, or on stderr; written at once, so that a crash loses nothing. */
import { destination, pino } from 'pino';
import type { LogFields, Logger } from '../ports/logger.ts';
import { writing } from './files.ts';

/** A logger for the node `name`. `file` null: stderr. Throws E_CANNOT_WRITE. */
export function createLogger(name: string, file: string | null): Logger {
  const open = () => destination({ dest: file ?? 2, sync: true });
  const target = file === null ? open() : writing(file, open);
  // A disk that is full, or a reader that is gone, must not end the daemon: it is what is logged
  // that is lost.
  target.on('error', () => undefined);
  const options = {
    base: { node: name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const log = pino(options, target);
  return {
    debug: (message: string, fields: LogFields = {}) => log.debug(fields, message),
    info: (message: string, fields: LogFields = {}) => log.info(fields, message),
    warn: (message: string, fields: LogFields = {}) => log.warn(fields, message),
    error: (message: string, fields: LogFields = {}) => log.error(fields, message),
  };
}
