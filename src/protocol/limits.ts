/**
 * Every limit of the wire and of the router: unit in the name, the reason here, and what happens
 * there. docs/LIMITS.md lists them; a test compares the two and hits each one.
 */
import { assert } from '../base/assert.ts';
import { EXEC_ARGV_BYTES_MAX, EXEC_ENV_BYTES_MAX, EXEC_SCRIPT_BYTES_MAX } from './limits-exec.ts';
import { FILE_ASKED_MAX } from './limits-files.ts';
import { MAP_NAMES_MAX } from './limits-local.ts';
import { PLUGIN_LINE_BYTES_MAX } from './limits-plugins.ts';

export * from './limits-calls.ts';
export * from './limits-client.ts';
export * from './limits-exec.ts';
export * from './limits-files.ts';
export * from './limits-flags.ts';
export * from './limits-hub.ts';
export * from './limits-job.ts';
export * from './limits-links.ts';
export * from './limits-local.ts';
export * from './limits-mailbox.ts';
export * from './limits-outcome.ts';
export * from './limits-plugins.ts';
export * from './limits-roster.ts';
export * from './limits-series.ts';
export * from './limits-statistics.ts';
export * from './limits-top.ts';

/**
 * A frame, its length field included. Longer: the link closes with E_FRAME_TOO_LONG. Large enough
 * for a message of 1 MiB with its head; small enough that one frame cannot hold much memory.
 */
export const FRAME_BYTES_MAX = 1_179_648;

/**
 * The body of one message. Longer: the sender gets E_TOO_LARGE before anything is sent. What is
 * larger goes as a stream, which costs nobody on its way more than a piece of it.
 */
export const BODY_BYTES_MAX = 1_048_576;

/**
 * The head of one envelope (names, command, parameters). Longer: the sender gets E_TOO_LARGE. The
 * prefix has 16 bits for its length.
 */
export const HEAD_BYTES_MAX = 65_535;

/** Nodes an envelope may pass. More: E_HOP_LIMIT. A tree deeper than this is a mistake. */
export const HOPS_MAX = 64;

/** Length of a node's or a service's name. Longer: E_NAME_INVALID. It is a DNS label's length. */
export const NAME_LENGTH_MAX = 63;

/**
 * Nodes that one router knows. More: the advert is refused with E_TOO_MANY_NODES. At about 1 kB
 * each they cost a root 200 MB, and nobody has more hosts below one root.
 */
export const NODES_MAX = 200_000;

/**
 * Services that one connection, and so one node's process, may register. More: E_TOO_MANY_SERVICES.
 * Their names travel in one advert, which must stay small.
 */
export const SERVICES_PER_LINK_MAX = 1_024;

/** Labels of one node. More: E_USAGE at its start. They travel with every word about it. */
export const LABELS_MAX = 32;
/** Length of a label's value. Longer: E_USAGE. It is to be read in a table, and to be typed. */
export const LABEL_LENGTH_MAX = 63;

/** URLs at which a node says it can be dialled. More are left out: a few ways in are enough. */
export const URLS_PER_NODE_MAX = 8;
/** Length of such a URL. Longer ones are left out. */
export const URL_LENGTH_MAX = 255;

/**
 * Patterns of topics that the programs of one node subscribe to. More: E_TOO_MANY_TOPICS. Each is
 * known along the whole way to the top.
 */
export const TOPICS_PER_NODE_MAX = 256;
/** Length of a topic or a pattern of topics. Longer: E_TOPIC_INVALID. */
export const TOPIC_LENGTH_MAX = 255;

/**
 * Patterns that a node keeps of its parent's word. More: it passes all events up until the link
 * ends. So a leaf's memory is bounded, and what others subscribe to costs it traffic at most.
 */
export const WANTED_PATTERNS_MAX = 65_536;
/** Patterns in one INTEREST frame. More go in further ones, each of them below BODY_BYTES_MAX. */
export const INTEREST_PATTERNS_MAX = 1_000;
/** Topics whose links a router remembers. More: all are forgotten, and looked up when they come. */
export const TOPIC_MEMO_MAX = 4_096;

/**
 * Numbers of one sender of broadcasts and events that are remembered one by one. What is older is
 * dropped as a duplicate: it came by a way that is this much slower than another one.
 */
export const DUPLICATE_NUMBERS = 1_024;
/**
 * Senders whose numbers are remembered, at least. More: those are forgotten that were not heard of
 * for longest. Each is a program; at about 400 bytes they cost a node 7 MB at most.
 */
