/** How patient the XMPP connection is, and how much it takes in; the defaults and their reasons. */
import type { BackoffOptions } from '@conference/service-runtime';

/** All times in milliseconds. */
export interface ConnectionTiming {
  /** From the first packet until the handshake is accepted; then the attempt has failed. */
  readonly connectTimeoutMs: number;
  /**
   * How long what we send to ourselves may take to come back; by then a server that brings back
   * part of it shares it out to another connection, and one that brings back none never does.
   */
  readonly echoTimeoutMs: number;
  /** After so much silence of the server it is pinged (XEP-0199). */
  readonly pingAfterSilenceMs: number;
  /** Whatever arrives within this time after a ping proves life; else the socket is destroyed. */
  readonly pingTimeoutMs: number;
  /** A connection that was online for so long resets the backoff. */
  readonly stableAfterMs: number;
  /** How long `stop` waits for the server to close its side. */
  readonly stopTimeoutMs: number;
  /** Between attempts when the server is away. */
  readonly retry: BackoffOptions;
  /** Between attempts when the server said no, which time alone seldom heals. */
  readonly refusedRetry: BackoffOptions;
  /** Between attempts while another connection holds the domain: we stand by for it to end. */
  readonly conflictRetry: BackoffOptions;
}

export const DEFAULT_TIMING: ConnectionTiming = {
  connectTimeoutMs: 10_000,
  echoTimeoutMs: 2_000,
  pingAfterSilenceMs: 5_000,
  pingTimeoutMs: 5_000,
  stableAfterMs: 10_000,
  stopTimeoutMs: 2_000,
  // However long the server was away, it is found within half a second of its return.
  retry: { initialMs: 200, maximumMs: 500 },
  refusedRetry: { initialMs: 1_000, maximumMs: 60_000 },
  conflictRetry: { initialMs: 500, maximumMs: 1_000 },
};

/** What one server may make us hold in memory; past a limit of size the connection is given up. */
export interface StreamLimits {
  /** Bytes of one stanza, measured in steps of one TCP chunk. */
  readonly stanzaBytes: number;
  /** Elements in one stanza, itself included: a tree is far larger than its text. */
  readonly stanzaElements: number;
  /**
   * Nesting of elements in one stanza, itself counted as 1. What stands deeper is left out and
   * costs nobody the connection: servers pass on whatever somebody in a room nests.
   */
  readonly depth: number;
}

/**
 * The largest stanza we ask for is a list of all rooms: 100,000 of them are some 20 MB in 300,000
 * elements, each of a few hundred bytes.
 */
export const DEFAULT_LIMITS: StreamLimits = {
  stanzaBytes: 64 * 1024 * 1024,
  stanzaElements: 1_000_000,
  depth: 64,
};

/** Bytes waiting in the socket's buffer past which `send` waits until the buffer is empty. */
export const MAXIMUM_BUFFERED_BYTES = 1024 * 1024;
