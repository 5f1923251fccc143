/**
 * The second part of the registry of errors: what nodes answer, how they are chosen, and running a
 * daemon. See error-table.ts.
 */

export interface ErrorEntry {
  readonly message: string;
  /** What the reader can do now. */
  readonly hint?: string;
  /** Exit status of a command that ends with this error (docs/EXIT-CODES.md). */
  readonly exit: number;
  readonly retryable?: true;
}

export const NODE_ERRORS = {
  // What a service answers.
  E_NO_METHOD: {
    message: '{service} has no method {method}',
    hint: 'list them: dagent call {service} --help',
    exit: 1,
  },
  E_ARGUMENT_INVALID: { message: '{method}: {reason}', exit: 2 },
  E_REMOTE: { message: '{class} at {node}: {text}', exit: 1 },
  E_NO_VERSION: {
    message: '{service} has no {class} for who wants version {version}; it has {offered}',
    hint: 'see what there is: dagent call {service} --help',
    exit: 1,
  },
  E_NO_HISTORY: {
    message: '{at} remembers nothing of {node}',
    hint: 'a parent remembers of its children what they told it since it started: wait a minute',
    exit: 3,
    retryable: true,
  },
  E_VALUE_INVALID: {
    message: '{what} cannot travel: {reason}',
    hint: 'what can: null, booleans, numbers, texts, bytes, and lists and maps of them',
    exit: 2,
  },
  E_TOO_MANY_CALLS: {
    message: '{service} has more than {max} calls that {what}',
    hint: 'see which: dagent call {service} admin.calls',
    exit: 1,
    retryable: true,
  },
  E_CALL_UNKNOWN: {
    message: '{service} knows of no detached call {sn}',
    hint: 'it may be over for too long; see which there are: dagent call {service} admin.calls',
    exit: 3,
  },
  E_CANCELLED: { message: '{method} of {to} was cancelled', exit: 130 },
  E_NOT_UNDERSTOOD: { message: '{service} does not understand {command}', exit: 1 },
  E_TOO_MANY_SNIFFERS: {
    message: '{node} shows what passes to {max} already',
    hint: 'end one of them: dagent sniff',
    exit: 1,
    retryable: true,
  },

  // The hub.
  E_HUB_TAKEN: {
    message: 'the hub has {place} already: it is node {id}',
    hint: 'say what it can take: dagent hub set {id} N',
    exit: 1,
  },
  E_HUB_UNKNOWN: {
    message: 'the hub has no {what}',
    hint: 'see what it has: dagent hub ls; a lease ends when its time is over',
    exit: 3,
  },
  E_HUB_SHORT: {
    message: '{found} nodes have a free place, and {wanted} are wanted',
    hint: 'see who has: dagent hub ls',
    exit: 3,
    retryable: true,
  },
  E_HUB_ELSEWHERE: {
    message: 'the hub is at the top of the tree, and {node} {reason}',
    hint: 'see what it says: dagent daemon status {node}',
    exit: 5,
    retryable: true,
  },
  E_HUB_FULL: {
    message: 'the hub has {max} {what} already',
    hint: 'take out who is gone (dagent hub deregister), or give leases back',
    exit: 1,
    retryable: true,
  },

  // Copying files.
  E_CANNOT_READ: { message: 'cannot read {path}: {reason}', exit: 1 },
  E_FILE_CHANGED: {
    message: '{path} has changed while it was copied',
    hint: 'copy it again when nobody writes to it',
    exit: 1,
  },
  E_NOT_OFFERED: { message: 'what is to be copied is not offered any more', exit: 1 },
  E_BLOCK_WRONG: {
    message: '{to} has sent something else than the block that it was asked for',
    exit: 5,
    retryable: true,
  },
  E_SOURCE_LOST: {
    message: 'the source at {origin} was lost: {reason}',
    exit: 5,
    retryable: true,
  },
  E_COPY_BUSY: {
    message: 'another copy is writing {path} just now',
    hint: 'wait for it',
    exit: 1,
    retryable: true,
  },
  E_TOO_MANY_COPIES: {
    message: '{max} copies are under way here, which is the most',
    hint: 'copy less at a time',
    exit: 1,
    retryable: true,
  },
  E_TOO_MANY_ENTRIES: {
    message: 'more than {max} files and directories in one copy',
    hint: 'make an archive of them, or copy parts of them',
    exit: 1,
  },
  E_LIST_INVALID: {
    message: 'the list of files makes no sense: {reason}',
    hint: 'update the older side; if both are of one version, please report this',
    exit: 1,
  },
  E_COPY_CANCELLED: { message: 'the copy was cancelled', exit: 130 },

  // Facts of a host.
  E_PROBE_TIMEOUT: {
    message: 'the host did not tell its {class} within {ms} ms',
    hint: 'a dead network mount or a busy disk can be why; ask again, or for other classes',
    exit: 124,
    retryable: true,
  },
  E_PROBE_FAILED: { message: 'the host does not tell its {class}: {reason}', exit: 1 },
  E_ACCOUNT_UNKNOWN: {
    message: 'its host has no {kind} named {name}',
    hint: 'see which there are: dagent info NODE users --all',
    exit: 1,
  },

  // Selecting.
  E_NO_TARGET: { message: 'no node matches {selector}', hint: '{similar}', exit: 3 },
  E_EXPRESSION_INVALID: {
    message: 'not an expression: {reason}; the fields are {fields}',
    hint: 'write FIELD=PATTERN or size>10k, and join tests with and, or, not, ( )',
    exit: 2,
  },
  E_SELECTOR: { message: 'not a selector: {reason}', hint: '{place}', exit: 2 },
  E_WHERE: { message: 'not a condition on facts: {reason}', hint: '{place}', exit: 2 },
  E_NOT_JUDGED: {
    message: 'whether the condition holds is not known: {nodes} could not be asked',
    hint: 'see whether they are up: dagent tree',
    exit: 5,
    retryable: true,
  },
  E_NO_LAST_RUN: {
    message: 'no run over several nodes is remembered in {home}',
    hint: 'exec, ping, info, call and cp over several nodes are: then @last means their targets',
    exit: 3,
  },
  E_TARGET_COUNT: {
    message: '{count} targets match, and {expected} are expected',
    hint: 'see which they are: dagent targets',
    exit: 3,
  },
  E_NOT_CONFIRMED: {
    message: '{count} targets are many, and nobody can be asked',
    hint: 'if all of them are meant: --yes, or --expect-count {count}',
    exit: 2,
  },
  E_PLAN_UNKNOWN: {
    message: 'there is no plan {id} in {home}',
    hint: 'make one: dagent exec --dry-run TARGET COMMAND',
    exit: 3,
  },
  E_DECLINED: { message: 'nothing was started', exit: 1 },
  E_INTERRUPTED: { message: 'interrupted before anything was started', exit: 130 },
  E_USAGE: { message: '{reason}', exit: 2 },

  // Jobs.
  E_JOB_UNKNOWN: {
    message: 'there is no job {id} on {node}',
    hint: 'see which there are: dagent job ls --all',
    exit: 3,
  },
  E_JOB_RUNS: {
    message: 'the job {id} still runs',
    hint: 'end it: dagent job cancel {id}; or wait for it: dagent job wait {id}',
    exit: 1,
  },
  E_JOB_REFUSED: {
    message: '{node} takes no job: {reason}',
    hint: 'see which it has: dagent job ls {node}',
    exit: 125,
    retryable: true,
  },
  E_JOB_TAKEN: {
    message: 'this key has been used for the job {id}, which ran something else: {command}',
    hint: 'use another key for another command',
    exit: 1,
  },
  E_JOB_NOWHERE: {
    message: 'no node has the job {id}',
    hint: 'see which there are: dagent job ls --all',
    exit: 3,
  },
  E_JOB_UNWATCHED: {
    message: 'the job {id} is not watched any more: {reason}',
    hint: 'it goes on; to see it again: dagent job attach {id}',
    exit: 6,
    retryable: true,
  },
  E_JOB_LATE: {
    message: 'the job {id} has not ended within {ms} ms',
    hint: 'it goes on: dagent job attach {id}',
    exit: 124,
  },

  // Running a daemon.
  E_DAEMON_RUNNING: {
    message: 'a daemon named {name} is running already (pid {pid})',
    hint: 'stop it: dagent daemon stop {name}; or choose another name: --name NAME',
    exit: 1,
  },
  E_DAEMON_UNKNOWN: {
    message: 'no daemon named {name} in {home}',
    hint: 'see which there are: dagent daemon ls',
    exit: 3,
  },
  E_DAEMON_AMBIGUOUS: {
    message: 'several daemons in {home}: {names}',
    hint: 'name one of them',
    exit: 2,
  },
  E_LISTEN: { message: 'cannot listen on {url}: {reason}', exit: 1 },
  E_INSECURE: {
    message: '{url} is not on loopback, and what goes there is not encrypted',
    hint: 'say --insecure if the network is trusted',
    exit: 2,
  },
  E_SOCKET_PATH: {
    message: 'the socket path {path} has {bytes} bytes; the system allows {max}',
    hint: 'use a shorter home: --home DIR',
    exit: 2,
  },
  E_UPLINK_TIMEOUT: {
    message: 'no parent answered within {ms} ms: {reason}',
    hint: 'is the parent running, its URL right, and has it room for a child?',
    exit: 6,
    retryable: true,
  },
  E_STATE_BROKEN: { message: 'cannot read {path}: {reason}', exit: 1 },
  E_CANNOT_WRITE: {
    message: 'cannot write {path}: {reason}',
    hint: 'make room on that disk; or see who may write there, or name another place',
    exit: 1,
  },
  E_STORE_FULL: {
    message: 'no room to store anything at {path}: {reason}',
    hint: 'make room on that disk; what is stored is kept, and new messages are taken again then',
    exit: 1,
    retryable: true,
  },
  E_STORE_WRITE: {
    message: 'cannot write to the store at {path}: {reason}',
    hint: 'look at that disk; what is stored is kept',
    exit: 1,
    retryable: true,
  },
  E_STORE_VERSION: {
    message: 'the store at {path} is of version {version}; this dagent knows {known}',
    hint: 'use the dagent that wrote it, or one that is newer',
    exit: 1,
  },
  E_STOP_TIMEOUT: { message: '{name} (pid {pid}) did not stop within {ms} ms', exit: 124 },
  E_INTERNAL: { message: 'internal error: {reason}', hint: 'please report this', exit: 125 },
} as const satisfies Record<string, ErrorEntry>;