export const DUPLICATE_SENDERS_MAX = 8_192;
/**
 * Time that a sender is remembered after it was last heard of. Then it is forgotten: no way through
 * the tree takes that long, queues included.
 */
export const DUPLICATE_MS = 60_000;

/**
 * Requests one link may have unanswered. More: E_TOO_MANY_REQUESTS for the new one. Each is an
 * entry in memory until it ends, and a caller that waits for so many has lost control of itself.
 */
export const PENDING_PER_LINK_MAX = 65_536;

/**
 * Time a request waits for its reply unless it says otherwise. Longer: E_DEADLINE. A person still
 * waits for it, and most work on one host is done by then.
 */
export const REQUEST_MS_DEFAULT = 30_000;
/** Longest time a request may ask for. More is cut to it: what takes over a day is a job. */
export const REQUEST_MS_MAX = 86_400_000;

/**
 * Bytes a stream may have on its way without the receiver's credit. Then its sender waits. It
 * bounds what a slow reader costs the nodes in between.
 */
export const STREAM_WINDOW_BYTES = 262_144;
/** Largest piece of a stream in one frame. More is cut: a long transfer never holds up a link. */
export const STREAM_CHUNK_BYTES = 32_768;

/**
 * Queue of a link at which its local senders are paused. They go on when it is empty: the distance
 * keeps them from being stopped and started with every frame.
 */
export const QUEUE_HIGH_BYTES = 1_048_576;
/**
 * Queue of a link at which messages to it are dropped, counted, with E_DROPPED for who asked. One
 * that does not read must not cost the others their memory; requests still pass.
 */
export const QUEUE_DROP_BYTES = 8_388_608;
/**
 * Queue of a link at which it is closed with E_SLOW_PEER. It has not read for too long to return.
 */
export const QUEUE_CLOSE_BYTES = 67_108_864;

/**
 * Messages and requests from one program to one service of its node, and milliseconds that they may
 * take, after which the two get a direct connection. Fewer go through the daemon: a connection
 * costs as much as a hundred of them.
 */
export const DIRECT_AFTER_COUNT = 1_000;
export const DIRECT_WITHIN_MS = 1_000;
/**
 * Time for which a direct connection that broke, or was refused, is not tried again. All goes
 * through the daemon meanwhile: who comes back does so within it.
 */
export const DIRECT_RETRY_MS = 1_000;
/**
 * Direct connections that a program opens, and that it takes. More: all that comes then goes
 * through the daemon. Each is a file descriptor at both ends.
 */
export const DIRECT_CONNECTIONS_MAX = 64;

/** Time a lost node is remembered as lost. Then it is forgotten: people have seen it go. */
export const LOST_NODE_MS = 60_000;

/**
 * Time adverts are gathered before they go up. A burst of changes then costs one frame per link.
 */
export const ADVERT_DELAY_MS = 10;

/**
 * Time after which a sequence number that has not come is asked for again. It takes a round trip
 * through the tree, and without it some ways are not taken, but no frame goes astray.
 */
export const REFRESH_MS = 1_000;

/**
 * Returns of a neighbour after which its next ones are told later: by twice the shortest hold, and
 * by twice as long each time, up to the longest. It begins anew once it has been steady for
 * twice the longest. A line that breaks again and again must not keep the whole tree busy; who
 * restarts a node a few times notices nothing.
 */
export const FLAPS_MAX = 5;
export const FLAP_HOLD_MS_MIN = 100;
export const FLAP_HOLD_MS_MAX = 5_000;

/**
 * Time for which a node that is known, but not below which child, is to be told so. Later it is not
 * told until it joins anew. The word about its parents is mostly a moment behind, but a link that
 * stalls for less than its hold time may keep it for that long at each hop.
 */
export const JOINED_HOLD_MS = 60_000;

/**
 * Nodes of which a neighbour hears at a time; of more it hears ADVERT_DELAY_MS later, once its link
 * keeps up. A frame of them is below FRAME_BYTES_MAX, and a tree of any size never fills a queue.
 */
export const ADVERT_RECORDS_MAX = 500;

/**
 * Bytes of a Unix socket's path that Linux takes (unix(7): 108 with the final zero). Longer:
 * E_SOCKET_PATH.
 */
export const SOCKET_PATH_BYTES_MAX = 107;
/** Time that a connection that the daemon closes has to drain. Then it is cut. */
export const STOP_GRACE_MS = 2_000;

/**
 * Events that a node keeps for those who ask what has been. Of more, the oldest is forgotten: about
 * a megabyte, and an hour of a large tree that is in trouble.
 */
