/**
 * Departures that may be a server stopping and not people leaving; each is believed only when the
 * link is still there some time later, so that a stop writes no count of zero.
 * - COMPAT(prosody 0.12): a stop ends every client's session with a status text of its own up to
 *   six seconds before the component's link goes, and the presence says nothing else. A client
 *   that sends the same text itself delays only its own departure.
 * - COMPAT(ejabberd 23.01): a stop looks exactly like connections lost, with neither 332 nor a text;
 *   the link goes 3 to 28 ms after the first of them, before all have been told. A lost connection
 *   must be seen at once all the same: it waits for some milliseconds only, and is taken back when
 *   the link goes a moment later (doubtful-departures).
 */
import type { UnavailablePresence } from '@conference/muc-stanza';
import { STATUS } from '@conference/muc-stanza';

/** Prosody waits 5 s for clients to close their streams, and one more. */
export const HOLD_MS = 8_000;

/** Short of the 50 ms within which every event must be seen. */
export const UNSAID_HOLD_MS = 20;

const STOP_TEXT = /^Disconnected: (Received SIG|Shutdown|Server is shutting down|system-shutdown)/;

/** Whether a presence looks like the server stopping. @see XEP-0045, Service Shutdown, #service-shutdown-kick */
export function looksLikeServerStop(presence: UnavailablePresence): boolean {
  return (
    presence.statusCodes.includes(STATUS.SERVICE_SHUTDOWN) ||
    STOP_TEXT.test(presence.statusText ?? '')
  );
}

/** Departures on hold, by nick. */
export class HeldDepartures {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** How many there are. */
  get size(): number {
    return this.#timers.size;
  }

  /** Whether a nick's departure is on hold. */
  has(nick: string): boolean {
    return this.#timers.has(nick);
  }

  /** Runs the departure later, unless it is dropped before. */
  hold(nick: string, depart: () => void, holdMs = HOLD_MS): void {
    this.drop(nick);
    this.#timers.set(
      nick,
      setTimeout(() => {
        this.#timers.delete(nick);
        depart();
      }, holdMs),
    );
  }

  /** Forgets one: the nick is there again. */
  drop(nick: string): void {
    clearTimeout(this.#timers.get(nick));
    this.#timers.delete(nick);
  }

  /** Forgets all: the link is gone. */
  dropAll(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
