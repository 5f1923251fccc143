/** The part of the registry of errors that is about durable messages. See error-table.ts. */
import type { ErrorEntry } from './error-table-nodes.ts';

export const MAILBOX_ERRORS = {
  // Durable messages.
  E_MAILBOX_FULL: {
    message: 'the mailbox {box} at {node} is full: {count} messages, {bytes} bytes; at most {max}',
    hint: 'let its receiver work, or throw away what is not wanted: dagent mailbox purge {box}',
    exit: 1,
    retryable: true,
  },
  E_NO_MAILBOX: {
    message: '{to} means a daemon itself, which has no mailbox: nothing durable can go there',
    hint: 'name a service: NODE:SERVICE',
    exit: 2,
  },
  E_TOO_MANY_UNSTORED: {
    message: '{count} messages of this program, {bytes} bytes, are not stored yet; at most {max}',
    hint: 'wait for what was sent before sending more',
    exit: 1,
    retryable: true,
  },
  E_TOO_MANY_MAILBOXES: {
    message: '{node} has {max} mailboxes already',
    hint: 'see which there are: dagent mailbox ls',
    exit: 1,
  },
  E_BOX_UNKNOWN: {
    message: 'at {node} nothing ever came for {box}, and nobody receives from it',
    hint: 'see what there is: dagent mailbox ls --at {node}; another node may keep it: --at NODE',
    exit: 3,
  },
  E_LETTER_UNKNOWN: {
    message: '{missing} of these are no dead letters of {box} at {node}',
    hint: 'see which there are: dagent mailbox dead {box} --at {node}',
    exit: 3,
  },
} as const satisfies Record<string, ErrorEntry>;
