/** Limits of what programs report: series at a node, and what is told of them. See limits.ts. */
import { assert } from '../base/assert.ts';

/**
 * Series that programs report to one node. More: E_REPORT_FULL for what has another name, counted.
 * They cost 9 MB at most, and names that hold an id are found out.
 */
export const REPORT_SERIES_MAX = 1_000;
/** Length of the name of a series. Longer: E_ARGUMENT_INVALID; a name is no place for data. */
export const REPORT_NAME_LENGTH_MAX = 128;
/** Length of a unit. Longer: E_ARGUMENT_INVALID. It stands in a column. */
export const REPORT_UNIT_LENGTH_MAX = 32;
/**
 * A value, and its opposite. Beyond: E_ARGUMENT_INVALID. However many are added up, the sum is
 * still a number.
 */
export const REPORT_VALUE_MAX = 1_000_000_000_000_000;
/** Reports in one call of `report.put`. More: E_ARGUMENT_INVALID; who has more makes two calls. */
export const REPORTS_PER_CALL_MAX = 1_000;
/**
 * Buckets of one timing. More: the lowest are taken together, so that only percentiles below a
 * 600-millionth of the longest lose their precision. At 8 bytes each they take 9 kB at most.
 */
export const TIMING_BUCKETS_MAX = 1_024;
/**
 * Series that the library sends in one call. More: the next call. With all buckets of each they fit
 * a message.
 */
export const REPORT_BATCH_COUNT = 64;
/**
 * Time that reports gather in a program. Longer: they are sent; a crash loses no more than that.
 */
export const REPORT_FLUSH_MS = 1_000;
/** Time that the end of a program waits for its node to take reports. Longer: they are dropped. */
export const REPORT_CLOSE_MS = 1_000;

/**
 * Different series in one answer about a node, or all below it. More: they are left out, and
 * counted. Nodes of one kind report the same ones.
 */
export const METRICS_SERIES_MAX = 4_096;
/**
 * Series that a node holds of children which have begun to answer and are not done. More: that
 * child is named as one that could not be heard. An honest one is done within a few milliseconds.
 */
export const METRICS_HELD_MAX = 65_536;
/** One line with a series. Longer: it is not believed. One with all its buckets fits. */
export const SERIES_LINE_BYTES_MAX = 32_768;
/** Nodes that one answer names because they could not be heard. More: they are counted only. */
export const METRICS_SILENT_MAX = 1_000;
/** Time for an answer about a subtree that nobody bounds; each step down has nine tenths of it. */
export const METRICS_MS_DEFAULT = 10_000;
/**
 * Time that may be asked for. More: E_ARGUMENT_INVALID; what is told would be of different ages.
 */
export const METRICS_MS_MAX = 300_000;

/**
 * Connections at a time of who scrapes a node over HTTP (`--metrics`). More: they are closed at
 * once. A few servers scrape, each over one connection.
 */
export const METRICS_CONNECTIONS_MAX = 16;
/** The head of one HTTP request. Longer: 431, and it is closed. Those of scrapers are short. */
export const METRICS_HEAD_BYTES_MAX = 8_192;
/** Time for one HTTP request, and to read the answer. Longer: it is closed; a scrape is short. */
export const METRICS_HTTP_MS_MAX = 5_000;
/** Time that an HTTP connection stays open for the next request. Longer: it is closed. */
export const METRICS_IDLE_MS_MAX = 75_000;

assert(TIMING_BUCKETS_MAX * 17 + 4_096 < SERIES_LINE_BYTES_MAX, 'a timing in full fits its line');
