/**
 * The registry of what the world can do to us. Each entry: a sentence with the values in braces,
 * what to do about it, the exit status of a command that ends with it, and whether trying again can
 * help. docs/ERRORS.md is made from it (`npm run docs`); a test compares.
 */
import { MAILBOX_ERRORS } from './error-table-mailbox.ts';
import { type ErrorEntry, NODE_ERRORS } from './error-table-nodes.ts';
import { PLUGIN_ERRORS } from './error-table-plugins.ts';
import { SERIES_ERRORS } from './error-table-series.ts';

export type { ErrorEntry };

export const ERRORS = {
  // Reaching the mesh.
  E_NO_DAEMON: {
    message: 'no daemon is running in {home}',
    hint: 'start one: dagent daemon start',
    exit: 6,
    retryable: true,
  },
  E_HOME_DENIED: {
    message: 'this user may not read {path}',
    hint: 'run it as the user whose daemons they are, or name a home of your own: --home DIR',
    exit: 4,
  },
  E_VIA_UNKNOWN: {
    message: 'no daemon named {via} is running in {home}',
    hint: 'see which are: dagent daemon ls',
    exit: 6,
  },
  E_CONNECT: {
    message: 'cannot connect to {url}: {reason}',
    hint: 'is a daemon running there, and is the URL right?',
    exit: 6,
    retryable: true,
  },
  E_CONNECT_DENIED: {
    message: 'this user may not connect to {url}',
    hint: 'run it as the user whose daemon it is, or name one of your own: --via, --home',
    exit: 4,
  },
  E_CONNECTION_LOST: {
    message: 'the connection to {node} was lost: {reason}',
    exit: 6,
    retryable: true,
  },
  E_URL_INVALID: {
    message: 'not a URL that can be dialled or listened on: {url} ({reason})',
    hint: 'use cd://HOST:PORT for TCP, cd:/PATH for a Unix socket, ssh://HOST/PATH for one there',
    exit: 2,
  },
  E_SSH_HOST_KEY: {
    message: 'the host key of {host} is not trusted: {key} {reason}',
    hint: '{advice}',
    exit: 4,
  },
  E_SSH_AUTH: {
    message: 'the sshd of {host} does not take {user} in: {reason}',
    hint: 'load the key into the agent (ssh-add), and allow it there (ssh-copy-id)',
    exit: 4,
  },

  // Handshake and links.
  E_NOT_OURS: {
    message: 'the other side does not speak the protocol of dagent',
    hint: 'check the URL: something else listens there',
    exit: 6,
  },
  E_FRAME_INVALID: {
    message: 'a frame is malformed: {reason}',
    hint: 'update the older side; if both are of one version, please report this',
    exit: 6,
  },
  E_FRAME_TOO_LONG: {
    message: 'a frame of {bytes} bytes is longer than {max}',
    hint: 'update the older side; if both are of one version, please report this',
    exit: 6,
  },
  E_FRAME_UNEXPECTED: {
    message: 'a frame of kind {frame} has no place in state {state}',
    hint: 'update the older side; if both are of one version, please report this',
    exit: 6,
  },
  E_VERSION: {
    message: 'no common protocol version: here {here}, there {there}',
    hint: 'update the older side',
    exit: 6,
  },
  E_REALM: {
    message: 'this realm is {here}, the other side belongs to {there}',
    hint: 'a node belongs to one realm: use a parent of its own, or another home',
    exit: 4,
  },
  E_HANDSHAKE_TIMEOUT: { message: 'no handshake within {ms} ms', exit: 6, retryable: true },
  E_HOLD_TIME: { message: 'nothing was heard for {ms} ms', exit: 6, retryable: true },
  E_BUSY: {
    message: 'too many want to be let in at {node}: come again in {retryAfterMs} ms',
    exit: 6,
    retryable: true,
  },
  E_FULL: {
    message: '{node} has as many children as it takes ({max})',
    hint: 'choose another parent, or raise its --max-children',
    exit: 6,
    retryable: true,
  },
  E_PLACE_GIVEN: {
    message: '{node} is full, and gave the place to {child}, which takes children itself',
    hint: 'it finds a place below another one; if not: raise the --max-children of {node}',
    exit: 6,
    retryable: true,
  },
  E_SLOW_PEER: {
    message: 'the other side does not read: {bytes} bytes were waiting (at most {max})',
    exit: 6,
    retryable: true,
  },
  E_LEAF_PARENT: {
    message: '{node} is a leaf and takes no children',
    hint: 'choose an agent or the root as parent',
    exit: 6,
  },
  E_LOOP: {
    message: '{node} is below {child} already, so it cannot be its parent',
    hint: 'choose a parent that is not in its own subtree',
    exit: 6,
  },
  E_PEER_IS_KIN: {
    message: '{node} is {kin} {here}, so it cannot be its peer',
    hint: 'leave out this --peer: they reach each other already',
    exit: 6,
  },
  E_PEER_LINKED: {
    message: '{here} and {there} are linked as peers already',
    exit: 6,
    retryable: true,
  },
  E_PARENT_CUT_OFF: {
    message: '{node} has had no way to the root for {ms} ms, and there are other parents',
    exit: 6,
    retryable: true,
  },
  E_LEAVING: { message: '{node} is shutting down', exit: 6, retryable: true },
  E_REPLACED: {
    message: '{node} connected anew',
    hint: 'if two daemons run with one name and one key, stop one of them',
    exit: 6,
  },
  E_TOO_MANY_NODES: {
    message: 'more than {max} nodes',
    hint: 'give some branches of the tree a root of their own',
    exit: 6,
  },

  // Names.
  E_NAME_INVALID: {
    message: '{name} cannot be a name',
    hint: 'use letters, digits, ".", "_" and "-", at most 63 of them',
    exit: 2,
  },
  E_NAME_TAKEN: {
    message: 'the name {name} is taken by the node at {where}; the one at {other} cannot have it',
    hint: 'choose another: --name NAME',
    exit: 1,
  },
  E_ID_TAKEN: {
    message: '{name} was started later, with the same id, at {where}: the one at {other} has to go',
    hint: 'was a home copied? Stop one of the two: a copy needs a home and a name of its own',
    exit: 1,
  },
  E_SERVICE_TAKEN: {
    message: 'the service {service} is registered on {node} already',
    hint: 'stop the other one, or choose another name',
    exit: 1,
  },
  E_TOO_MANY_SERVICES: {
    message: 'more than {max} services on one connection',
    hint: 'register the rest on another connection',
    exit: 1,
  },
  E_TOO_MANY_TOPICS: {
    message: 'more than {max} patterns of topics on one node',
    hint: 'subscribe to a wider pattern, such as orders.>',
    exit: 1,
  },
  E_TOPIC_INVALID: {
    message: 'not a topic: {topic}',
    hint: 'topics are words with dots between, such as orders.eu.paid; patterns may have * and >',
    exit: 2,
  },
  E_ADDRESS_INVALID: {
    message: 'not an address: {address}',
    hint: 'use NODE:SERVICE, SERVICE for the nearest, or NODE: for its daemon',
    exit: 2,
  },
  E_BROADCAST: {
    message: '{to} means many: nothing that has one outcome can go there',
    hint: 'send it a message without asking for an answer, or name one service: NODE:SERVICE',
    exit: 2,
  },

  // Delivery.
  E_UNREACHABLE: {
    message: '{to} cannot be reached: {node} {reason}',
    exit: 5,
    retryable: true,
  },
  E_LOST: {
    message: '{to} was lost while it worked: {node} {reason}',
    exit: 5,
    retryable: true,
  },
  E_STREAM_BROKEN: {
    message: 'a piece of what {to} sent or was sent is missing: the way there broke in between',
    hint: 'try again',
    exit: 5,
    retryable: true,
  },
  E_NO_SERVICE: {
    message: '{node} has no service {service}',
    hint: 'see what there is: dagent services',
    exit: 5,
  },
  E_NAME_UNKNOWN: {
    message: '{node} publishes no name {service}',
    hint: 'see all: dagent names; those of another node of this host: --via NODE',
    exit: 3,
  },
  E_HOP_LIMIT: {
    message: '{to} was not reached within {max} hops: {node} was the last',
    hint: 'see how deep it is: dagent tree',
    exit: 5,
  },
  E_DEADLINE: { message: 'no reply from {to} within {ms} ms', exit: 124, retryable: true },
  E_DROPPED: {
    message: 'dropped at {node}: the receiver {to} does not keep up',
    exit: 5,
    retryable: true,
  },
  E_EXPIRED: {
    message: '{to} was away for {ms} ms, for which {node} kept the message',
    hint: 'allow more time: --cache 1h',
    exit: 5,
    retryable: true,
  },
  E_KEPT: {
    message: '{to} is away, and not back within {ms} ms: {node} keeps the message',
    hint: 'it arrives when {to} is back: do not send it again',
    exit: 124,
  },
  E_CACHE_FULL: {
    message: '{node} keeps too much for {to}: newer messages took the place of this one',
    hint: 'wait until {to} has each: --wait; or keep them on disk: --durable',
    exit: 5,
    retryable: true,
  },
  E_MESSAGE_INVALID: {
    message: 'not a message: {reason}',
    hint: 'write {"to": ADDRESS, "command": TEXT, "params": {...}, "data": TEXT}, on one line',
    exit: 2,
  },
  E_TOO_LARGE: { message: '{what} has {bytes} bytes; at most {max} are allowed', exit: 2 },
  E_TOO_MANY_REQUESTS: {
    message: 'more than {max} requests are unanswered on this connection',
    exit: 1,
    retryable: true,
  },
  E_FORGED_SOURCE: {
    message: 'the source of an envelope is not its sender',
    hint: 'send under the name that this connection has registered',
    exit: 4,
  },

  // Flags.
  E_TOO_MANY_FLAGS: {
    message: 'the flag {flag} is not raised: {max} are up on this node',
    hint: 'lower those that are over: dagent flag ls, dagent flag lower',
    exit: 1,
    retryable: true,
  },
  E_FLAG_UNKNOWN: {
    message: 'no flag {flag} is up on {where}',
    hint: 'see which are: dagent flag ls',
    exit: 3,
  },

  ...MAILBOX_ERRORS,
  ...NODE_ERRORS,
  ...PLUGIN_ERRORS,
  ...SERIES_ERRORS,
} as const satisfies Record<string, ErrorEntry>;
