/** The part of the registry of errors that is about plugins. See error-table.ts. */
import type { ErrorEntry } from './error-table-nodes.ts';

export const PLUGIN_ERRORS = {
  // Plugins.
  E_NO_PLUGIN: {
    message: '{node} has no plugin {name}',
    hint: 'see which there are: dagent plugin ls --at {node}',
    exit: 3,
  },
  E_PLUGIN_UNSAFE: {
    message: '{path} cannot be trusted: {reason}',
    hint: 'let it, and all above it, belong to root or the user of the daemon: chown, chmod go-w',
    exit: 4,
  },
  E_TOO_MANY_PLUGINS: {
    message: 'the plugin {file} is not started: there are {max} before it',
    hint: 'take away what is not wanted, or make several plugins one',
    exit: 1,
  },
  E_PLUGIN_REFUSED: {
    message: 'the plugin {file} is not taken: {reason}',
    hint: 'correct it: it is started again when its file changes, or by dagent plugin reload',
    exit: 1,
  },
  E_PLUGIN_DOWN: {
    message: 'the plugin {file} is {state} and does not answer',
    hint: 'see why: dagent plugin show {file} --at NODE; its log, on that host: dagent daemon logs',
    exit: 5,
    retryable: true,
  },
  E_PLUGIN_DIED: {
    message: 'the plugin {file} ended: {how}',
    hint: 'it is started again; what it wrote is in the log: dagent daemon logs',
    exit: 5,
    retryable: true,
  },
  E_PLUGIN_SILENT: {
    message: 'the plugin {file} did not say hello within {ms} ms, and was ended',
    hint: 'its first line is {"type":"hello",...}, flushed; its log: dagent daemon logs',
    exit: 5,
    retryable: true,
  },
  E_PLUGIN_BROKEN: {
    message: 'the plugin {file} was ended, because it wrote {what}',
    hint: 'only lines of the protocol belong on its stdout; all else goes to stderr',
    exit: 5,
    retryable: true,
  },
  E_PLUGIN_MEMORY: {
    message: 'the plugin {file} was ended, because it had {bytes} bytes of memory (at most {max})',
    hint: 'see where it goes, or let its hello ask for more: memoryBytes',
    exit: 5,
    retryable: true,
  },
  E_PLUGIN_STUCK: {
    message: 'the plugin {file} was ended, because it did not let go of {method} within {ms} ms',
    hint: 'let the method end sooner, or give it more time: timeoutMs in the hello',
    exit: 5,
    retryable: true,
  },
  E_PLUGIN_TIMEOUT: {
    message: '{method} of the plugin {file} did not answer within {ms} ms',
    exit: 124,
    retryable: true,
  },
  E_PLUGIN_BUSY: {
    message: 'the plugin {file} does not keep up: {count} calls wait, {bytes} bytes are unread',
    exit: 1,
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
