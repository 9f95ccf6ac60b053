/**
 * keepalived expands definitions, repetitions and includes without end if it is told to. Each of these limits is far beyond
 * any real file and stops one that would otherwise never be read.
 */

/** keepalived's MAXBUF is 1024 with the closing zero. */
export const LINE_BYTES_MAX = 1023;
/** Lines after expansion; about a thousand instances with a hundred lines each. */
export const LINES_MAX = 100_000;
/** Files that are included, each as often as it is, and patterns that match none. */
export const FILES_MAX = 1000;
/** Bytes of one file. */
export const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** Includes, repetitions and multi-line definitions within each other. */
export const NESTING_MAX = 50;
/** Names that the braces and wildcards of one include may stand for. */
export const INCLUDE_NAMES_MAX = 1000;
