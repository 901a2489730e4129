/**
 * Text of an XML stream → its top-level elements, within limits. It stands in for the library's
 * own parser, which has no limits, keeps the white space between stanzas for ever, and builds its
 * trees of another copy of ltx's Element than the rest of the project uses.
 */
import { EventEmitter } from 'node:events';
import { ConferenceError } from '@conference/muc';
import { Element } from 'ltx';
import SaxLtx from 'ltx/src/parsers/ltx.js';
import type { StreamLimits } from './connection-timing.js';

/** Why a stream cannot be read on: the stream error to answer with, and a sentence for people. */
export interface StreamViolation {
  readonly condition: 'bad-format' | 'policy-violation';
  readonly reason: string;
  /** What the tokeniser threw, if it did. */
  readonly cause?: unknown;
}

/** The events that the library expects of a parser. */
interface StreamParserEvents {
  /** The stream header: the root element without children. */
  start: [root: Element];
  /** A complete child of the root; its `parent` is the root, which does not list it. */
  element: [element: Element];
  /** The root is closed. */
  end: [root: Element];
  /** Part of the library's interface; what is wrong is returned by `write` instead. */
  error: [error: Error];
}

export class StreamParser extends EventEmitter<StreamParserEvents> {
  readonly #sax = new SaxLtx();
  #root: Element | undefined;
  /** The open element below the root in which the text stands now. */
  #cursor: Element | undefined;
  /** What came after the last `>`, piece by piece. */
  #heldBack: string[] = [];
  #isOver = false;
  #violation: StreamViolation | undefined;
  #depth = 0;
  /** Names of the open elements that stand too deep to be kept. */
  readonly #pruned: string[] = [];
  #elements = 0;
  #stanzaBytes = 0;

  constructor(private readonly limits: StreamLimits) {
    super();
    this.#sax.on('startElement', (name, attrs) => this.#startElement(name, attrs));
    this.#sax.on('endElement', (name) => this.#endElement(name));
    this.#sax.on('text', (text) => this.#text(text));
  }

  /**
   * Reads on, and emits synchronously, in the order of the stream, what is complete. Text after
   * the end or after a violation is ignored.
   * @returns what is wrong with the stream, or undefined.
   */
  write(text: string): StreamViolation | undefined {
    if (this.#isOver) {
      return undefined;
    }
    this.#stanzaBytes += Buffer.byteLength(text);
    try {
      this.#readOn(text);
      this.#checkSize();
      return undefined;
    } catch (cause) {
      this.#isOver = true;
      return this.#violation ?? { ...notWellFormed('an unknown entity or character'), cause };
    }
  }

  /** Emits nothing more, not even the rest of the text that is being written. */
  stop(): void {
    this.#isOver = true;
  }

  /**
   * Gives the tokeniser whole pieces that end with `>`. An unfinished text would cost it quadratic
   * time, and the end of a declaration, comment or CDATA section it misses when it is cut in two.
   */
  #readOn(text: string): void {
    const end = text.lastIndexOf('>') + 1;
    if (end === 0) {
      this.#heldBack.push(text);
      return;
    }
    const whole = this.#heldBack.join('') + text.slice(0, end);
    this.#heldBack = [text.slice(end)];
    this.#sax.write(whole);
  }

  #startElement(name: string, attrs: Record<string, string>): void {
    if (this.#isOver) {
      return;
    }
    if (this.#root === undefined) {
      const element = new Element(name, attrs);
      this.#root = element;
      this.#stanzaBytes = 0;
      this.emit('start', element);
      return;
    }
    this.#elements += 1;
    if (this.#elements > this.limits.stanzaElements) {
      this.#fail(tooMuch(`a stanza of more than ${this.limits.stanzaElements} elements`));
    }
    if (this.#depth >= this.limits.depth) {
      this.#pruned.push(name);
      return;
    }
    this.#depth += 1;
    const element = new Element(name, attrs);
    if (this.#cursor === undefined) {
      element.parent = this.#root;
    } else {
      this.#cursor.append(element);
    }
    this.#cursor = element;
  }

  #endElement(name: string): void {
    if (this.#isOver) {
      return;
    }
    const pruned = this.#pruned.pop();
    const element = this.#cursor ?? this.#root;
    if ((pruned ?? element?.name) !== name || element === undefined) {
      this.#fail(notWellFormed('an element that is not closed'));
    }
    if (pruned !== undefined) return;
    if (this.#cursor === undefined) {
      this.#isOver = true;
      this.emit('end', element);
      return;
    }
    this.#depth -= 1;
    if (this.#depth > 0) {
      this.#cursor = element.parent ?? undefined;
      return;
    }
    this.#cursor = undefined;
    this.#elements = 0;
    this.#stanzaBytes = 0;
    this.emit('element', element);
  }

  #text(text: string): void {
    if (!this.#isOver && this.#pruned.length === 0) {
      this.#cursor?.append(text);
    }
  }

  #checkSize(): void {
    if (this.#stanzaBytes > this.limits.stanzaBytes) {
      this.#fail(tooMuch(`a stanza of more than ${this.limits.stanzaBytes} bytes`));
    }
  }

  /** Leaves the tokeniser, which cannot be asked to stop, and so `write`. */
  #fail(violation: StreamViolation): never {
    this.#violation = violation;
    throw new ConferenceError('protocol-violation', violation.reason);
  }
}

function tooMuch(what: string): StreamViolation {
  return { condition: 'policy-violation', reason: `the server sent ${what}` };
}

function notWellFormed(what: string): StreamViolation {
  return {
    condition: 'bad-format',
    reason: `the server sent XML that is not well-formed: ${what}`,
  };
}
