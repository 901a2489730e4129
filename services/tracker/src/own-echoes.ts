/**
 * Whether everything for the component comes to this connection. A server may let a second
 * connection of the same domain in and share out between the two, also where the one before has
 * just died and it does not know yet: then half of what rooms tell would go nowhere, unnoticed.
 *
 * COMPAT(ejabberd 23.01): it does, by chance for each stanza. Prosody answers `conflict`. Shown by
 * the scenario "a connection that shares the component is given up".
 */
import { randomUUID } from 'node:crypto';
import type { Element } from 'ltx';
import { selfPingText } from './stream-text.js';

/** So many that all of them come back by chance once in a million times. */
const ECHOES = 20;

/** A stanza is none of ours; all have not come back yet; they have; one of them went elsewhere. */
export type EchoState = 'foreign' | 'waiting' | 'complete' | 'missing';

export class OwnEchoes {
  readonly #ids: readonly string[] = Array.from({ length: ECHOES }, () => randomUUID());
  #heard = 0;

  constructor(private readonly domain: string) {}

  /** The pings to ourselves (XEP-0199), to be written once in one piece. */
  get text(): string {
    return this.#ids.map((id) => selfPingText(this.domain, id)).join('');
  }

  /** Whether any has come back: a server that brings back none cannot be judged. */
  get hasHeardAny(): boolean {
    return this.#heard > 0;
  }

  /** Takes each stanza in the order of the stream: the pings come back in theirs, or as errors. */
  hear({ name, attrs }: Element): EchoState {
    const place = name === 'iq' ? this.#ids.indexOf(attrs['id'] ?? '') : -1;
    if (place === -1) return 'foreign';
    if (place !== this.#heard) return 'missing';
    this.#heard += 1;
    return this.#heard === ECHOES ? 'complete' : 'waiting';
  }
}