export const EVENTS_KEPT_MAX = 4_096;
/** Time in which the losses of a node are counted. Older ones are over: it has settled since. */
export const FLAP_WINDOW_MS = 600_000;
/** Losses of one node that are counted in that time. More are not: it flaps, that is clear. */
export const FLAPS_COUNTED_MAX = 100;

/**
 * Length of an expression that chooses records, in characters. Longer: E_EXPRESSION_INVALID. Nobody
 * types more, and a node evaluates it for all that passes.
 */
export const EXPRESSION_LENGTH_MAX = 1_024;
/**
 * Facts of one class, as JSON, that a node tells to who asks many. Longer: it tells their hash, so
 * that what many have in common crosses once; a second question costs about as much as these.
 */
export const FACTS_INLINE_BYTES = 256;

/**
 * Who sniffs at one node at a time. More: E_TOO_MANY_SNIFFERS. Each has a filter that all that
 * passes goes through.
 */
export const SNIFFERS_MAX = 16;
/**
 * Records that one who sniffs can ask for in a second. More are not shown, and counted: a terminal
 * takes less, and what is shown must not be more work than what is done.
 */
export const SNIFF_RATE_MAX = 5_000;
/**
 * Envelopes that a node looks at for those who sniff, in a second. More are not looked at, and
 * counted: it is there to route them.
 */
export const SNIFF_LOOKS_PER_SECOND = 50_000;
/**
 * Bytes of data that are shown of one envelope. More are cut: it shows what is in it, it is no
 * copy.
 */
export const SNIFF_DATA_BYTES_MAX = 1_024;
/**
 * Exchanges whose outcome is waited for by those who sniff. Of more, the oldest is forgotten: its
 * outcome comes without a latency.
 */
export const SNIFF_EXCHANGES_MAX = 4_096;

/**
 * Names that one selector may spell out: `web[1-40]` has 40. More: E_SELECTOR. No tree has more
 * nodes, and a slip of the keyboard must not fill the memory.
 */
export const SELECTOR_NAMES_MAX = 200_000;
/** Parentheses and `not` within each other. More: E_SELECTOR. Each costs a place on the stack. */
export const SELECTOR_DEPTH_MAX = 64;
/**
 * Text of a selector that is sent to the top, which then sends back those nodes only. Longer: all
 * nodes are fetched and it is worked out by who asks. Only long lists of odd names come to that.
 */
export const SELECTOR_BYTES_MAX = 262_144;
/**
 * A file, or stdin, that names targets. Longer: E_TOO_LARGE. It holds as many of the longest names
 * as there can be nodes.
 */
export const TARGETS_FILE_BYTES_MAX = 16_777_216;
/**
 * The targets and verdicts of the last run, in their short form. More: that run is not remembered,
 * and @last is E_NO_LAST_RUN. Every run over nodes that are numbered fits, and 100,000 odd names.
 */
export const LAST_RUN_BYTES_MAX = 4_194_304;
/**
 * One line of a watch or of a list of nodes. Longer: it is not believed, and what a child says on
 * its watch is not heard any more. The status of a node with all its services and labels fits.
 */
export const STATUS_LINE_BYTES_MAX = 131_072;

assert(BODY_BYTES_MAX + HEAD_BYTES_MAX < FRAME_BYTES_MAX - 1024, 'a full message fits a frame');
assert(SELECTOR_BYTES_MAX < BODY_BYTES_MAX / 2, 'a selector fits a call');
assert(
  EXEC_ARGV_BYTES_MAX + EXEC_ENV_BYTES_MAX + EXEC_SCRIPT_BYTES_MAX < BODY_BYTES_MAX - 16_384,
  'all that can be asked of exec fits a call',
);
assert(STREAM_CHUNK_BYTES < STREAM_WINDOW_BYTES, 'a window holds more than one chunk');
assert(
  FILE_ASKED_MAX * STREAM_WINDOW_BYTES <= QUEUE_DROP_BYTES / 2,
  'blocks that a neighbour may send ahead leave room for messages',
);
assert(QUEUE_HIGH_BYTES < QUEUE_DROP_BYTES, 'senders are paused before anything is dropped');
assert(QUEUE_DROP_BYTES < QUEUE_CLOSE_BYTES, 'messages are dropped before the link is closed');
assert(SERVICES_PER_LINK_MAX <= MAP_NAMES_MAX / 2, 'the names of a node fit its map');
assert(PLUGIN_LINE_BYTES_MAX > BODY_BYTES_MAX * 1.4, 'a full message in base64 fits a line');
