/** Takes stanzas off a stream, one by one, and puts them back as a test wants them. */
import { parse } from 'ltx';
import type { Element } from 'ltx';

/** Returns the stanza as it is to arrive; undefined: not at all. */
export type AlterStanza = (stanza: Element) => Element | undefined;

export class AlteredStanzas {
  /** What does not end with a whole stanza yet; each character is a byte. */
  #pending = '';

  constructor(private readonly alter: AlterStanza) {}

  /** Takes what the server sent, and returns what is to arrive by now. */
  take(chunk: Buffer): Buffer {
    this.#pending += chunk.toString('latin1');
    let stream: Element;
    try {
      stream = parse(`<stream>${this.#pending}</stream>`);
    } catch {
      // A stanza in two pieces: it goes on with the next chunk.
      return Buffer.alloc(0);
    }
    this.#pending = '';
    const kept = stream.children.map((child) =>
      typeof child === 'string' ? child : (this.alter(child)?.toString() ?? ''),
    );
    return Buffer.from(kept.join(''), 'latin1');
  }
}
